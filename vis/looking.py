"""Networks looked into one after the other: what `trainvis look` does once it knows what is wanted."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.errors import TrainvisError
from ..engine.places import expanded
from ..engine.text import printable
from . import framework, names, recording, telling
from .figures import Cost, Figure, Moment, Prediction
from .images import Images, as_images
from .picture_files import numbers
from .results import Results

if TYPE_CHECKING:
    from .catalogue import Need
    from .history import Earlier
    from .models import Loaded
    from .probe import Probe
    from .recording import Recording


class LookError(TrainvisError):
    """What was asked for cannot be looked at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be looked at, and with what."""

    networks: tuple[str, ...]
    techniques: tuple[str, ...]
    images: tuple[str, ...] = ()
    records: str = ""
    layer: str = ""
    units: tuple[str, ...] = ()
    target: str = ""
    output: str = ""
    preprocess: str = ""
    labels: tuple[str, ...] = ()
    code: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    batch: int = 32


def wanted(given: argparse.Namespace) -> Wanted:
    """What a command line asks for. Raises LookError."""
    options = {}
    for text in given.option:
        name, sign, value = text.partition("=")
        if not sign:
            raise LookError(f"{printable(text, 60)!r} is no option: write NAME=VALUE, as in --option iterations=100")
        options[name.strip()] = value
    return Wanted(
        tuple(given.networks), tuple(given.technique) or ("saliency_maps",), tuple(given.image), given.records,
        given.layer, tuple(given.unit), given.target, given.output, given.preprocess,
        labels_in(given.labels), given.code, options, max(given.batch, 1),
    )  # fmt: skip


def look(wanted: Wanted, say: Callable[[str], None] | None = None) -> int:
    """Look into each network with each technique; returns the exit code. Raises TrainvisError before anything ran."""
    say = say or _say
    # All that can be refused is refused before a network is loaded, which may take minutes.
    named = [names.parse(each) for each in wanted.techniques]
    given: set[Need] = {"image"} if wanted.images else set()
    given |= {"set", "labels"} if wanted.records else set()
    given |= {"history"} if len(wanted.networks) > 1 else set()
    for each in named:
        if lacking := names.lacking(each, given):
            raise LookError(lacking)
    images = _images(wanted.images)
    if told := framework.wake():
        say(told)
    from . import models

    _refuse_unknown(named, wanted.options)
    options = [_options(each, wanted) for each in named]
    if wanted.code:
        models.run_code(Path(wanted.code))
    view = View(recording.own(), tuple(zip(named, options, strict=True)), say)
    hint = cache(say)  # what holds for each network is said once
    for place, source in enumerate(wanted.networks):
        try:
            view.look(place, *_opened(source, wanted, images, say, hint))
        except Exception as failure:  # whatever a backend raises
            known = isinstance(failure, TrainvisError)
            error = failure if known else LookError(f"{printable(source)}: {framework.plain(failure)}")
            if len(wanted.networks) == 1:
                raise error from failure
            view.missed(printable(Path(source).name, 80), str(error))
    return 1 if view.failures else 0


class View:
    """What becomes of one look: figures in the run of this process, lines for a person, failures counted."""

    def __init__(
        self, record: Recording, wanted: Sequence[tuple[names.Named, object]], say: Callable[[str], None]
    ) -> None:
        self.failures = 0
        self._record, self._wanted, self._say = record, wanted, say
        self._results = Results(record.run)
        self._folders: dict[tuple[str, int], str] = {}
        self._steps: Counter[int] = Counter()
        self._said: set[str] = set()
        self._earlier: Earlier | None = None

    def look(self, place: int, loaded: Loaded, probe: Probe) -> None:
        """With each technique into one network, the one at this place of those that were asked for."""
        moment = loaded.moment if loaded.moment.step else replace(loaded.moment, step=place)
        moment = replace(moment, time=moment.time or time.time())
        probe.step, probe.earlier = moment.step, self._earlier
        for named, options in self._wanted:
            if "history" in named.entry.needs and self._earlier is None:
                self._say(f"{named}: from the second network on")
            else:
                self._figure(probe, named, options, moment)
        self._steps[moment.step] += 1
        if any("history" in named.entry.needs for named, _ in self._wanted):
            from .history import weights_now

            self._earlier = weights_now(loaded.model, moment.step)

    def missed(self, what: str, why: str) -> None:
        """Count what could not be done, and put it where the run keeps its problems."""
        self.failures += 1
        self._record.problem(what, why)

    def _figure(self, probe: Probe, named: names.Named, options: object, moment: Moment) -> None:
        began, compiling = time.perf_counter(), probe.network.seconds_compiling
        try:
            figure = names.compute(named, probe, options)
            seconds = time.perf_counter() - began
            cost = Cost(seconds, probe.network.seconds_compiling - compiling)
            path = self._results.save(self._folder(named, moment.step), replace(figure, moment=moment, cost=cost))
        except (TrainvisError, OSError) as error:
            self.missed(str(named), str(error))
        except Exception as error:  # noqa: BLE001 - one technique that stumbles over a network is no reason to lose the others
            self.missed(str(named), framework.plain(error))
        else:
            self._say(f"{named}: {_found(figure)} in {seconds:.1f} s → {path.relative_to(self._record.run.path)}")
            for note in figure.notes:
                if note not in self._said:
                    self._said.add(note)
                    self._say(f"  {note}")

    def _folder(self, named: names.Named, step: int) -> str:
        """One for each technique; networks of the same step, of two trainings perhaps, lie in folders of their own."""
        key = (str(named), self._steps[step])
        if key not in self._folders:
            self._folders[key] = self._results.free_name(names.folder(named), self._folders.values())
        return self._folders[key]


def _opened(
    source: str, wanted: Wanted, images: Any, say: Callable[[str], None], hint: Callable[[str], None]
) -> tuple[Loaded, Probe]:
    from . import models

    began = time.perf_counter()
    with framework.hushed():
        loaded = models.load(source)
    say(f"{printable(loaded.name)} loaded in {time.perf_counter() - began:.1f} s")
    for note in loaded.notes:
        say(f"  {note}")
    return loaded, _probe(loaded, wanted, images, say, hint)


def _probe(
    loaded: Loaded, wanted: Wanted, images: Any, say: Callable[[str], None], hint: Callable[[str], None]
) -> Probe:
    from .probe import Probe
    from .sets import as_set

    preprocess = wanted.preprocess or loaded.preprocess or _guessed(loaded, images, wanted, hint)
    records = as_set(Path(wanted.records)) if wanted.records else None
    labels = wanted.labels or loaded.classes
    classes = tuple(getattr(records, "classes", ()) or ())
    probe = Probe(
        loaded.model, images, _target(wanted.target, labels or classes), preprocess,
        output=wanted.output or None, labels=labels, records=records, batch=wanted.batch,
    )  # fmt: skip
    if not labels and len(classes) == _classes(probe):
        probe.labels = classes
    probe.notes.extend(loaded.notes)
    probe.progress, probe.passes = telling.progress(), {}
    if wanted.labels and len(wanted.labels) != _classes(probe):
        hint(f"--labels has {len(wanted.labels)} names, the network tells {_classes(probe)} classes apart")
    for picture, prediction in zip(probe.pictures, probe.predictions(), strict=False):
        note = f" ({picture.note})" if picture.note else ""
        say(f"{printable(picture.name, 80)}{note}: {predicted(prediction)}")
    return probe


def _classes(probe: Probe) -> int:
    shape = probe.network.heads[probe.output].shape
    return max(int(shape[-1]), 2) if shape else 2  # one score tells two apart


def _guessed(loaded: Loaded, images: Any, wanted: Wanted, say: Callable[[str], None]) -> str:
    pixels = wanted.records or (isinstance(images, Images) and any(each.pixels for each in images.pictures))
    return guessed(loaded, say if pixels else _nobody)


def guessed(loaded: Loaded, say: Callable[[str], None]) -> str:
    """What to do with pixels where nobody says it, which is said."""
    import keras

    inside = (keras.layers.Rescaling, keras.layers.Normalization)
    if any(isinstance(layer, inside) for layer in loaded.model.layers[:4]):
        return "0..255"
    say("pixels are scaled to 0…1: nothing says what it was trained on (--preprocess says it)")
    return "0..1"


def _nobody(text: str) -> None:
    """Who is told where there are no pixels."""


def _found(figure: Figure) -> str:
    counts: dict[str, int] = {}
    for part in figure.parts:
        values = getattr(part, "nodes", None) or getattr(part, "rows", None) or getattr(part, "values", ())
        counts[part.kind] = counts.get(part.kind, 0) + len(values)
    rows = {"table": "rows", "graph": "calls of layers", "matrix": "rows of a matrix"}
    return ", ".join(f"{count} {rows.get(kind, kind)}" for kind, count in counts.items()) or "nothing"


def _refuse_unknown(named: Sequence[names.Named], options: Mapping[str, str]) -> None:
    """Of several techniques an option is for those that have it; one that none has is a mistake."""
    for name, value in options.items():
        if not any(name in names.option_names(each) for each in named):
            names.options_of(named[0], {name: value}, text=True)  # says so, with the nearest


def _options(named: names.Named, wanted: Wanted) -> object:
    """The options of one technique: --layer and --unit reach those that have such options, under either name."""
    known = names.option_names(named)
    given: dict[str, object] = {name: value for name, value in wanted.options.items() if name in known}
    if wanted.layer:
        place = next((each for each in ("layer", "layers") if each in known), None)
        if place:
            given.setdefault(place, wanted.layer)
    if wanted.units:
        units = ",".join(each if ":" in each or not wanted.layer else f"{wanted.layer}:{each}" for each in wanted.units)
        place = next((each for each in ("units", "maps") if each in known), None)
        if place:
            numbers = ",".join(each.rpartition(":")[2] for each in wanted.units)
            given.setdefault(place, units if place == "units" else numbers)
    return names.options_of(named, given, text=True)


def _images(paths: Sequence[str]) -> Images | Path | None:
    """Read and refused before a network is loaded. A single .npy file may hold what is no picture: it stays a path."""
    if not all(paths):
        raise LookError("an image has no name: --image FILE")
    files = [Path(each) for each in paths]
    if len(files) == 1 and files[0].suffix.lower() == ".npy":
        numbers(files[0])
        return files[0]
    return as_images(files) if files else None


def _target(text: str, labels: Sequence[str]) -> int | None:
    if not text:
        return None
    if re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if text in labels:
        return list(labels).index(text)
    import difflib

    near = difflib.get_close_matches(text, labels, 3, 0.5)
    said = f"did you mean {', '.join(near)}?" if near else "give its number, or the names with --labels FILE"
    raise LookError(f"no class is called {printable(text, 60)!r}: {said}")


def labels_in(path: str) -> tuple[str, ...]:
    """The lines of a text file, each the name of a class. Raises LookError."""
    if not path:
        return ()
    try:
        lines = expanded(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise LookError(f"the labels {printable(path)} cannot be read: {error.strerror}") from None
    if any("\0" in line for line in lines):
        raise LookError(f"the labels {printable(path)} are no text: a file with the name of a class in each line is")
    return tuple(printable(line.strip(), 80) for line in lines if line.strip())


def predicted(prediction: Prediction) -> str:
    """The top classes in a line: "tabby 62.1 %, …", or plain scores where they are no probabilities."""
    one = len(prediction.classes) == 1
    labels = prediction.labels or (("score",) if one else tuple(f"class {each}" for each in prediction.classes))
    scores = (f"{score:.1%}" if prediction.confidence else f"{score:.4g}" for score in prediction.scores)
    return ", ".join(f"{label} {score}" for label, score in zip(labels, scores, strict=True))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
