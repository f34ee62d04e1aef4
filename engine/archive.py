"""The sources of a run, copied before its process starts, so that what ran can be read for ever.

`source/manifest.json` says what `source/files/` holds; `source/facts.json` and `source/repository.diff`
(see `facts`) are gathered beside the run, as git and the interpreter may take their time.
Standard library only: the callbacks of a script that was started by hand archive with this module too.
"""

from __future__ import annotations

import hashlib
import os
import re
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import RunError
from .files import read_json, write_json
from .imports import LARGEST_FILE, LeftOut, Territory, is_environment, walk

if TYPE_CHECKING:
    from .facts import Facts
    from .rundir import RunDir

LARGEST_ARCHIVE = 50_000_000
MASK = "***"

_SECRET = re.compile("KEY|TOKEN(?!IZER)|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL|AUTH(?!OR(?!I))", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?<=://)([^\s/@:]*):[^\s/@]+@")


@dataclass(frozen=True, slots=True)
class Sources:
    """What is to be archived: absolute paths, and the folder their archived names are relative to."""

    base: Path = Path("/")
    script: Path | None = None
    files: tuple[Path, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """`name` is its path below `source/files/`, `origin` where it lay; `sha256` of its content."""

    name: str
    origin: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `source/files/` holds. `script` is the name of the script in it, "" where there is none."""

    base: str = "/"
    script: str = ""
    files: tuple[ArchivedFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    problem: str | None = None

    @property
    def digest(self) -> str:
        """One hexadecimal SHA-256 over names and contents: equal digests, equal sources."""
        lines = sorted(f"{file.sha256} {file.name}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def collect(script: str | Path, cwd: str | Path = "", python: str = "") -> Sources:
    """Find the script and the modules it imports below its folder, `cwd` or the repository of either.

    Files above 5 MB, and what goes beyond 50 MB in all, are left out and named with the reason. Packages of
    the environment that `python` belongs to are never taken. Reads files, runs nothing; never raises.
    """
    if not script:
        return Sources()
    path = _absolute(script)
    territory = Territory.around(path, _absolute(cwd) if cwd else None)
    found, problems = walk(path, territory)
    environment = _environment_of(python)
    if environment is not None and not path.is_relative_to(environment):
        found = tuple(file for file in found if not file.is_relative_to(environment))
    files, left_out = _within_limits(found, 0)
    base = Path(os.path.commonpath([file.parent for file in files])) if files else path.parent
    return Sources(base, path, files, left_out + problems)


def _absolute(path: str | Path) -> Path:
    # Not resolved: a symbolic link is archived under the name by which the script knows it.
    return Path(os.path.normpath(Path(path).expanduser().absolute()))


def _environment_of(python: str) -> Path | None:
    """The folder of a virtual or conda environment; None for a system's Python, which owns half the disk."""
    folder = _absolute(python).parent.parent if os.sep in python else None
    if folder and is_environment(folder):
        return folder
    return None


def _within_limits(files: Iterable[Path], already: int) -> tuple[tuple[Path, ...], tuple[LeftOut, ...]]:
    taken: list[Path] = []
    left_out: list[LeftOut] = []
    total = already
    for path in files:
        try:
            size = path.stat().st_size
        except OSError as error:
            left_out.append(LeftOut(str(path), f"it cannot be read: {error.strerror}"))
            continue
        if size > LARGEST_FILE:
            left_out.append(LeftOut(str(path), f"{size / 1e6:.1f} MB, the limit for a file is 5 MB"))
        elif total + size > LARGEST_ARCHIVE:
            left_out.append(LeftOut(str(path), "the limit for all sources together is 50 MB"))
        else:
            total += size
            taken.append(path)
    return tuple(taken), tuple(left_out)


def copy(sources: Sources, run: RunDir) -> Manifest:
    """Copy what was collected into `source/files/` and write the manifest.

    A file that vanished meanwhile is named among those left out. Raises RunError where the run directory
    takes no more (a full disk).
    """
    script = _name(sources.script, sources.base) if sources.script in sources.files and sources.script else ""
    manifest = Manifest(str(sources.base), script, (), sources.left_out)
    return _add(run, manifest, sources.files)


def share(first: RunDir, run: RunDir) -> bool:
    """Archive in `run` what `first` holds, commit and versions included; False where those are not gathered yet.

    For several trainings of one process: all run the sources it was started with, and none is read, hashed or asked
    of git again. Files are hard links where the disk has them: nobody writes into an archived file, what changes is
    written aside and renamed. Raises RunError where the run directory takes no more.
    """
    manifest = read(first)
    facts = first.facts_file.exists()  # written last
    if manifest.problem or not facts:
        return False
    files = [first.source_files / file.name for file in manifest.files]
    others = [path for path in (first.manifest_file, first.facts_file, first.diff_file) if path.exists()]
    try:
        run.source_files.mkdir(parents=True, exist_ok=True)
        for path in (*files, *others):
            target = run.source / path.relative_to(first.source)
            target.parent.mkdir(parents=True, exist_ok=True)
            _link(path, target)
    except FileNotFoundError:
        return False  # the first one is being deleted
    except OSError as error:
        raise RunError(f"the sources cannot be archived in {run.source}: {error.strerror}") from None
    return True


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except FileNotFoundError:
        raise
    except OSError:  # a disk without hard links, or with too many of this file
        target.write_bytes(path.read_bytes())


def append_loaded(run: RunDir, modules: Mapping[str, object]) -> Manifest:
    """Add to the archive what `sys.modules` holds at the end and the static walk could not see.

    To be called in the training process. Files already archived are left as they were at the start.
    Raises RunError where the run directory takes no more.
    """
    manifest = read(run)
    spec, _ = run.spec()
    if not spec.script:
        return manifest
    territory = Territory.around(_absolute(spec.script), _absolute(spec.cwd) if spec.cwd else None)
    known = {file.origin for file in manifest.files} | {item.path for item in manifest.left_out}
    library = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    new = [
        path
        for path in _files_of(modules)
        if str(path) not in known and territory.owns(path) and not any(map(path.is_relative_to, library))
    ]
    files, left_out = _within_limits(new, sum(file.size for file in manifest.files))
    if not files and not left_out:
        return manifest
    return _add(run, replace(manifest, left_out=manifest.left_out + left_out), files)


def _files_of(modules: Mapping[str, object]) -> list[Path]:
    ours = __name__.partition(".")[0]
    found: dict[Path, None] = {}
    for name, module in sorted(modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith(".py") and name.partition(".")[0] != ours:
            found[_absolute(file)] = None
    return list(found)


def _add(run: RunDir, manifest: Manifest, paths: Iterable[Path]) -> Manifest:
    files, left_out = list(manifest.files), list(manifest.left_out)
    try:
        for path in paths:
            try:
                content = path.read_bytes()
            except OSError as error:
                left_out.append(LeftOut(str(path), f"it cannot be read: {error.strerror}"))
                continue
            name = _name(path, Path(manifest.base))
            target = run.source_files / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            files.append(ArchivedFile(name, str(path), len(content), hashlib.sha256(content).hexdigest()))
        run.source_files.mkdir(parents=True, exist_ok=True)
        grown = replace(manifest, files=tuple(files), left_out=tuple(left_out))
        value = {**asdict(grown), "digest": grown.digest}
        del value["problem"]
        write_json(run.manifest_file, value)
    except OSError as error:
        raise RunError(f"the sources cannot be archived in {run.source}: {error.strerror}") from None
    return grown


def _name(path: Path, base: Path) -> str:
    if path.is_relative_to(base):
        return str(path.relative_to(base))
    return str(Path("outside", *path.parts[1:]))


def read(run: RunDir) -> Manifest:
    """The manifest as it stands; a missing or damaged one is an empty one with its `problem` in words."""
    reading = read_json(run.manifest_file)
    value = reading.value
    try:
        return Manifest(
            str(value.get("base", "/")),
            str(value.get("script", "")),
            tuple(_archived(item) for item in value.get("files", ())),
            tuple(LeftOut(str(item["path"]), str(item["why"])) for item in value.get("left_out", ())),
            reading.problem,
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return Manifest(problem="manifest.json holds something unexpected")


def _archived(item: Mapping[str, Any]) -> ArchivedFile:
    name = str(item["name"])
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(name)  # a foreign directory must not lead a reader out of itself
    return ArchivedFile(name, str(item["origin"]), int(item["size"]), str(item["sha256"]))


def digest(run: RunDir) -> str:
    """The digest of the archived sources, "" where nothing is archived."""
    manifest = read(run)
    return manifest.digest if manifest.files else ""


def changed_since(run: RunDir) -> tuple[str, ...]:
    """The archived names whose originals have changed or gone since they were archived."""
    return tuple(file.name for file in read(run).files if _hash_of(Path(file.origin)) != file.sha256)


def _hash_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def mask(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with the values of secrets, and passwords inside URLs, replaced by `***`."""
    return {
        name: MASK if _SECRET.search(name) and value else _URL_PASSWORD.sub(rf"\1:{MASK}@", value)
        for name, value in environment.items()
    }


def facts(run: RunDir) -> Facts:
    """Gather commit, difference and the versions of the run's interpreter, and write them into `source/`."""
    from . import facts as gathering

    return gathering.gather(run)


def main(arguments: list[str]) -> int:
    """`python -P -m trainvis.engine.archive --facts RUNDIR`: what the supervisor starts beside a run."""
    from .rundir import RunDir

    match arguments:
        case ["--facts", path]:
            os.nice(10)  # the training that starts beside it goes first
            facts(RunDir(path))
            return 0
        case _:
            return 2


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
