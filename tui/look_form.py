"""What the Look screen holds: texts, what is wrong with them, the request they make. No widgets here."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.text import printable
from . import look_request
from .launch_form import FieldError, request_python
from .look_request import LookError, Wanted

if TYPE_CHECKING:
    from ..engine.request import Request
    from .settings import Remembered

NETWORKS = (".keras", ".h5", ".hdf5")
IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".tif", ".tiff", ".npy")
# The option of the command where an error stands → the field.
_FIELD = {
    "MODEL": "network", "--technique": "techniques", "--option": "options", "--layer": "layer", "--unit": "units",
    "--image": "images", "--set": "records", "--labels": "labels", "--target": "target",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LookForm:
    """The fields as typed; network, techniques, images, units and options are split as a shell would."""

    network: str = ""
    techniques: str = "saliency_maps"
    images: str = ""
    layer: str = ""
    units: str = ""
    options: str = ""
    target: str = ""
    records: str = ""
    preprocess: str = ""
    labels: str = ""
    python: str = ""


def problems(form: LookForm) -> dict[str, str]:
    """A sentence for each field that cannot be used as it is. Looks at the disk."""
    found: dict[str, str] = {}
    try:
        wanted = wanted_of(form)
    except FieldError as error:
        return {error.field: str(error)}
    for check in (look_request.check_files, look_request.check_techniques, look_request.check_needs):
        try:
            check(wanted)
        except LookError as error:
            field, sentence = _at_field(error)
            found.setdefault(field, sentence)
            if field == "techniques":
                break  # what nobody knows needs nothing
    try:
        request_python(form.python)
    except FieldError as error:
        found.setdefault("python", str(error))
    return found


def _at_field(error: LookError) -> tuple[str, str]:
    """Where it belongs, in words that need no command line."""
    text = str(error)
    for option, field in (("--image", "images"), ("--set", "records")):
        if not error.option and option in text:
            return field, f"{text.partition(': --')[0]}; ctrl+o chooses"
    if not error.option and "RUN:all" in text:
        return "network", f"{text.partition(': give')[0]}: name several"
    return _FIELD.get(error.option, "network"), text


def wanted_of(form: LookForm) -> Wanted:
    """What a form asks for. Raises FieldError for what cannot be read."""
    networks = tuple(_network(word) for word in _words("network", form.network))
    if not networks:
        raise FieldError("network", "which network is to be looked into? ctrl+o chooses one")
    techniques = tuple(word.strip(",") for word in _words("techniques", form.techniques))
    if not techniques:
        raise FieldError("techniques", "what is to be made? ctrl+o shows all there is")
    return Wanted(
        networks=networks,
        techniques=techniques,
        images=tuple(Path(word) for word in _words("images", form.images)),
        records=Path(form.records.strip()) if form.records.strip() else None,
        layer=form.layer.strip(),
        units=_words("units", form.units),
        target=form.target.strip(),
        preprocess=form.preprocess.strip(),
        labels=Path(form.labels.strip()) if form.labels.strip() else None,
        settings=_words("options", form.options),
    )


def request_of(form: LookForm) -> Request:
    """The request of a form without problems. Raises FieldError where it has one."""
    return look_request.request(wanted_of(form), request_python(form.python))


def _words(field: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        raise FieldError(field, "a quotation mark is not closed; write what holds blanks in quotes") from None


def _network(word: str) -> str:
    try:
        found = look_request.network(word)
    except LookError as error:
        raise FieldError("network", str(error)) from None
    if found is None:
        raise FieldError("network", f"{printable(word, 100)} is no .keras or .h5 file, and no keras:NAME")
    return found


def first(memory: Remembered, network: str, python: str) -> LookForm:
    """The form as it was last started, with another network; for the same one all of it."""
    kept = memory.get("look")
    names = [item.name for item in fields(LookForm)]
    told = {name: kept[name] for name in names if isinstance(kept.get(name), str)} if isinstance(kept, Mapping) else {}
    form = LookForm(**told)
    if network and network != form.network:  # layers and units are those of another network
        form = replace(form, network=network, layer="", units="", target="")
    return replace(form, python=python or form.python)


def remember(memory: Remembered, form: LookForm) -> None:
    """Keep the form for the next time."""
    kept: dict[str, Any] = asdict(form)
    memory.put("look", kept)


def choices(run: Path | None) -> list[tuple[str, str]]:
    """The networks that a run has saved, as (words, names): the best, then the latest; none where none can be read."""
    from ..engine import networks
    from ..engine.rundir import RunDir

    try:
        found = networks.saved(RunDir(run)) if run is not None else []
    except OSError:
        return []
    best = [path for path in found if path.name == "best.keras"]
    others = [path for path in found if path.name != "best.keras"]
    made = [(shlex.quote(str(path)), path.stem) for path in (*best, *reversed(others))]
    if len(others) > 1:
        made.append((shlex.join(map(str, others)), f"all {len(others)}, one after the other"))
    return made
