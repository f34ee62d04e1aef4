"""The slow reference implementations of on_backends/oracles.py, held against closed forms: they judge the engine."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


def _loaded() -> ModuleType:
    path = Path(__file__).with_name("on_backends") / "oracles.py"
    spec = importlib.util.spec_from_file_location("trainvis_test_oracles", path)
    assert spec
    assert spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


oracles = _loaded()
RNG = np.random.default_rng(1)
WINDOWS = [
    oracles.Window((3, 3)),
    oracles.Window((3, 2), (2, 1), "same"),
    oracles.Window((2, 2), (1, 1), "valid", (2, 3)),
    oracles.Window((3, 3), (1, 1), "same", (2, 2)),
    oracles.Window((2, 3), (3, 2), "same"),
]


@pytest.mark.parametrize("window", WINDOWS)
def test_the_transposed_convolution_is_the_adjoint_of_the_convolution(window) -> None:
    x, kernel = RNG.normal(size=(2, 7, 6, 3)), RNG.normal(size=(*window.size, 3, 4))
    y = oracles.convolved(x, kernel, window)
    r = RNG.normal(size=y.shape)
    back = oracles.transposed(r, kernel, window, (7, 6))
    assert np.sum(y * r) == pytest.approx(np.sum(x * back), abs=1e-10)


def test_a_convolution_of_one_pixel_is_a_dense_layer() -> None:
    x, kernel = RNG.normal(size=(2, 3, 3, 5)), RNG.normal(size=(1, 1, 5, 2))
    np.testing.assert_allclose(oracles.convolved(x, kernel, oracles.Window((1, 1))), x @ kernel[0, 0])


def test_unpooling_keeps_the_sum_and_pools_back_to_what_it_was_given() -> None:
    window = oracles.Window((2, 2), (2, 2))
    y, switches = oracles.pooled(RNG.normal(size=(2, 6, 6, 3)), window)
    seed = np.abs(RNG.normal(size=y.shape))
    back = oracles.unpooled(seed, switches, (6, 6))
    assert back.sum() == pytest.approx(seed.sum())
    np.testing.assert_array_equal(oracles.pooled(back, window)[0], seed)


def test_of_equal_values_the_first_is_the_maximum_and_overlapping_windows_add_up() -> None:
    even = np.ones((1, 4, 4, 1))
    y, switches = oracles.pooled(even, oracles.Window((2, 2), (2, 2)))
    back = oracles.unpooled(y, switches, (4, 4))[0, :, :, 0]
    np.testing.assert_array_equal(np.argwhere(back), [[0, 0], [0, 2], [2, 0], [2, 2]])
    peak = np.zeros((1, 3, 3, 1))
    peak[0, 1, 1] = 1
    y, switches = oracles.pooled(peak, oracles.Window((2, 2)))
    assert oracles.unpooled(y, switches, (3, 3))[0, 1, 1, 0] == 4


def test_averages_leave_out_what_hangs_over_the_border() -> None:
    window = oracles.Window((3, 3), (2, 2), "same")
    np.testing.assert_allclose(oracles.averaged(np.ones((1, 5, 5, 1)), window), np.ones((1, 3, 3, 1)))
    x, r = RNG.normal(size=(1, 5, 5, 2)), RNG.normal(size=(1, 3, 3, 2))
    assert np.sum(oracles.averaged(x, window) * r) == pytest.approx(np.sum(x * oracles.unaveraged(r, window, (5, 5))))


def test_a_blurred_impulse_and_a_blurred_constant_are_what_scipy_makes_of_them() -> None:
    impulse = np.zeros((9, 9, 1))
    impulse[4, 4] = 1
    found = oracles.blurred(impulse, 1.0)
    assert found[4, 4, 0] == pytest.approx(oracles.IMPULSE_9X9_SIGMA_1, abs=1e-10)
    assert found.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(oracles.blurred(np.full((5, 6, 2), 3.0), 2.0), 3.0)


def test_differences_find_the_gradient_of_a_polynomial() -> None:
    x = RNG.normal(size=(2, 3))
    found = oracles.differences(lambda many: (many**3).sum(axis=(1, 2)), x)
    np.testing.assert_allclose(found, 3 * x**2, rtol=1e-8, atol=1e-9)


def test_integrated_gradients_are_complete() -> None:
    x, baseline = RNG.normal(size=4), np.zeros(4)
    found = oracles.integrated(np.cos, x, baseline)
    assert found.sum() == pytest.approx((np.sin(x) - np.sin(baseline)).sum(), abs=1e-12)


def test_grad_cam_of_one_map_is_that_map() -> None:
    a, g = np.abs(RNG.normal(size=(4, 4, 1))), np.full((4, 4, 1), 0.5)
    np.testing.assert_allclose(oracles.grad_cam(a, g), a[..., 0] * 0.5)
    np.testing.assert_allclose(oracles.layer_cam(a, g), a[..., 0] * 0.5)
    alpha = 0.25 / (0.5 + a.sum() * 0.125)
    np.testing.assert_allclose(oracles.grad_cam_plus_plus(a, g), a[..., 0] * alpha * 0.5 * 16)


def test_receptive_fields_of_a_known_network() -> None:
    # VGG-16 up to its last pool, as Araujo et al. list it: 212 pixels, one unit every 32.
    blocks = [[(3, 1, 1)] * many + [(2, 2, 0)] for many in (2, 2, 3, 3, 3)]
    field = oracles.receptive_field([layer for block in blocks for layer in block])
    assert (field.size, field.stride) == (212, 32)
    assert oracles.receptive_field([(3, 1, 0), (2, 2, 0), (3, 1, 0)]).of_unit(2) == (4, 12)


def test_a_chain_goes_forward_and_back_as_its_definition_says() -> None:
    dense = oracles.Step("dense", "dense", np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([0.0, -5.0]), relu=True)
    top = oracles.Step("top", "dense", np.array([[1.0], [-1.0]]))
    chain = oracles.Chain([dense, top])
    np.testing.assert_allclose(chain.forward(np.array([[1.0, 1.0]])), [[3.0]])
    seed = np.array([[1.0]])
    np.testing.assert_allclose(chain.back(seed, "plain"), [[1.0, 2.0]])
    np.testing.assert_allclose(chain.back(-seed, "plain"), [[-1.0, -2.0]])
    np.testing.assert_allclose(chain.back(-seed, "guided"), [[0.0, 0.0]])
    np.testing.assert_allclose(chain.back(-seed, "deconvolution"), [[-1.0, 1.0]])
