"""One technique as it was registered for a training: what it looks at, when, and how often it failed."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

from ..engine.text import printable
from . import keras_state, names, preprocessing, run_images
from .catalogue import TechniqueError, nearest, technique
from .history import Earlier, weights_now
from .network import NetworkError
from .picture_files import ImageError
from .probe import Probe, target_classes
from .rest import Rest
from .schedule import Interval, Schedule, interval_of
from .sets import as_set

if TYPE_CHECKING:
    from ..engine.rundir import RunDir
    from .figures import Figure
    from .resources import Resources
    from .training import Training

SETTINGS = (
    "every", "images", "target", "preprocess", "postprocess", "output", "labels", "sample", "data", "records", "name",
    "budget", "disk",
)  # fmt: skip
VALIDATION = "validation"  # as `images`: the first of `data`, or of what `fit` validates on
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_])?")
_FILES = (".json", ".jsonl")  # of a run, in results/ beside the folders
_OF_DATA = 4  # images of the data that are shown where nobody chose any
_SAMPLE = 64  # inputs of the data that stand for the training data where no sample is given


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What a technique is to look at, as `Probe` takes it. `folder` is where images are looked for when none were
    given, neither here nor when the run was started.
    """

    images: Any = None
    target: int | Sequence[int | None] | None = None
    preprocess: Callable[..., Any] | str | None = None
    postprocess: Callable[..., Any] | str | None = None
    output: str | int | None = None
    labels: tuple[str, ...] = ()
    sample: Any = None
    data: Any = None
    records: Any = None
    folder: Path | None = None

    def described(self) -> tuple[Hashable, ...]:
        """What tells it from another one."""
        given = (self.images, self.target, self.sample, self.data, self.records)
        processes = (getattr(each, "__qualname__", str(each)) for each in (self.preprocess, self.postprocess))
        return (*(_told(each) for each in given), *processes, self.output, self.labels)


class PictureSet:
    """`name` is the folder of its figures once a training has begun; `cost` what one of them is expected to take, in
    seconds; `shows` the step that the last one shows.
    """

    def __init__(
        self,
        named: names.Named,
        options: Any,
        interval: Interval | None,
        subject: Subject = Subject(),
        name: str = "",
    ) -> None:
        self.named = named
        self.options = options
        self.subject = subject
        self.asked_name = name or names.folder(named)
        self.name = self.asked_name
        self.schedule = Schedule(interval)
        self.rest = Rest()
        self.cost: float | None = None
        self.shows: int | None = None
        self.bytes: int | None = None  # of its figures on the disk, where somebody counted them
        self.failure = ""  # of the last attempt, nothing where it worked
        self.held_since: int | None = None  # the step at which a picture was due that has to wait
        self.said_to_wait = False
        self.needs = frozenset().union(*(technique(each).needs for each in (named.technique, named.wrapper) if each))
        self._probe: Probe | None = None
        self._model: Any = None
        self._earlier: Earlier | None = None
        self._to_keep: Any = None
        self._alone = False  # it calls the model with another structure of inputs than the others

    @property
    def interval(self) -> Interval | None:
        """From one picture to the next, where there are any between the first and the last."""
        return self.schedule.interval

    def settings(self, before: int) -> Hashable:
        """What tells it from another set, of which `before` were registered earlier under the same name."""
        return (str(self.named), repr(self.options), self.subject.described(), before)

    def shows_another(self, model: Any) -> bool:
        """Whether its last figure shows another model."""
        return self._model is not None and self._model is not model

    def prepare(self, model: Any, run: RunDir, resources: Resources) -> bool:
        """Get ready to look at the network as it is now: whether that took reading images and a walk through it.

        Raises TrainvisError, OSError, and whatever a preprocessing may stumble over.
        """
        own = self._probe.network if self._probe is not None else None
        if own is not None and own.model is model and not own.changed():
            shared = resources.network_of(model)
            if shared is None:
                resources.keep(own)  # of a fit before, whose run was closed and opened again
            if shared in (None, own) or self._alone:
                self.probe.forget()
                return False
        if self._model is not model:
            self._earlier = None
        if keras_state.is_spread(model):
            raise NetworkError(
                f"the weights of {model.name!r} lie in parts on several processes, of which one makes pictures: it "
                "cannot. Look at a saved network instead"
            )
        self._probe = None
        shared = resources.network_of(model)
        self._probe = self._made(shared or model, run)
        self._alone = shared is not None and self._probe.network is not shared
        if not self._alone:
            resources.keep(self._probe.network)
        return True

    @property
    def probe(self) -> Probe:
        """What it looks with, once it was prepared."""
        assert self._probe is not None
        return self._probe

    def figure(self, training: Training) -> Figure | None:
        """What the technique makes of what was prepared; None where it only takes note of it, for the next figure.

        Raises TrainvisError, and whatever a technique may stumble over.
        """
        if "history" not in self.needs:
            return names.compute(self.named, self.probe, self.options)
        self.probe.step, self.probe.earlier = training.step, self._earlier
        figure = names.compute(self.named, self.probe, self.options) if self._earlier is not None else None
        self._earlier = weights_now(training.model, training.step)
        return figure

    def keep_images(self, run: RunDir) -> None:
        """Copy the images that it looks at into the run, once. Raises OSError."""
        if self._to_keep is not None:
            source, self._to_keep = self._to_keep, None
            run_images.keep(run, source, self.probe.pictures)

    def worked(self) -> None:
        """The technique made what it was to make."""
        self.rest.worked()
        self.failure = ""

    def failed(self, why: str, now: float) -> None:
        """It did not, and rests for a while."""
        self.rest.failed(now)
        self.failure = why

    def shown(self, step: int, model: Any) -> None:
        """Its last figure shows this model after this step."""
        self.shows, self._model = step, model

    def expect(self, cost: float) -> None:
        """What an attempt took in seconds, as far as it tells what the next one will take."""
        self.cost = cost if self.cost is None else (self.cost + cost) / 2

    def _made(self, model: Any, run: RunDir) -> Probe:
        subject = self.subject
        data = keras_state.validation_arrays() if subject.data is None else subject.data
        images, preprocess = self._images(run, data)
        sample, records = subject.sample, subject.records
        if data is not None:
            sample = _first(data[0], _SAMPLE) if sample is None else sample
            records = data if records is None and subject.preprocess is None else records
        self._to_keep = images
        probe = Probe(
            model,
            images,
            subject.target,
            preprocess,
            subject.postprocess,
            output=subject.output,
            labels=subject.labels,
            sample=sample,
            data=data,
            records=as_set(records, subject.labels) if records is not None and "set" in self.needs else None,
        )
        if subject.data is None:
            probe.data_said = "the validation data"
        return probe

    def _images(self, run: RunDir, data: Any) -> tuple[Any, Any]:
        """What to look at, and how to make network units of it."""
        subject = self.subject
        if subject.images is not None and not _is_validation(subject.images):
            return subject.images, subject.preprocess
        if "image" not in self.needs and subject.images is None:
            return None, subject.preprocess
        files = run_images.chosen(run) if subject.images is None else []
        if not files and subject.folder is not None:
            files = run_images.files_of(subject.folder)
        if files:
            return files, subject.preprocess
        if data is not None:
            return _first(data[0], _OF_DATA), None  # these are in network units
        where = f", put some into {subject.folder}" if subject.folder is not None else ""
        raise ImageError(
            f"there is no image to look at: give images=…{where}, validate on arrays, or choose images when the run is "
            "started"
        )


def _is_validation(images: Any) -> bool:
    return isinstance(images, str) and images == VALIDATION


def labels_of(given: Any) -> tuple[str, ...]:
    """The names of the classes. Raises TechniqueError."""
    if given is None:
        return ()
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TechniqueError(f"labels={printable(repr(given), 60)}: give a list of the names of the classes")
    return tuple(map(str, given))


def registered(
    technique_name: str, every: Any, subject: Subject, name: str = "", options: Mapping[str, Any] | None = None
) -> PictureSet:
    """A set as a script asks for it. Raises TechniqueError, ScheduleError or ImageError for what cannot be."""
    named = names.parse(technique_name)
    known = names.option_names(named)
    for each in options or ():
        if each not in known:
            takes = (*known, *SETTINGS)
            said = f"its options are {', '.join(known)}" if known else "it has no options of its own"
            wrong = f"pictures({str(named)!r}) takes no {printable(each, 60)!r}{nearest(each, takes)}"
            raise TechniqueError(f"{wrong}: {said}, those of every technique are {', '.join(SETTINGS)}")
    target_classes(subject.target)
    if subject.data is not None and not (isinstance(subject.data, tuple | list) and len(subject.data) in (2, 3)):
        raise TechniqueError(
            f"data={printable(type(subject.data).__name__, 40)}: give (x, y) or (x, y, weights), as fit takes them"
        )
    for process in (subject.preprocess, subject.postprocess):
        if isinstance(process, str):
            preprocessing.named(process)
    if name and not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise TechniqueError(
            f"name={printable(repr(name), 60)} cannot be a folder: letters, digits and . _ - only, the first and the "
            "last neither . nor -"
        )
    if name and name.endswith(_FILES):
        raise TechniqueError(f"name={name!r} cannot be a folder: a file of the run may be called so")
    return PictureSet(named, names.options_of(named, options), interval_of(every), subject, name)


def _first(arrays: Any, count: int) -> Any:
    return tree.map_structure(lambda each: np.asarray(each[:count]), arrays)


def _told(given: Any) -> Hashable:
    if isinstance(given, np.ndarray):
        some = given[: min(len(given), 8)] if given.ndim else given  # it may be the whole of the training data
        return (given.shape, str(given.dtype), zlib.crc32(np.ascontiguousarray(some).tobytes()))
    if isinstance(given, list | tuple):
        return tuple(_told(each) for each in given)
    return str(given) if given is None or isinstance(given, str | int | Path) else type(given).__name__
