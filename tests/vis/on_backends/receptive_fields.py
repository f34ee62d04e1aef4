"""Receptive fields: published constants, and what really changes in each unit when a pixel does."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import keras
import numpy as np
from keras import layers, tree
from trial import for_each
from zoo import MODELS, floats

from trainvis.vis.graph import ALL
from trainvis.vis.network import Network, NetworkError
from trainvis.vis.receptive import Field, box, picture_input, receptive_field, receptive_fields


def network(*members: Any, shape: tuple[int, ...] = (13, 16, 1)) -> Network:
    keras.backend.clear_session()  # names count from the start
    keras.utils.set_random_seed(4)
    model = keras.Sequential([keras.Input(shape), *members])
    return Network(model, floats(1, *shape))


def seen(net: Network, inputs: list[np.ndarray], number: int) -> dict[str, np.ndarray]:
    """For each leaf whether its units (spread, channels too) change with each place of the input: units × places."""
    picture = inputs[number][:1]
    first = net.sites.leaves[0].channels_first and picture.ndim == 4
    places = picture.shape[2:] if first else picture.shape[1:-1]
    count = int(np.prod(places))
    pixels = np.eye(count, dtype=picture.dtype).reshape(count, *places)
    pixels = pixels[:, None] if first else pixels[..., None]
    found: dict[str, np.ndarray] = {}
    for push in (7.0, -7.0, 0.5):
        batch = np.concatenate([picture, picture + push * pixels])
        given = [batch if at == number else np.repeat(one[:1], len(batch), 0) for at, one in enumerate(inputs)]
        values = net.call(("seen",), lambda *tensors: net.run(tensors, taps=ALL).values, *given)
        for path, each in values.items():
            each = np.asarray(each, np.float64)
            flat = np.abs(each[1:] - each[:1]) > 1e-4 * np.abs(each).max()
            found[path] = found.get(path, False) | flat
    return {path: np.moveaxis(each, 0, -1).reshape(*each.shape[1:], *places) for path, each in found.items()}


def refused(net: Network, path: str, number: int | None) -> str:
    """What is said where there is no receptive field."""
    try:
        return f"it has one: {receptive_field(net, path, number)}"
    except NetworkError as error:
        return str(error)


def bounds(mask: np.ndarray) -> list[tuple[int, int]]:
    """First and last (exclusive) of each axis that is somewhere true."""
    found = []
    for axis in range(mask.ndim):
        along = np.flatnonzero(mask.any(axis=tuple(each for each in range(mask.ndim) if each != axis)))
        found.append((int(along[0]), int(along[-1]) + 1))
    return found


def inside(field: Field, place: tuple[int, ...], extent: tuple[int, ...]) -> list[tuple[int, int]]:
    """What a unit sees of the input itself."""
    spans = field.span(*place)
    return [(max(low, 0), min(high, length)) for (low, high), length in zip(spans, extent, strict=True)]


def compare(net: Network, inputs: list[np.ndarray], *, tight: bool) -> None:
    number = picture_input(net)
    fields = receptive_fields(net)
    for path, changed in seen(net, inputs, number).items():
        site, field = net.sites[path], fields.get(path)
        if not changed.any():
            continue
        assert field is not None, f"{path} sees the input"
        axes = len(field.size)
        extent = changed.shape[-axes:]
        units = changed.reshape(*(site.shape or (1,)), *extent)
        channel = 0 if site.channels_first and len(site.shape) == 3 else max(len(site.shape), 1) - 1
        units = np.asarray(units.any(axis=channel))
        grid = units.shape[: units.ndim - axes]
        for place in np.ndindex(*grid):
            if not units[place].any():
                continue
            at = place if len(place) == axes else (0,) * axes
            really, said = bounds(units[place]), inside(field, at, extent)
            assert all(one[0] <= two[0] and two[1] <= one[1] for one, two in zip(said, really, strict=True)), (
                f"{path} at {place}: {said} said, {really} seen"
            )
            clear = said == list(field.span(*at))  # over the border there may be units of padding on the way
            if tight and clear and field.exact and len(place) == axes and not field.whole:
                assert said == really, f"{path} at {place}: {said} said, {really} seen"


SHAPES = [
    "strided", "average_pool", "resampled", "any_size", "series", "volume", "segmentation", "channels_first",
    "functional_ops", "keyword_tensors", "nested_twice", "transfer_learning", "siamese", "shared_layers",
    "residual", "concatenated", "merged", "gated", "image_and_vector", "reused_backbone", "depthwise", "group_norm",
    "attention", "time_distributed", "several_tensors", "subclassed", "own_blocks", "functional_with_subclassed",
    "subclassed_around",
]  # fmt: skip


def check_no_unit_of_the_zoo_changes_with_a_pixel_outside_of_its_receptive_field() -> None:
    for_each(lambda it: compare(it.network, it.arrays, tight=False), SHAPES)


def check_without_kinks_units_change_with_the_whole_of_their_receptive_field() -> None:
    average = layers.AveragePooling2D
    for padding in ("valid", "same"):
        chains: tuple[tuple[Any, ...], ...] = (
            (layers.Conv2D(3, (3, 4), padding=padding), average((2, 3), padding=padding), layers.Conv2D(2, 2)),
            (
                layers.Conv2D(2, 3, strides=2, padding=padding),
                layers.Conv2D(2, 3, dilation_rate=(2, 1), padding=padding),
            ),
            (layers.DepthwiseConv2D(4, padding=padding), layers.SeparableConv2D(3, 3, strides=2, padding=padding)),
            (
                layers.ZeroPadding2D(((2, 1), (0, 3))),
                average(3, 2, padding=padding),
                layers.Cropping2D(((1, 0), (1, 1))),
            ),
            (
                layers.Conv2D(2, 2, padding=padding),
                layers.BatchNormalization(),
                layers.Dense(3),
                layers.CenterCrop(7, 8),
            ),
            (layers.SpectralNormalization(layers.Conv2D(2, 3, strides=(1, 2), padding=padding)), layers.Reshape((-1,))),
        )
        for chain in chains:
            net = network(*chain)
            compare(net, [floats(1, 13, 16, 1)], tight=True)


def check_what_makes_several_units_of_one_stays_within_its_bound() -> None:
    for padding in ("valid", "same"):
        for kernel, stride, more in ((3, 2, None), (2, 2, None), (5, 3, None), (4, 2, 1), (3, 1, None), (2, 3, None)):
            transposed = layers.Conv2DTranspose(2, kernel, strides=stride, padding=padding, output_padding=more)
            net = network(layers.Conv2D(2, 3, strides=2), transposed, layers.Conv2D(2, 2), shape=(11, 9, 1))
            compare(net, [floats(1, 11, 9, 1)], tight=False)
    for interpolation in ("nearest", "bilinear"):
        resized = (layers.UpSampling2D((2, 3), interpolation=interpolation), layers.Resizing(9, 31, interpolation))
        net = network(layers.Conv2D(2, 2), *resized, layers.Conv2D(2, 3), shape=(7, 8, 1))
        compare(net, [floats(1, 7, 8, 1)], tight=False)


def check_branches_see_what_all_of_them_see() -> None:
    inputs = keras.Input((12, 12, 2))
    wide = layers.Conv2D(3, 5, padding="same")(inputs)
    late = layers.Conv2D(3, (1, 3), padding="same")(layers.ZeroPadding2D(((3, 0), (0, 0)))(inputs))
    both = layers.Concatenate()([wide, layers.Cropping2D(((0, 3), (0, 0)))(late)])
    gate = layers.Dense(6)(layers.GlobalAveragePooling2D(keepdims=True)(both))
    net = Network(keras.Model(inputs, layers.Multiply()([both, gate])), floats(1, 12, 12, 2))
    fields = receptive_fields(net)
    assert fields["concatenate"] == Field((6, 5), (1, 1), (-3, -2))
    assert fields["multiply"] == Field((12, 12), (0, 0), (0, 0))
    compare(net, [floats(1, 12, 12, 2)], tight=True)


def check_known_networks_have_the_published_receptive_fields() -> None:
    # Araujo et al. 2019, table of the appendix: VGG-16 at pool5 and MobileNet v1 before its global pool.
    vgg = []
    for maps, times in ((2, 2), (2, 2), (2, 3), (2, 3), (2, 3)):
        vgg += [layers.Conv2D(maps, 3, padding="same", activation="relu") for _ in range(times)]
        vgg += [layers.MaxPooling2D(2)]
    field = receptive_field(network(*vgg, shape=(64, 64, 1)), "max_pooling2d_4")
    assert (field.size, field.stride, field.start) == ((212, 212), (32, 32), (-90, -90))
    mobile = [layers.Conv2D(2, 3, strides=2, padding="same")]
    for stride in (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1):
        mobile += [layers.DepthwiseConv2D(3, strides=stride, padding="same"), layers.Conv2D(2, 1)]
    field = receptive_field(network(*mobile, shape=(63, 63, 1)), "conv2d_13")
    assert (field.size, field.stride) == ((315, 315), (32, 32))


def check_boxes_hang_over_the_border_and_are_whole_pixels() -> None:
    net = network(layers.Conv2D(2, 3, padding="same"), layers.UpSampling2D(2), layers.Flatten(), layers.Dense(2))
    assert box(receptive_field(net, "conv2d"), 0, 2) == (-1, 1, 2, 4)
    up = receptive_field(net, "up_sampling2d")
    assert (up.size[0], up.stride[0], up.exact) == (Fraction(7, 2), Fraction(1, 2), False)
    assert "up_sampling2d" in up.note
    assert box(up, 1, 4) == (-1, 0, 3, 4)
    assert box(receptive_field(net, "dense"), 0, 0) == (0, 0, 13, 16)


def check_what_nobody_can_know_is_said() -> None:
    net = network(layers.Conv2D(2, 3), layers.Lambda(lambda x: 2.0 * x, name="doubled"), layers.Conv2D(2, 3))
    field = receptive_field(net, "conv2d_1")
    assert (field.size, field.whole, field.exact) == ((13, 16), True, False)
    assert "doubled" in field.note
    it = MODELS["subclassed"]()
    field = receptive_field(Network(it.model, it.inputs), "conv2d_2")
    assert field.size == (10, 10)
    assert "operation" in field.note


def check_layers_that_see_nothing_of_an_input_are_refused() -> None:
    it = MODELS["image_and_vector"]()
    net = Network(it.model, tree.map_structure(lambda each: each[:1], it.inputs))
    assert receptive_field(net, "conv2d").size == (3, 3)
    for path, number, said in (
        ("dense", None, "sees nothing"),
        ("conv2d", 1, "sees nothing"),
        ("dense", 7, "no input 7"),
    ):
        assert said in refused(net, path, number)
