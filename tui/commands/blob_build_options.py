"""The options of `trainvis blob build`, and what they become: those of a layout, and BuildOptions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
_SIZE = re.compile(r"(\d{1,5})(?:[x×X](\d{1,5}))?")

# Option of the command → that of the layout.
_LAYOUT = {
    "image": "image", "label": "label", "number": "number", "text": "text", "group": "group",
    "split_column": "split", "root": "root", "delimiter": "delimiter", "header": "header", "fold": "fold",
    "stored": "stored",
}  # fmt: skip
_YES = click.Choice(("yes", "no"))

_OF_LISTS = (
    click.option("--image", metavar="COLUMN", help="Of a list: the column of pictures; of an npz: its array of them."),
    click.option("--label", metavar="COLUMN[,COLUMN]", help="The columns of classes; the first is the label."),
    click.option("--number", metavar="COLUMN[,COLUMN]", help="Columns of numbers: age, a score."),
    click.option("--text", metavar="COLUMN[,COLUMN]", help="Columns of texts."),
    click.option("--group", metavar="COLUMN", help="The column of what no split tears apart: film, person."),
    click.option("--split-column", metavar="COLUMN", help="The column that says train, validation or test."),
    click.option("--root", type=click.Path(), metavar="FOLDER", help="The folder below which the pictures lie."),
    click.option("--delimiter", metavar="CHAR", help="Between cells: tab, comma, semicolon, pipe, space, a character."),
    click.option("--header", type=_YES, help="Whether the first row names the columns."),
    click.option("--fold", type=_YES, help="Whether labels that differ only in their case are one."),
    click.option("--stored", type=_YES, help="Whether of a blob the stored labels are taken, without its side file."),
)


def layout_options(command: F) -> F:
    """What is said of a source, as the mapping `layout_said`."""

    @wraps(command)
    def gathered(*args: Any, **said: Any) -> Any:
        layout = {theirs: said.pop(ours) for ours, theirs in _LAYOUT.items()}
        return command(*args, layout_said={name: value for name, value in layout.items() if value is not None}, **said)

    for option in reversed(_OF_LISTS):
        gathered = option(gathered)
    return gathered  # type: ignore[return-value]


_OF_IMAGES = (
    click.option("--size", metavar="N|WxH", help="Pixels of every image: N wide and high, or width x height."),
    click.option(
        "--fit",
        type=click.Choice(("crop", "squash", "pad", "fill")),
        default="crop",
        show_default=True,
        help="What becomes of another shape: cut, stretched, black bars, or its edge repeated.",
    ),
    click.option("--square", is_flag=True, help="Make images square by --fit; each keeps its own size."),
    click.option(
        "--grey/--colour", "grey", default=None, help="One channel, or three, of every image; without, as they are."
    ),
    click.option(
        "--encoding",
        type=click.Choice(("auto", "keep", "jpeg", "png", "raw")),
        default="auto",
        show_default=True,
        help="keep: the files as they are; jpeg, png: anew; raw: numbers, read fastest.",
    ),
    click.option(
        "--quality", type=click.IntRange(1, 100), default=90, show_default=True, metavar="N", help="Of JPEG, 1 to 100."
    ),
    click.option(
        "--compress",
        type=click.IntRange(0, 9),
        default=0,
        metavar="N",
        help="Raw numbers in HDF5 by gzip, 1 (fast) to 9 (small).",
    ),
)
_OF_RECORDS = (
    click.option(
        "--only", multiple=True, metavar="FIELD=CLASS[,…]", help="Only these classes of a field; may be repeated."
    ),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N records, by lot."),
    click.option("--per-class", type=click.IntRange(min=1), metavar="N", help="At most N of each class of the label."),
    click.option(
        "--per", multiple=True, metavar="FIELD=N", help="At most N of each class of this field; may be repeated."
    ),
    click.option(
        "--balance",
        type=click.Choice(("under", "over")),
        help="Each class as often as the rarest (under), or as the most frequent (over), in what is trained.",
    ),
    click.option(
        "--balance-by",
        default="label",
        show_default=True,
        metavar="FIELD",
        help="The field whose classes --balance means.",
    ),
    click.option("--shuffle", is_flag=True, help="Mix the order, by lot."),
    click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Of every lot."),
)
_OF_PARTS = (
    click.option(
        "--split", metavar="NAME=SHARE,…|source", help="Into parts: train=0.8,test=0.2, or as the source says."
    ),
    click.option(
        "--split-by",
        type=click.Choice(("sample", "group")),
        default="sample",
        show_default=True,
        help="group: whole films, sequences, persons go into one part.",
    ),
    click.option("--stratify", metavar="FIELD", help="The classes of this field have the same shares in each part."),
    click.option(
        "--list",
        "lists",
        multiple=True,
        metavar="NAME=FILE",
        help="A part by a file with a key a line; may be repeated.",
    ),
    click.option(
        "--labels", type=click.Path(path_type=Path), metavar="SIDE", help="Labels of this side file over the source's."
    ),
)
_OF_FILES = (
    click.option(
        "--statistics/--no-statistics", default=None, help="Count pixels too; without, where it costs little."
    ),
    click.option(
        "--shards", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="Into N files."
    ),
    click.option(
        "--workers", type=click.IntRange(min=0), default=0, metavar="N", help="Processes; without, one for each core."
    ),
)


def build_options(command: F) -> F:
    """What is chosen of a build, as the BuildOptions `chosen`."""
    listed = (*_OF_IMAGES, *_OF_RECORDS, *_OF_PARTS, *_OF_FILES)

    @wraps(command)
    def gathered(*args: Any, **said: Any) -> Any:
        names = (
            "size", "fit", "square", "grey", "encoding", "quality", "compress", "only", "limit", "per_class", "per",
            "balance", "balance_by", "shuffle", "seed", "split", "split_by", "stratify", "lists", "labels",
            "statistics", "shards", "workers",
        )  # fmt: skip
        return command(*args, chosen=_chosen({name: said.pop(name) for name in names}), **said)

    for option in reversed(listed):
        gathered = option(gathered)
    return gathered  # type: ignore[return-value]


def _chosen(said: dict[str, Any]) -> Any:
    """Raises click.UsageError for what cannot be understood, BlobError for what cannot be."""
    from ...datasets.building.options import BuildOptions

    limits = {name: _count(value, "--per") for name, value in _pairs(said["per"], "--per", "FIELD=N")}
    if said["per_class"] is not None:
        limits["label"] = said["per_class"]
    only = {name: tuple(value.split(",")) for name, value in _pairs(said["only"], "--only", "FIELD=CLASS")}
    return BuildOptions(
        size=size_of(said["size"]),
        fit=said["fit"],
        square=said["square"],
        colour="" if said["grey"] is None else "grey" if said["grey"] else "colour",
        encoding=said["encoding"],
        quality=said["quality"],
        compression=said["compress"],
        only=only,
        limit=said["limit"],
        limits=limits,
        balance=said["balance"] or "",
        balance_field=said["balance_by"],
        split=_split(said),
        shuffle=said["shuffle"],
        seed=said["seed"],
        labels=said["labels"],
        statistics=said["statistics"],
        shards=said["shards"],
        workers=said["workers"],
    )


def size_of(text: str | None) -> tuple[int, int] | None:
    """Height and width of `128` or `178x218` (width x height). Raises click.UsageError."""
    if text is None:
        return None
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise click.UsageError(f"--size takes pixels, 128 or 178x218 (width x height), not {text!r}")
    width = int(found[1])
    return (int(found[2]) if found[2] else width), width


def _split(said: dict[str, Any]) -> Any:
    from ...datasets.building.options import Split

    text, lists = said["split"], said["lists"]
    if lists:
        if text:
            raise click.UsageError("--split and --list contradict each other")
        return Split("lists", lists={name: Path(value) for name, value in _pairs(lists, "--list", "NAME=FILE")})
    if text is None:
        if said["stratify"] or said["split_by"] != "sample":
            raise click.UsageError("--split says into which parts: --split train=0.8,test=0.2")
        return None
    if text == "source":
        return Split("source")
    shares = {}
    for name, value in _pairs(text.split(","), "--split", "train=0.8,test=0.2"):
        try:
            shares[name] = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
        except ValueError:
            raise click.UsageError(f"--split: {value!r} is no share, as 0.8 or 80%") from None
    stratify = said["stratify"] or ""
    return Split(said["split_by"], shares, stratify=stratify)


def _pairs(values: Sequence[str], option: str, form: str) -> list[tuple[str, str]]:
    found = []
    for each in values:
        name, sign, value = each.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise click.UsageError(f"{option} takes {form}, not {each!r}")
        found.append((name.strip(), value.strip()))
    return found


def _count(text: str, option: str) -> int:
    if not re.fullmatch(r"\d{1,12}", text):
        raise click.UsageError(f"{option}: {text!r} is no number of records")
    return int(text)
