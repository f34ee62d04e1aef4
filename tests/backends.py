"""Where the backends of Keras are installed that tests run in processes of their own."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import pytest

BACKENDS = ("tensorflow", "jax", "torch")
OTHERS = {"jax": "TRAINVIS_TEST_JAX", "torch": "TRAINVIS_TEST_TORCH"}


def interpreter(backend: str) -> str:
    """The Python that has it: the one named for it, or that of the tests. Skips the test where there is none."""
    named = os.environ.get(OTHERS.get(backend, ""), "")
    if named:
        return named
    if find_spec("keras") is None or find_spec(backend) is None:
        pytest.skip(f"no {backend} here: {OTHERS.get(backend, 'install the extra')} may name a Python that has it")
    return sys.executable
