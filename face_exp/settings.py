"""What a study was asked: its settings, kept in `results/study.json` so that it can be taken up again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from ..engine.files import read_json, write_json
from ..engine.places import expanded
from ..engine.text import printable
from .errors import FacesError

SOURCES = ("label", "predicted", "shuffled")
SPLITS = ("image", "group", "stratified")
MOST_SEEDS = 1000
MOST_WORKERS = 64
DEFAULT_EXTRACTOR = "pca:128"


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides what a study trains. Paths are absolute; "" and 0 are what is left to the data.

    `nets` and `sweep` name networks (`nets.nets`, `sweep.sweep`), `expressions` sets (`expressions.parse_rules`),
    `sources` where the expression that is put in comes from; `expression_from` is the network that predicts it.
    `config` is a copy of the configuration file, inside the study. `extractor`, `preprocess` and `layer` are those of
    `extractors.table.extractor`, `tune` that of `extractors.tuning.trunk`. `pairs` of test faces are compared for
    verification.
    """

    data: str = ""
    demo: bool = False
    nets: str = "A-I"
    sweep: str | None = None
    config: str = ""
    seeds: int = 10
    expressions: str = "7"
    sources: tuple[str, ...] = ("label",)
    expression_from: str = ""
    split: str = "image"
    layout: str = ""
    labels: str = ""
    identity: str = "identity"
    expression: str = "expression"
    group: str = ""
    least: int = 0
    people: int = 0
    limit: int = 0
    size: int = 130
    extractor: str = ""
    preprocess: str = ""
    layer: str = ""
    tune: str = ""
    pairs: int = 20_000

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def of_json(value: Mapping[str, Any]) -> Settings:
    """The reverse of `as_json`. Raises FacesError for what is none, or of a newer trainvis."""
    known = {each.name for each in fields(Settings)}
    if not isinstance(value, Mapping) or not set(value) <= known:
        strange = ", ".join(sorted(set(value) - known)) if isinstance(value, Mapping) else "nothing"
        raise FacesError(f"the settings of this study hold what is not known here: {printable(strange, 200)}")
    usual = Settings()
    for name, one in value.items():
        kind: type | tuple[type, ...] = type(getattr(usual, name))
        kind = {"sources": list, "sweep": (str, type(None))}.get(name, kind)
        words = name != "sources" or (isinstance(one, list) and all(isinstance(each, str) for each in one))
        if not isinstance(one, kind) or not words or (isinstance(one, bool) and kind is int):
            raise FacesError(f"the settings of this study are damaged: {name} is {printable(repr(one), 60)}")
    return checked(Settings(**{**value, "sources": tuple(value.get("sources", ("label",)))}))


def checked(settings: Settings) -> Settings:
    """The same. Raises FacesError for what cannot be, before anything is opened."""
    if not settings.data and not settings.demo:
        raise FacesError("which faces? Give a blob or a folder of pictures, or --demo for faces that are drawn")
    if settings.data and settings.demo:
        raise FacesError("--demo draws its own faces: leave the data away, or leave --demo away")
    for what, value, known in (
        ("--source", settings.sources, SOURCES), ("--split", (settings.split,), SPLITS),
    ):  # fmt: skip
        for each in value:
            if each not in known:
                raise FacesError(f"{what} is {', '.join(known)}, not {printable(each, 40)}")
    if not settings.sources:
        raise FacesError("no --source of the expression: label, predicted, shuffled")
    if "predicted" in settings.sources and not settings.expression_from:
        raise FacesError(
            "--source predicted needs --expression-from NET: a network that names expressions, "
            "as `trainvis faces expression` trains one"
        )
    if settings.expression_from and "predicted" not in settings.sources:
        raise FacesError("--expression-from is the network of --source predicted: ask for that too")
    _check_numbers(settings)
    if settings.tune:
        _check_tune(settings)
    for option, path in (("--config", settings.config), ("--labels", settings.labels), ("DATA", settings.data)):
        if path and not Path(path).exists():
            raise FacesError(f"{option}: there is no {printable(path, 200)}")
    return settings


def _check_tune(settings: Settings) -> None:
    from .extractors.table import needs_network

    word, _, layer = settings.tune.partition(":")
    if word not in ("from", "whole", "scratch") or (word == "from") != bool(layer):
        raise FacesError(f"--tune is from:LAYER, whole or scratch, not {printable(settings.tune, 80)}")
    found = settings.extractor or ("" if settings.demo else DEFAULT_EXTRACTOR)
    if found and not needs_network(found):
        raise FacesError(f"--tune trains a network, and {printable(found, 200)} is none: give one with --extractor")


def _check_numbers(settings: Settings) -> None:
    if not 1 <= settings.seeds <= MOST_SEEDS:
        raise FacesError(f"{settings.seeds} seeds: a study has 1 to {MOST_SEEDS:,}")
    for what, number in (("--least", settings.least), ("--people", settings.people), ("--limit", settings.limit)):
        if number < 0:
            raise FacesError(f"{what} {number}: it cannot be less than 0")


def asked(given: Mapping[str, Any], of_config: Mapping[str, Any]) -> Settings:
    """Settings out of a command line, what it leaves open out of a configuration file. Raises FacesError."""
    values: dict[str, Any] = {}
    for each in fields(Settings):
        value = given.get(each.name)
        if each.name == "sweep":  # where it is given without a word, it is the usual one
            empty: tuple[Any, ...] = (None,)
        else:
            empty = (None, "", (), False)
        if value in empty:
            value = of_config.get(each.name, value)
        if value not in empty:
            values[each.name] = value
    if isinstance(values.get("sources"), str):
        values["sources"] = tuple(each.strip() for each in values["sources"].split(","))
    if "sources" in values:
        values["sources"] = tuple(dict.fromkeys(values["sources"]))
    elif values.get("expression_from"):
        values["sources"] = ("predicted",)
    if values.get("sweep") is not None and "nets" not in values:
        values["nets"] = ""
    for name in ("data", "labels", "config"):
        if values.get(name):
            values[name] = os.path.abspath(expanded(values[name]))  # noqa: PTH100 - links stay links
    try:
        return checked(Settings(**values))
    except TypeError as error:
        raise FacesError(f"the settings of the study: {printable(error, 200)}") from None


def study_file(results: Path) -> Path:
    return results / "study.json"


def write(results: Path, settings: Settings, about: Mapping[str, Any]) -> None:
    """Put settings, and what else is to be known of a study, into its results folder. Raises OSError."""
    write_json(study_file(results), {"settings": settings.as_json(), **about}, durable=True)


def read(results: Path) -> tuple[Settings, dict[str, Any]]:
    """What `write` put there, with the configuration file as it lies there now. Raises FacesError."""
    reading = read_json(study_file(results))
    if reading.problem:
        raise FacesError(f"{printable(results.parent.name, 100)} is no study to go on with: {reading.problem}")
    settings = of_json(reading.value.get("settings", {}))
    if settings.config:
        settings = replace(settings, config=str(config_copy(results)))
    return settings, reading.value


def config_copy(results: Path) -> Path:
    return results / "config.toml"


def words(settings: Settings) -> Sequence[str]:
    """What was asked, in a few words for a person."""
    seeds = f"{settings.seeds} seed" + ("" if settings.seeds == 1 else "s")
    said = [settings.nets and f"nets {settings.nets}", seeds, f"expressions {settings.expressions}"]
    if settings.sweep is not None:
        said.insert(1, f"sweep {settings.sweep}".strip())
    if settings.sources != ("label",):
        said.append(f"expression {', '.join(settings.sources)}")
    return [*filter(None, said), f"split by {settings.split}" if settings.split != "stratified" else "stratified split"]
