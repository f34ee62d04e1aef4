"""Networks from files and from keras.applications, loaded without executing anything that stands in them."""

from __future__ import annotations

import inspect
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from ..engine.errors import TrainvisError
from ..engine.files import LIMIT, read_json
from ..engine.places import expanded
from ..engine.text import printable
from .figures import Moment

_ELSE = {
    ".pt": "PyTorch", ".pth": "PyTorch", ".safetensors": "safetensors", ".onnx": "ONNX", ".pb": "TensorFlow",
    ".tflite": "TensorFlow Lite", ".ckpt": "a checkpoint", ".pkl": "a pickle", ".npz": "NumPy",
}  # fmt: skip
_TRUSTED = ("keras", "keras_hub", "keras_nlp", "keras_cv")
_HOLDS_CODE = (
    "it holds Python code (a Lambda layer), and nothing from a file is executed. "
    "Load it in a script of yours and look with trainvis.vis.Probe"
)
_MODES = {"caffe": "caffe", "tf": "-1..1", "torch": "torch"}


class ModelError(TrainvisError):
    """A network that cannot be loaded."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A network, what it is called, the named preprocessing it was trained with ("" where nobody knows), the
    moment of the training that it was saved at, what must be said of it, and the names of its classes where they are
    known.
    """

    model: keras.Model
    name: str
    preprocess: str = ""
    moment: Moment = field(default_factory=Moment)
    notes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def load(source: str | os.PathLike[str]) -> Loaded:
    """A network from `FILE.keras`, `FILE.h5`, or `keras:NAME[:WEIGHTS]` of keras.applications.

    WEIGHTS is a file, "imagenet" (downloaded by Keras, the default) or "random". Nothing in a file is executed: a
    file that holds code of its own (a Lambda layer) is refused. Raises ModelError with one plain sentence.
    """
    text = os.fspath(source)
    if text.startswith("keras:"):
        return _application(*text.removeprefix("keras:").partition(":")[::2])
    path = expanded(text)
    shown = printable(path)
    if path.is_dir():
        raise ModelError(f"{shown} is a folder: give a .keras or .h5 file (a SavedModel cannot be looked into)")
    if not path.is_file():
        raise ModelError(f"there is no network {shown}: check the path")
    if path.suffix.lower() in _ELSE:
        raise ModelError(f"{shown} is of {_ELSE[path.suffix.lower()]}: networks are read from .keras and .h5 files")
    _check(path, shown)
    model = _loaded(path, shown)
    said = read_json(path.with_suffix(".json")).value
    classes, preprocess = said.get("classes"), said.get("preprocess")
    return Loaded(
        model, path.stem, printable(preprocess, 200) if isinstance(preprocess, str) else "", _moment(said),
        _sick(model), tuple(printable(each, 80) for each in classes) if isinstance(classes, list) else (),
    )  # fmt: skip


def _check(path: Path, shown: str) -> None:
    """Refuse what is no whole network, or holds code, before Keras sees it."""
    try:
        config = _zipped(path, shown) if zipfile.is_zipfile(path) else _hdf5(path, shown)
        parts = json.loads(config)
    except (OSError, KeyError, ValueError, RecursionError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"{shown} is damaged: {printable(error, 120)}") from None
    if not isinstance(parts, dict) or "class_name" not in parts:
        raise ModelError(f"{shown} is damaged: what it says of its network is no description of one")
    _refuse_code(parts, shown)


def _zipped(path: Path, shown: str) -> str:
    with zipfile.ZipFile(path) as archive:
        missing = {"config.json", "model.weights.h5"} - set(archive.namelist())
        if missing:
            raise ModelError(f"{shown} is a zip file, but no network: it has no {' and no '.join(sorted(missing))}")
        if archive.getinfo("config.json").file_size > LIMIT:
            raise ModelError(f"{shown} describes its network in more than {LIMIT >> 20} MB: that is none of Keras' own")
        return archive.read("config.json").decode()


def _hdf5(path: Path, shown: str) -> str:
    if not h5py.is_hdf5(path):
        raise ModelError(f"{shown} is no network that can be read: it is neither a .keras nor an .h5 file, or cut off")
    with h5py.File(path, "r") as file:
        config: Any = file.attrs.get("model_config")
    if config is None:
        raise ModelError(
            f"{shown} holds weights without a network: save the whole model with model.save('name.keras'), "
            "or give the weights to one of Keras' own: keras:NAME:FILE"
        )
    return config.decode() if isinstance(config, bytes) else str(config)


def _refuse_code(part: Any, shown: str) -> None:
    """Refuse what would execute code or import a module. Keras does so too, but not in all of its versions."""
    waiting = [part]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        if not isinstance(part, dict):
            continue
        waiting.extend(part.values())
        name = part.get("class_name")
        if name in ("Lambda", "__lambda__"):
            raise ModelError(f"{shown} does not load: {_HOLDS_CODE}")
        module, registered = str(part.get("module") or ""), part.get("registered_name")
        ours = module == "builtins" or module.partition(".")[0] in _TRUSTED
        if ours or not (module or registered) or "class_name" not in part:
            continue
        if keras.saving.get_registered_object(str(registered)) is None:
            raise ModelError(f"{shown} does not load: {_needs(str(name))}")


def _loaded(path: Path, shown: str) -> keras.Model:
    try:
        # With its loss, for what needs one.
        return _a_model(keras.saving.load_model(path, compile=True, safe_mode=True), shown)
    except ModelError:
        raise
    except Exception:  # noqa: BLE001, S110 - a loss of the user's own is no reason not to look at the network
        pass
    try:
        return _a_model(keras.saving.load_model(path, compile=False, safe_mode=True), shown)
    except ModelError:
        raise
    except Exception as error:  # whatever Keras stumbles over in a foreign file
        raise ModelError(f"{shown} does not load: {_reason(error)}") from error


def _a_model(found: Any, shown: str) -> keras.Model:
    if not isinstance(found, keras.Model):
        raise ModelError(f"{shown} holds a {type(found).__name__}, which is no network")
    return found


def _sick(model: keras.Model) -> tuple[str, ...]:
    """What must be said of a network whose training broke down."""
    weights = [each for each in model.weights if keras.backend.is_float_dtype(each.dtype)]
    # In NumPy: JAX would compile something for each shape.
    found = [each.path for each in weights if not np.isfinite(np.asarray(keras.ops.convert_to_numpy(each.value))).all()]
    if not found:
        return ()
    where = f"in {len(found)} of its {len(weights)} weights, {printable(found[0], 80)} the first"
    return (f"the network is broken: it has values that are no finite numbers (NaN or infinity) {where}",)


def _reason(error: Exception) -> str:
    """One plain line of what Keras says in twenty."""
    text = str(error)
    if "lambda" in text.lower() and ("unsafe" in text.lower() or "safe_mode" in text.lower()):
        return _HOLDS_CODE
    if "Could not locate class" in text or "Unknown layer" in text or "register_keras_serializable" in text:
        name = text.partition("class '")[2].partition("'")[0] or text.partition("Unknown layer: ")[2].split(".")[0]
        return _needs(name)
    # Keras tells of a layer in a layer in a model, and the reason at last.
    lines = [line.strip() for line in text.rpartition("Exception encountered: ")[2].splitlines() if line.strip()]
    first = " ".join(lines[: 2 if lines and lines[0].endswith(":") else 1]) or type(error).__name__
    first = first.partition(" Full object config:")[0]
    if isinstance(error, KeyError):
        first = f"it has no {first}"
    return f"{printable(first, 250)} (it may be of another version of Keras; this is {keras.__version__})"


def _needs(name: str) -> str:
    what = f"the class {printable(name, 60)}" if name else "a class"
    return f"it needs {what}, which is not Keras' own: name the file that defines it with --code FILE.py"


def _moment(said: Mapping[str, Any]) -> Moment:
    """When in its training a network was saved, by what the JSON file beside it says."""

    def number(name: str) -> float:
        value = said.get(name)
        return float(value) if isinstance(value, int | float) else 0.0

    return Moment(int(number("step")), number("epoch"), max(int(number("fit")), 1), number("time"))


def _application(name: str, weights: str) -> Loaded:
    known = _applications()
    make = known.get(name)
    if make is None:
        import difflib

        near = difflib.get_close_matches(name, known, 3, 0.4)
        said = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(known)}"
        raise ModelError(f"keras.applications has no network {printable(name, 60)!r}: {said}")
    given: Any = {"": "imagenet", "imagenet": "imagenet", "random": None}.get(weights, weights)
    if given not in ("imagenet", None) and not expanded(given).is_file():
        raise ModelError(f"there are no weights {printable(given)}: give a file, imagenet or random")
    try:
        model = make(weights=given)
    except Exception as error:  # a download that fails, weights of another network
        what = "its weights cannot be downloaded" if given == "imagenet" else f"{printable(str(given))} does not fit it"
        first = printable(str(error).strip().partition("\n")[0], 200)
        raise ModelError(f"keras:{name} cannot be made: {what} ({first}). Give a file: keras:{name}:FILE") from error
    notes = ("its weights are random: it has learned nothing",) if given is None else ()
    return Loaded(model, name, _mode(name), notes=notes)


def _applications() -> dict[str, Callable[..., Any]]:
    found = vars(keras.applications).items()
    made = ((name, make) for name, make in found if inspect.isfunction(make))
    return {name: make for name, make in made if "weights" in inspect.signature(make).parameters}


def _mode(name: str) -> str:
    """The preprocessing of an application, as Keras' own module of it does: "0..255" where the network does it."""
    make = getattr(keras.applications, name)
    preprocess = getattr(inspect.getmodule(inspect.unwrap(make)), "preprocess_input", None)
    source = inspect.getsource(preprocess) if preprocess else ""
    mode = source.partition('mode="')[2].partition('"')[0]
    return _MODES.get(mode, "0..255")


def run_code(path: Path) -> None:
    """Run a file of the user's own, that registers the classes a network is made of. Raises ModelError."""
    import runpy

    try:
        runpy.run_path(str(expanded(path)), run_name="trainvis_code")
    except OSError as error:
        raise ModelError(f"the code {printable(path)} cannot be read: {error.strerror}") from None
    except Exception as error:  # it is the user's own and may do anything
        raise ModelError(
            f"the code {printable(path)} failed: {type(error).__name__}: {printable(error, 200)}"
        ) from error
