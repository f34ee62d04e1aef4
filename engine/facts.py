"""What else stood around a run: the commit and its difference, the interpreter and its packages, the machine.

Gathered beside the run by a process of its own (git and a cold disk may take seconds), written into
`source/facts.json` and `source/repository.diff`. Standard library only.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from . import archive, interpreters
from .files import read_json, write_aside, write_json
from .imports import repository_of
from .rundir import RunDir

LARGEST_DIFF = 5_000_000
NOT_YET = "commit and versions are not gathered yet"
_GIT_SECONDS = 30.0
_USER_IN_URL = re.compile(r"(?<=://)[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Repository:
    """Where the script's folder stood in git. `untracked` are files that no commit and no difference holds."""

    root: str = ""
    commit: str = ""
    branch: str = ""
    remote: str = ""
    dirty: bool = False
    untracked: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """`versions` are those of the interpreter that ran the script, not of the one that runs trainvis."""

    repository: Repository = field(default_factory=Repository)
    python: str = ""
    python_version: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    host: str = ""
    system: str = ""
    cpus: int = 0
    gathered: float = 0.0
    digest: str = ""
    left_out: tuple[archive.LeftOut, ...] = ()
    problems: tuple[str, ...] = ()


def gather(run: RunDir) -> Facts:
    """Ask git and the run's interpreter, write `facts.json` and `repository.diff`. Never raises for what it asks.

    Raises OSError where the run directory cannot be written.
    """
    spec, problem = run.spec()
    problems = [problem] if problem else []
    repository, difference = _repository(Path(spec.script).parent if spec.script else Path(spec.cwd or "/"))
    if len(difference) > LARGEST_DIFF:
        problems.append(f"the difference to the commit is {len(difference) / 1e6:.1f} MB; its first 5 MB are kept")
    packages = interpreters.packages(spec.python) if spec.python else interpreters.Packages()
    if packages.problem:
        problems.append(packages.problem)
    manifest = archive.read(run)
    found = Facts(
        repository=repository,
        python=spec.python,
        python_version=packages.python_version,
        versions=packages.versions,
        host=platform.node(),
        system=platform.platform(),
        cpus=os.cpu_count() or 0,
        gathered=time.time(),
        digest=manifest.digest if manifest.files else "",
        left_out=manifest.left_out,
        problems=tuple(problems),
    )
    if difference:
        write_aside(run.diff_file, difference[:LARGEST_DIFF])
    write_json(run.facts_file, asdict(found))
    return found


def read(run: RunDir) -> Facts:
    """The facts as gathered; what is missing or damaged stays empty, with a sentence in `problems`.

    Digest and left-out files come from the manifest, which grows until the run's end.
    """
    reading = read_json(run.facts_file)
    value = reading.value
    manifest = archive.read(run)
    problems = [str(item) for item in _sequence(value.get("problems"))]
    if reading.missing:
        problems.append(NOT_YET)
    elif reading.problem:
        problems.append(reading.problem)
    return Facts(
        repository=_repository_from(value.get("repository")),
        python=str(value.get("python", "")),
        python_version=str(value.get("python_version", "")),
        versions=_texts(value.get("versions")),
        host=str(value.get("host", "")),
        system=str(value.get("system", "")),
        cpus=value["cpus"] if isinstance(value.get("cpus"), int) else 0,
        gathered=value["gathered"] if isinstance(value.get("gathered"), float) else 0.0,
        digest=manifest.digest if manifest.files else "",
        left_out=manifest.left_out,
        problems=tuple(problems),
    )


def _sequence(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}


def _repository_from(value: object) -> Repository:
    if not isinstance(value, dict):
        return Repository()
    texts = {item.name: str(value.get(item.name, "")) for item in fields(Repository) if item.type == "str"}
    untracked = tuple(str(name) for name in _sequence(value.get("untracked")))
    return Repository(**texts, dirty=value.get("dirty") is True, untracked=untracked)


def _repository(folder: Path) -> tuple[Repository, bytes]:
    root = repository_of(folder)
    if root is None:
        return Repository(), b""
    try:
        status = _git(root, "status", "--porcelain=v1", "-z", "--untracked-files=normal", "--no-renames")
        commit = _line(root, "rev-parse", "--verify", "--quiet", "HEAD")
        entries = [entry for entry in status.decode(errors="replace").split("\0") if entry]
        # --no-ext-diff, --no-textconv: a repository's configuration must not choose what is run here.
        difference = _git(root, "diff", "--no-ext-diff", "--no-textconv", "--no-color", *(("HEAD",) if commit else ()))
        return (
            Repository(
                root=str(root),
                commit=commit,
                branch=_line(root, "symbolic-ref", "--short", "--quiet", "HEAD"),
                remote=_USER_IN_URL.sub("", _line(root, "config", "--get", "remote.origin.url")),
                dirty=any(not entry.startswith("??") for entry in entries),
                untracked=tuple(entry[3:] for entry in entries if entry.startswith("??"))[:1000],
            ),
            difference,
        )
    except FileNotFoundError:
        return Repository(str(root), problem="git is not installed, so commit and difference are not known"), b""
    except subprocess.TimeoutExpired:
        return Repository(str(root), problem=f"git did not answer within {_GIT_SECONDS:.0f} s"), b""
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        return Repository(str(root), problem=f"git refused: {said[0] if said else error.returncode}"), b""


def _git(root: Path, *arguments: str, may_fail: bool = False) -> bytes:
    answer = subprocess.run(
        ["git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-C", str(root), *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=_GIT_SECONDS,
        check=not may_fail,
        # Never take the index lock from under a person who is committing.
        env={**_environment(), "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"},
    )
    return answer.stdout


def _environment() -> dict[str, str]:
    """Without git's own variables: started from a hook, they would name another repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def _line(root: Path, *arguments: str) -> str:
    return _git(root, *arguments, may_fail=True).decode(errors="replace").strip()
