"""What a batch is made of: images in one size, targets as numbers, the weights of records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from .blob import View
from .errors import BlobError
from .schema import Field

Array: TypeAlias = np.ndarray
_NUMBERS = ("image", "array")
_AT_ONCE = 65536  # numbers of records that are read together


@dataclass(slots=True, eq=False)
class Column:
    """A target: how it is read, told unknown, weighed and written as numbers."""

    view: View
    field: Field
    one_hot: bool = False
    balanced: bool = False
    balance: Array | None = None  # the weight of each class
    values: Array | None = None  # of all records of the view, where they are single numbers

    @property
    def name(self) -> str:
        return self.field.name

    def everything(self) -> Array | None:
        """The values of all records, where they are single numbers: read once, a few bytes for each."""
        if self.values is None and self.field.kind == "class":
            found = self.view.labels(self.name)
            self.values = found.astype(np.int32) if len(found) and abs(found).max() < 2**31 else found
        if self.values is None and self.field.kind == "number":
            parts = (range(at, min(at + _AT_ONCE, len(self.view))) for at in range(0, len(self.view), _AT_ONCE))
            found = [np.asarray(self.view.read(part, [self.name])[self.name], dtype=np.float32) for part in parts]
            self.values = np.concatenate(found) if found else np.zeros(0, np.float32)
        return self.values

    def known(self) -> Array:
        """Of each record of the view whether somebody knows its value."""
        values = self.everything()
        if values is None:
            return np.ones(len(self.view), bool)
        return values >= 0 if self.field.kind == "class" else ~np.isnan(values)

    def of(self, places: Array) -> Array:
        """The values of these records, as they are stored."""
        values = self.everything()
        if values is not None:
            return values[places]
        return stacked(self.view.read(places.tolist(), [self.name])[self.name], None, None, None, self.view.name)

    read = of

    def settle(self, places: Array) -> None:
        """Weigh the classes by how many of these records they have: n / (classes · n of the class)."""
        if self.balanced and self.field.kind == "class":
            labels = self.of(places)
            counts = np.bincount(labels[labels >= 0], minlength=max(len(self.field.classes), 1))
            there = np.count_nonzero(counts)
            weights = np.zeros(len(counts))
            np.divide(counts.sum(), there * counts, out=weights, where=counts > 0)
            self.balance = weights

    def weights(self, values: Array) -> Array:
        """How much each record counts: nothing where its value is unknown."""
        if self.field.kind == "class":
            made = (values >= 0).astype(np.float32)
            return made if self.balance is None else (made * self.balance[np.maximum(values, 0)]).astype(np.float32)
        unknown = np.isnan(values).reshape(len(values), -1).any(axis=1) if values.dtype.kind == "f" else np.zeros(())
        return np.broadcast_to(~unknown.astype(bool), len(values)).astype(np.float32)

    def made(self, values: Array, *, fill: bool) -> Array:
        """As a network is given them; with `fill` unknown ones are 0 (they weigh nothing, and NaN · 0 is NaN)."""
        if self.field.kind != "class":
            found = values.astype(np.float32)
            return np.nan_to_num(found, copy=False, nan=0.0) if fill else found
        if self.one_hot:
            count = max(len(self.field.classes), 1)
            return (values[:, None] == np.arange(count)).astype(np.float32)
        return np.maximum(values, 0).astype(np.int64) if fill else values.astype(np.int64)

    def counts(self, values: Array) -> dict[str, int]:
        """How many of these values each class has."""
        count = max(len(self.field.classes), int(values.max(initial=-1)) + 1)
        found = np.bincount(values[values >= 0], minlength=count)
        names = (*self.field.classes, *map(str, range(len(self.field.classes), count)))
        return dict(zip(names, map(int, found), strict=True))


def image_of(view: View, name: str | None) -> str:
    """The field that goes in. Raises BlobError."""
    schema = view.schema
    if name is not None:
        if name not in schema or schema[name].kind not in _NUMBERS:
            raise BlobError(f"{view.name} has no images called {name!r}: {_said(view)}")
        return name
    found = schema.image or next((each for each in schema if each.kind == "array"), None)
    if found is None:
        raise BlobError(f"{view.name} has neither images nor arrays to feed: {_said(view)}")
    return found.name


def columns_of(
    view: View, targets: str | Sequence[str] | None, *, one_hot: bool = False, balance: bool = False
) -> tuple[Column, ...]:
    """The targets. Raises BlobError for a field that is not there, or is a text."""
    schema = view.schema
    if targets is None:
        targets = (schema.label.name,) if schema.label is not None else ()
    names = (targets,) if isinstance(targets, str) else tuple(targets)
    if len(set(names)) < len(names):
        raise BlobError(f"a target is named twice: {', '.join(names)}")
    for name in names:
        if name not in schema:
            raise BlobError(f"{view.name} has no field {name!r} to learn: {_said(view)}")
        if schema[name].kind == "text":
            raise BlobError(f"{name} of {view.name} is text: classes, numbers and arrays can be learned")
    columns = tuple(Column(view, schema[name], one_hot, balance) for name in names)
    unnamed = [column.name for column in columns if column.field.kind == "class" and not column.field.classes]
    if one_hot and unnamed:
        raise BlobError(f"nobody says how many classes {unnamed[0]} of {view.name} has: feed them as numbers")
    return columns


def stacked(
    found: Any, size: tuple[int, int] | None, channels: int | None, shape: tuple[int, ...] | None, name: str
) -> Array:
    """One array of the values of several records, of `shape` where there is one to keep to. Raises BlobError."""
    if size is not None or channels is not None:
        found = [_resized(np.asarray(each), size, channels) for each in found]
    if not isinstance(found, np.ndarray):
        wanted = shape or np.shape(found[0])
        for each in found:
            _same(np.shape(each), wanted, name)
        found = np.stack([np.asarray(each) for each in found])
    return fits(found, shape or found.shape[1:], name)


def fits(values: Array, shape: tuple[int, ...], name: str) -> Array:
    """The same values. Raises BlobError where they are of another shape."""
    _same(values.shape[1:], shape, name)
    return values


def _same(has: tuple[int, ...], wanted: tuple[int, ...], name: str) -> None:
    if has != wanted:
        raise BlobError(
            f"the images of {name} are not of one size ({_times(wanted)} and {_times(has)}): feed them with "
            "size=(height, width), and channels=3 where some are grey, or build the blob again with --size"
        )


def _resized(image: Array, size: tuple[int, int] | None, channels: int | None) -> Array:
    """H×W×C uint8 in another size and number of channels, smoothed where it gets smaller."""
    from PIL import Image

    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in (1, 3, 4):
        raise BlobError(f"only pictures can be resized, and this is {_times(image.shape)} of {image.dtype}")
    if (size is None or image.shape[:2] == size) and channels in (None, image.shape[2]):
        return image
    picture = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
    wanted = channels or image.shape[2]
    if wanted not in (1, 3, 4):
        raise BlobError(f"no picture has {wanted} channels: 1 is grey, 3 is colour")
    picture = picture.convert({1: "L", 3: "RGB", 4: "RGBA"}[wanted])
    if size is not None and picture.size != (size[1], size[0]):
        picture = picture.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.asarray(picture).reshape(picture.height, picture.width, wanted)


def _said(view: View) -> str:
    fields = ", ".join(f"{each.name} ({each.kind})" for each in view.schema)
    return f"{fields} are its fields" if fields else "it has no fields"


def _times(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "one number"
