"""What a study would do, without doing it: its heads, about how long they take, and what its data holds."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ..engine.text import printable
from . import demo
from . import settings as kept
from .expressions import parse_rules
from .nets import Net
from .plan import Plan, heads_of, plan, said
from .preparing import Opened, nets_of, opened
from .settings import DEFAULT_EXTRACTOR, Settings
from .splits import many
from .workers import usual

_ASSUMED = 512  # numbers of a vector where only loading its network would tell


def look_ahead(settings: Settings, *, workers: int = 0, as_json: bool = False) -> int:
    """Print what would be trained; the exit code. Builds the data where it is no blob, and computes nothing of it.

    Raises FacesError for all that would end the study before its first head.
    """
    say = _error if as_json else _print
    nets = nets_of(settings)
    if settings.demo:
        facts, classes, learned = _of_demo(settings)
    else:
        data = opened(settings, say)
        facts, classes, learned = _of_data(data)
    width, known = _width(settings)
    heads = heads_of(nets, settings.seeds, tuple(classes), settings.sources)
    planned = plan(
        heads, {net.name: net for net in nets}, faces=learned, width=width, identities=facts["people"], classes=classes
    )
    # Of what --tune trains beside a head nobody knows how long it takes.
    seconds = None if settings.tune else planned.seconds() / (workers or usual(len(heads)))
    if as_json:
        each = {head: None if settings.tune else round(planned.expected[head], 1) for head in planned.heads}
        found = {
            "settings": settings.as_json(), "data": facts, "width": width if known else None,
            "seconds": None if seconds is None else round(seconds),
            "heads": [{"id": head.id, **asdict(head), "seconds": each[head]} for head in planned.heads],
        }  # fmt: skip
        sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
        return 0
    say(f"study: {', '.join(kept.words(settings))}")
    _print_facts(facts, learned, say)
    say(f"  {_vectors(settings, width if known else None)}")
    _print_nets(nets, planned, facts["people"], classes, width, say, tuned=bool(settings.tune))
    if seconds is None:
        told = "with --tune only the first that is finished tells how long they take"
    else:
        told = f"about {said(seconds)}" + ("" if known else f", if the extractor gives {_ASSUMED} numbers a face")
    say(f"{many(len(heads), 'head')}, {told}; nothing was trained")
    return 0


def _of_demo(settings: Settings) -> tuple[dict[str, Any], dict[str, int], int]:
    options = demo.OPTIONS
    classes = {name: int(name) if name.isdecimal() else 7 for name in parse_rules(settings.expressions)}
    facts = {"name": "drawn faces", "faces": options.faces, "people": options.people, "groups": None}
    return facts, classes, int(0.7 * options.faces)


def _of_data(data: Opened) -> tuple[dict[str, Any], dict[str, int], int]:
    faces, parts = data.faces, data.split(0)
    each, words = np.bincount(faces.identity), np.bincount(faces.expression, minlength=len(faces.expressions))
    facts = {
        "name": faces.name, "faces": len(faces), "people": len(faces.identities),
        "faces_each": [int(each.min()), int(np.median(each)), int(each.max())],
        "groups": len(np.unique(faces.group)),
        "expressions": dict(zip(faces.expressions, words.tolist(), strict=True)),
        "split": {part: len(getattr(parts, part)) for part in ("train", "validation", "test")},
        "notes": [*data.notes, *faces.notes],
    }  # fmt: skip
    return facts, {name: len(found) for name, found in data.sets.items()}, len(parts.train)


def _width(settings: Settings) -> tuple[int, bool]:
    """How many numbers a face has, and whether that is known."""
    if settings.demo and not settings.extractor:
        return demo.WIDTH, True
    try:
        from ..vis.framework import hushed
        from .extractors.table import extractor

        with hushed():
            return extractor(settings.extractor or DEFAULT_EXTRACTOR, settings.preprocess, settings.layer).width, True
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("trainvis"):
            raise
        return _ASSUMED, False
    except NotImplementedError:
        return _ASSUMED, False


def _vectors(settings: Settings, width: int | None) -> str:
    """What the heads begin at: the extractor, and the numbers it gives, where they are known."""
    numbers = f": {width:,} numbers of each face" if width else ""
    if settings.demo and not settings.extractor:
        return f"an embedding, trained on other drawn people{numbers}"
    weak = "" if settings.extractor else "; no --extractor is given: these are principal components, which are weak"
    return f"{printable(settings.extractor or DEFAULT_EXTRACTOR, 200)}{numbers}{weak}"


def _print_facts(facts: Mapping[str, Any], learned: int, say: Callable[[str], object]) -> None:
    groups = facts["groups"]
    grouped = f", {groups:,} groups" if groups and groups < facts["faces"] else ""
    say(f"{printable(facts['name'], 80)}: {facts['faces']:,} faces of {facts['people']:,} people{grouped}")
    if "faces_each" in facts:
        least, middle, most = facts["faces_each"]
        say(f"  faces of a person: {least} to {most}, half of them {middle} or more")
        say("  " + ", ".join(f"{word} {count:,}" for word, count in facts["expressions"].items()))
        parts = facts["split"]
        say(f"  {learned:,} to learn from, {parts['validation']:,} to validate, {parts['test']:,} to test")


def _print_nets(
    nets: Sequence[Net],
    planned: Plan,
    people: int,
    classes: Mapping[str, int],
    width: int,
    say: Callable[[str], object],
    *,
    tuned: bool,
) -> None:
    most, wide = max(classes.values(), default=0), max((len(net.name) for net in nets), default=0)
    for net in nets:
        mine = [head for head in planned.heads if head.net == net.name]
        parameters = net.layers.parameters(width, people, most)
        each = "" if tuned else f"{said(planned.seconds(mine) / max(len(mine), 1)):>6} each  "
        say(
            f"  {net.name:<{wide}}  {len(mine):>4} heads  {parameters:>11,} parameters  {net.epochs:>3} epochs  "
            f"{each}{net.layers}"
        )


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _error(text: str) -> None:
    sys.stderr.write(text + "\n")
