"""A run directory: every path a property, every question a method, nothing cached.

The layout is described in docs/run-directory.md. File names are spelled here and nowhere else.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import RunError
from .files import Reading, create_json, locked, modified, read_json, write_json
from .text import one_line, printable

if TYPE_CHECKING:
    from .status import Status

GRACE = 60.0
LONGEST_NOTE = 100_000  # characters
_TAG = re.compile(r"[a-z0-9][a-z0-9._/-]{0,63}")
_ID = re.compile(r".+-\d{8}-\d{6}-[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class Spec:
    """What was asked. Written once, before the process starts.

    `script` is the absolute path of the script ("" for `module` runs), `argv` its arguments, `cwd` the
    working directory, `python` the interpreter, `env` the environment *additions* with secrets masked,
    `grace` the seconds between a stop and SIGTERM, `parent` the id of the run this one repeats or resumes,
    `resumes` the saved network (absolute path) that a resumed run starts from.
    """

    script: str = ""
    module: str = ""
    argv: tuple[str, ...] = ()
    cwd: str = ""
    python: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    gpus: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    launcher: str = "local"
    grace: float = GRACE
    parent: str = ""
    resumes: str = ""
    created: float = 0.0


@dataclass(frozen=True, slots=True)
class Process:
    """A process that cannot be mistaken for another: a pid alone is used again by the kernel."""

    pid: int
    start: str  # the kernel's start time, as engine.process reads it


@dataclass(frozen=True, slots=True)
class State:
    """Where a run stands, as its supervisor (or the script itself, launcher `hand`) last wrote it.

    `status` is waiting, running or finished; `why` (done, failed, killed, stopped, out_of_memory,
    time_limit, could_not_start) is set once finished. Times are seconds of Unix time.
    """

    status: str = ""
    why: str = ""
    text: str = ""
    exit_code: int | None = None
    signal: int | None = None
    by: str = ""
    forced: bool = False
    host: str = ""
    boot: str = ""
    user: str = ""
    supervisor: Process | None = None
    process: Process | None = None
    created: float | None = None
    started: float | None = None
    ended: float | None = None
    written: float | None = None
    stage: str = ""
    stage_since: float | None = None
    stage_until: float | None = None
    oom_kills: int = 0
    stragglers: int = 0


@dataclass(frozen=True, slots=True)
class Notes:
    """A person's own: editable for ever, also while the run is running."""

    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""


def new_id(stem: str, now: float) -> str:
    """`<script stem>-<YYYYMMDD-HHMMSS>-<4 hex>`; the stem reduced to what a folder name carries safely."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.") or "run"
    return f"{safe[:80]}-{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}-{os.urandom(2).hex()}"


def tags_of(text: str | Iterable[str]) -> tuple[str, ...]:
    """Tags from 'a b' or ['a', 'b c']: lower-cased, in order, each once. Raises RunError for a word that is none."""
    words = [text] if isinstance(text, str) else list(text)
    found: dict[str, None] = {}
    for tag in " ".join(words).lower().split():
        if not _TAG.fullmatch(tag):
            raise RunError(
                f"{printable(tag, 40)!r} cannot be a tag: letters a-z, digits and . _ / - only, "
                "beginning with a letter or digit, at most 64 characters"
            )
        found[tag] = None
    return tuple(found)


def retagged(tags: Iterable[str], text: str | Iterable[str]) -> tuple[str, ...]:
    """The tags after an edit: `a b` replaces them, `+a -b` adds and takes away. Raises RunError for what is no tag."""
    edits = (text if isinstance(text, str) else " ".join(text)).split()
    if not edits or any(word[0] not in "+-" for word in edits):
        return tags_of(edits)
    gone = set(tags_of(word[1:] for word in edits if word[0] == "-"))
    added = tags_of(word[1:] for word in edits if word[0] == "+")
    return tags_of([*(tag for tag in tags if tag not in gone), *added])


def stem_tag(stem: str) -> tuple[str, ...]:
    """The tag a script's stem gives, () where nothing of it can be one."""
    word = re.sub(r"[^a-z0-9._/-]+", "-", stem.lower()).strip("-._/")[:64]
    return (word,) if _TAG.fullmatch(word) else ()


class RunDir:
    """One run directory. Making the object touches no disk; `create` makes the directory."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()

    def __repr__(self) -> str:
        return f"RunDir({str(self.path)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunDir) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)

    @classmethod
    def create(cls, root: Path, stem: str, now: float | None = None) -> RunDir:
        """Make a new, empty run directory below `root`. Raises RunError where the folder cannot be written."""
        moment = time.time() if now is None else now
        try:
            root.mkdir(parents=True, exist_ok=True)
            while True:
                run = cls(root / new_id(stem, moment))
                try:
                    run.path.mkdir()
                    break
                except FileExistsError:
                    continue
            for folder in (run.control, run.images, run.networks, run.results, run.source):
                folder.mkdir()
        except OSError as error:
            raise RunError(
                f"no run directory can be made in {printable(root)}: {error.strerror}; "
                "choose another folder with --runs or $TRAINVIS_RUNS"
            ) from None
        return run

    @staticmethod
    def looks_like_id(name: str) -> bool:
        """Whether a folder of this name could be a run."""
        return _ID.fullmatch(name) is not None

    @property
    def id(self) -> str:
        """The name of the directory, unique within its runs folder."""
        return self.path.name

    @property
    def spec_file(self) -> Path:
        return self.path / "spec.json"

    @property
    def state_file(self) -> Path:
        return self.path / "state.json"

    @property
    def notes_file(self) -> Path:
        return self.path / "notes.json"

    @property
    def lock_file(self) -> Path:
        return self.path / "supervisor.lock"

    @property
    def supervisor_log(self) -> Path:
        """Exists only where a supervisor failed: what it died of."""
        return self.path / "supervisor.log"

    @property
    def claimed_file(self) -> Path:
        """Which process writes this run's results."""
        return self.path / "claimed.json"

    @property
    def ended_file(self) -> Path:
        """How the script itself says it ended: counts where its supervisor died before it."""
        return self.path / "ended.json"

    @property
    def trashed_file(self) -> Path:
        """In a run that lies in the trash: when it was put there, and by whom."""
        return self.path / "trashed.json"

    @property
    def output_log(self) -> Path:
        return self.path / "output.log"

    @property
    def source(self) -> Path:
        return self.path / "source"

    @property
    def manifest_file(self) -> Path:
        """What `source/files/` holds, what was left out, and the digest; see `engine.archive`."""
        return self.source / "manifest.json"

    @property
    def facts_file(self) -> Path:
        """Commit, versions, host; see `engine.facts`."""
        return self.source / "facts.json"

    @property
    def diff_file(self) -> Path:
        return self.source / "repository.diff"

    @property
    def source_files(self) -> Path:
        """The folder that holds the copied files themselves."""
        return self.source / "files"

    @property
    def control(self) -> Path:
        return self.path / "control"

    @property
    def listening_file(self) -> Path:
        return self.control / "listening.json"

    @property
    def answers_file(self) -> Path:
        return self.control / "answers.jsonl"

    def wish_file(self, wish: str) -> Path:
        return self.control / f"{wish}.json"

    @property
    def images(self) -> Path:
        return self.path / "images"

    @property
    def networks(self) -> Path:
        return self.path / "networks"

    @property
    def results(self) -> Path:
        return self.path / "results"

    @property
    def metrics_file(self) -> Path:
        return self.results / "metrics.jsonl"

    @property
    def summary_file(self) -> Path:
        return self.results / "summary.json"

    @property
    def figures_file(self) -> Path:
        return self.results / "figures.jsonl"

    @property
    def budget_file(self) -> Path:
        """What the pictures of a training took of its time."""
        return self.results / "budget.json"

    @property
    def report_file(self) -> Path:
        """What a study of faces found, in Markdown."""
        return self.results / "report.md"

    def figures(self, name: str) -> Path:
        """The folder of one sort of figures, `results/<name>/`; see `vis.results`."""
        return self.results / name

    def figure_file(self, name: str, step: int) -> Path:
        """The figure of a step; `ls` sorts them as they were made."""
        return self.figures(name) / f"{step:08d}.h5"

    @property
    def problems_file(self) -> Path:
        return self.results / "problems.jsonl"

    def spec(self) -> tuple[Spec, str | None]:
        """What was asked, and the sentence that says what is wrong with its file, if anything."""
        return _from_reading(Spec, read_json(self.spec_file))

    def state(self) -> tuple[State, str | None]:
        """The state as last written, and what is wrong with its file, if anything. Not what is alive: see `status`."""
        return _from_reading(State, read_json(self.state_file))

    def notes(self) -> tuple[Notes, str | None]:
        """Name, tags and note; a missing file is no problem."""
        reading = read_json(self.notes_file)
        return _from_reading(Notes, Reading({}) if reading.missing else reading)

    def write_spec(self, spec: Spec) -> None:
        write_json(self.spec_file, asdict(spec), durable=True)

    def write_state(self, state: State) -> None:
        """Write where the run stands. Only an end must survive a power cut: whatever else it says is over then."""
        durable = state.status == "finished"
        write_json(self.state_file, {**asdict(state), "written": time.time()}, durable=durable)

    def status(self, now: float | None = None) -> Status:
        """What the run is doing: its state as written, and what the kernel says of its processes."""
        from .liveness import status_of

        return status_of(self, time.time() if now is None else now)

    def last_sign(self) -> float | None:
        """When the run last wrote anything, Unix time; None where it never did."""
        signs = (self.state_file, self.lock_file, self.output_log, self.metrics_file, self.summary_file)
        return max((moment for path in signs if (moment := modified(path)) is not None), default=None)

    def claim(self, process: Process) -> bool:
        """Make `process` the one that writes this run's results; False where another one already is.

        A child process inherits `$TRAINVIS_RUN`: whoever comes second makes a child run of its own.
        Raises RunError where the run directory cannot be written.
        """
        try:
            create_json(self.claimed_file, asdict(process))
        except FileExistsError:
            value = read_json(self.claimed_file).value
            return (value.get("pid"), value.get("start")) == (process.pid, process.start)
        except OSError as error:
            raise RunError(f"the run {self.id} cannot be claimed: {error.strerror}") from None
        return True

    def record_end(self, exit_code: int, text: str = "", stopped_by: str = "") -> None:
        """Let the script itself say how it ends; believed where no supervisor lives to say it. Raises OSError."""
        end = {"exit_code": exit_code, "text": text, "stopped_by": stopped_by, "ended": time.time()}
        write_json(self.ended_file, end, durable=True)

    def write_notes(self, notes: Notes) -> None:
        """Write a person's words. Raises RunError where the disk does not take them or a note is a book."""
        if len(notes.note) > LONGEST_NOTE:
            raise RunError(
                f"a note of {len(notes.note):,} characters is too long: "
                f"keep it below {LONGEST_NOTE:,}, or put it into a file of its own"
            )
        clean = Notes(one_line(notes.name), tags_of(notes.tags), notes.note)
        try:
            write_json(self.notes_file, asdict(clean))
        except OSError as error:
            raise RunError(f"the notes of {self.id} cannot be written: {error.strerror}") from None

    def edit_notes(self, edit: Callable[[Notes], Notes]) -> Notes:
        """Change a person's words as they stand now, and say what they are then: of two who edit at once none loses.

        Raises RunError as `write_notes` does, and whatever `edit` raises; nothing is changed then.
        """
        with locked(self.path):
            edited = edit(self.notes()[0])
            self.write_notes(edited)
        return self.notes()[0]


T = TypeVar("T", Spec, State, Notes)


def _from_reading(kind: type[T], reading: Reading) -> tuple[T, str | None]:
    """Fields of the right type are taken, others keep their default and are named: files may be foreign."""
    default = kind()
    taken: dict[str, Any] = {}
    wrong: list[str] = []
    for item in fields(kind):
        if item.name not in reading.value:
            continue
        try:
            taken[item.name] = _fitting(item.name, reading.value[item.name], getattr(default, item.name))
        except (TypeError, ValueError, KeyError, OverflowError):
            wrong.append(item.name)
    problem = reading.problem
    if wrong and problem is None:
        problem = f"the file of {kind.__name__.lower()} holds something unexpected in: {', '.join(wrong)}"
    return kind(**taken), problem


_NUMBERS = {"exit_code": int, "signal": int}


def _fitting(name: str, value: Any, default: Any) -> Any:
    match default:
        case str() | bool() if isinstance(value, type(default)):
            return value
        case float() | int() if isinstance(value, int | float) and not isinstance(value, bool):
            return type(default)(value)
        case tuple() if isinstance(value, list):
            return tuple(str(item) for item in value)
        case Mapping() if isinstance(value, dict):
            return {str(key): str(item) for key, item in value.items()}
        case None if value is None:
            return None
        case None if isinstance(value, dict) and name in ("supervisor", "process"):
            return Process(int(value["pid"]), str(value["start"]))
        case None if isinstance(value, int | float) and not isinstance(value, bool):
            return _NUMBERS.get(name, float)(value)
    raise TypeError(name)
