"""`python -P run.py TOPIC [WORD …]`: the checks of TOPIC.py on the backend of $KERAS_BACKEND.

A topic is a program file in this folder with functions `check_…`; the sentence of a check is its name. It takes
`from zoo import MODELS` and `import oracles`; it has no pytest, which environments of other backends need not have.
WORDs keep only the checks that have one in their names. On standard output comes one line of JSON: the backend, and
name → None or what went wrong. What a check leaves by `left.leave(name, array)` in $TRAINVIS_TEST_ARRAYS the test
compares between the backends: float32 to 1e-5 of the largest value, and to 1e-9 where the name starts with "double".
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
import traceback
import warnings
from pathlib import Path
from types import ModuleType

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for _name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(_name, "1")  # small networks beside other tests: threads would wait for each other
HERE = Path(__file__).resolve().parent


def topic(name: str) -> ModuleType:
    """A topic as a module, by its file: nothing of that name elsewhere is taken for it."""
    spec = importlib.util.spec_from_file_location(f"topic_{name}", HERE / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def failure(check) -> str | None:
    """What went wrong in a check, None where nothing did. Warnings of Keras are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            check()
        except Exception:  # noqa: BLE001 - the answer says what went wrong
            return traceback.format_exc()
    return None


def main(name: str, *words: str) -> None:
    sys.path.append(str(HERE))
    import keras

    module = topic(name)
    checks, seconds = {}, {}
    for check, function in list(vars(module).items()):
        if check.startswith("check_") and (not words or any(word in check for word in words)):
            began = time.perf_counter()
            checks[check] = failure(function)
            seconds[check] = round(time.perf_counter() - began, 2)
    answer = {"backend": keras.backend.backend(), "checks": checks, "seconds": seconds}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
