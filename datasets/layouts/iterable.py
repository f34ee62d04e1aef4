"""Samples that a Python program makes: `of_samples(lambda: my_generator())`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import SourceError
from ..sample import FileImage, Found, Planned, Problems, Sample
from ..schema import Kind
from .layout import found
from .seen import Seen

Given: TypeAlias = Sample | Mapping[str, Any] | tuple[Any, Any]


def of_samples(
    samples: Iterable[Given] | Callable[[], Iterable[Given]],
    fields: Iterable[Planned] | None = None,
    total: int | None = None,
) -> Found:
    """A source of samples, of mappings field → value (`key`, `group` and `split` are no fields), or of pairs of image
    and label. An image is a path, the bytes of a picture file or an array.

    They are walked more than once: an object that can be walked once only is taken by a function that makes it anew.
    Without `fields` they are those of the first sample: texts and `label` are classes. Raises SourceError.
    """
    make = samples if callable(samples) else _again(samples)
    planned = tuple(fields) if fields is not None else _fields(make)
    if total is None and hasattr(samples, "__len__"):
        total = len(samples)  # type: ignore[arg-type]
    return found("iterable", planned, partial(_samples, make), total=total)


def _again(samples: Iterable[Given]) -> Callable[[], Iterable[Given]]:
    if isinstance(samples, Iterator):
        raise SourceError("samples are walked more than once: give a list, or a function that makes them anew")
    return lambda: samples


def _samples(make: Callable[[], Iterable[Given]], problems: Problems) -> Iterator[Sample]:
    with Seen() as seen:
        for place, given in enumerate(make()):
            sample = _sample(given, place)
            if seen.add(sample.key) != "new":
                problems.add("a key that was there before", sample.key)
            else:
                yield sample


def _sample(given: Given, place: int) -> Sample:
    """Raises SourceError."""
    if isinstance(given, Sample):
        return given
    if isinstance(given, tuple) and len(given) == 2:
        given = {"image": given[0], "label": given[1]}
    if not isinstance(given, Mapping):
        raise SourceError(f"sample {place} is neither a Sample, a mapping nor image and label: {type(given).__name__}")
    values = {name: value for name, value in given.items() if name not in ("key", "group", "split")}
    if isinstance(values.get("image"), (str, Path)):
        values["image"] = FileImage(Path(values["image"]))
    key = given.get("key")
    told = [str(given.get(name) or "") for name in ("group", "split")]
    return Sample(str(key) if key is not None else f"{place:08}", values, *told)


def _fields(make: Callable[[], Iterable[Given]]) -> tuple[Planned, ...]:
    first = next((_sample(given, 0) for given in make()), None)
    if first is None:
        raise SourceError("there are no samples")
    return tuple(Planned(name, _kind(name, value)) for name, value in first.values.items())


def _kind(name: str, value: Any) -> Kind:
    if name == "image" or isinstance(value, (FileImage, bytes)):
        return "image"
    if name == "label" or isinstance(value, (str, bool)) or value is None:
        return "class"
    return "array" if getattr(value, "ndim", 0) or isinstance(value, (list, tuple)) else "number"
