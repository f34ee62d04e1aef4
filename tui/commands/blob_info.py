"""`trainvis blob info`: what is in a file, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import exits, options, words
from .blob_options import file_argument, is_arrays_only, labels_options, opened, size_on_disk, table

if TYPE_CHECKING:
    from ...datasets.blob import Blob
    from ...datasets.looking.node import Node
    from ...datasets.looking.tree import Tree

_EPILOG = """\b
Examples
  trainvis blob info faces.h5                        fields, classes, parts
  trainvis blob info faces.h5 --tree                 every data set in it
  trainvis blob info network.keras                   layers and weights
  trainvis blob info old.lmdb --json | jq .records

A file without records (a network, its weights, a figure) shows its tree: groups, data sets and
attributes, with shape, type, chunks, compression and size. Nothing in a file is executed, and no
link is followed out of it."""

_NAMED = 12  # classes that are named
_DEPTH = 8
_ROWS = 500
_COUNTED = 200_000  # records


@click.command("info", epilog=_EPILOG)
@file_argument
@click.option("--tree", "trees", is_flag=True, help="Groups, data sets and attributes, of a blob too.")
@click.option(
    "--depth", type=click.IntRange(1, 64), default=_DEPTH, show_default=True, metavar="N", help="So deep a tree."
)
@labels_options
@options.json_option
def info_command(path: Path, trees: bool, depth: int, labels: Path | None, stored: bool, as_json: bool) -> None:
    """Say what is in FILE: its fields, classes, parts and sizes, or its tree."""
    from ...datasets.errors import BlobError

    problem = ""
    blob: Blob | None = None
    try:
        blob = opened(path, labels, stored=stored, whole=False)
    except BlobError as error:
        problem = str(error)
    if blob is not None and not trees and not is_arrays_only(blob):
        with blob:
            _print_blob(blob, as_json=as_json)
        return
    from ...datasets.looking.tree import open_tree

    try:
        tree = open_tree(path)
    except BlobError as error:
        raise exits.Failure(problem or str(error)) from None
    if as_json:
        words.print_json({"path": str(path), "format": tree.format, "tree": list(_json_tree(tree, depth))})
        return
    words.say(f"{path.name}: {tree.format}")
    for line in tree_lines(tree, depth):
        click.echo(line)


def _print_blob(blob: Blob, *, as_json: bool) -> None:
    from ...datasets.looking import contents

    # A foreign LMDB has its labels in the values, all of which would have to be read.
    counted = bool(blob.digest) or len(blob) <= _COUNTED or "LMDB" not in blob.format
    named = [field.name for field in blob.schema if field.kind == "class"] if counted else []
    counts = {name: contents.label_counts(blob, name) for name in named}
    if as_json:
        words.print_json(_json_blob(blob, counts))
        return
    from ..drawing.cells import number, size

    words.say(f"{blob.name}: {blob.format}, {len(blob):,} records, {size(size_on_disk(blob.path))}")
    click.echo("")
    for line in _fields(blob):
        click.echo(line)
    click.echo("")
    for name, (listed, unknown) in counts.items():
        for line in _classes(blob, name, listed, unknown):
            words.say(line)
    if not counted:
        words.hint("its labels are not counted: `trainvis blob stats` does, reading everything")
    found = contents.known(blob) if counted else None
    if found is not None and found.mean:
        values = ", ".join(f"{number(mean)} ± {number(std)}" for mean, std in zip(found.mean, found.std, strict=False))
        words.say(f"pixels, mean ± standard deviation of each channel: {values} (of 0…255)")
    _say_attributes(blob)


def _say_attributes(blob: Blob) -> None:
    from ..blobs.words import attribute

    for name, value in blob.attributes.items():
        value = _telling(value) if name == "options" and isinstance(value, Mapping) else value
        said = _compact(value) if isinstance(value, Mapping) else attribute(value)
        if said:
            words.say(f"{words.printable(name, 40).replace('_', ' ')}: {said}")
    if blob.digest:
        words.say(f"digest: {blob.digest}")
    if blob.side_labels is not None and len(blob.side_labels):
        words.say(f"labels changed in {blob.side_labels.path.name}: {len(blob.side_labels):,}")


def _telling(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a build without those that had nothing to do; a size as width × height."""
    said = dict(options)
    if not said.get("balance"):
        said.pop("balance_field", None)
    if said.get("shards") == 1:
        del said["shards"]
    match said.get("size"):
        case [int(height), int(width)]:
            said["size"] = f"{width}×{height}"
    return {name.replace("_", " "): value for name, value in said.items()}


def _compact(value: Mapping[str, Any]) -> str:
    """What says something of a mapping: `fit crop, seed 0, split: by sample, shares: train 0.8, test 0.2`."""
    said = []
    for name, each in value.items():
        if isinstance(each, Mapping):
            inner = _compact(each)
            said += [f"{name}: {inner}"] if inner else []
        elif each not in (None, "", False, [], 0):
            said.append(name if each is True else f"{name} {each}")
    return words.printable(", ".join(said), 600)


def _fields(blob: Blob) -> Iterator[str]:
    from ..drawing.cells import steady

    rows = [
        (
            steady(field.name, 60),
            field.kind,
            "×".join("?" if each is None else str(each) for each in field.shape),
            field.dtype,
            field.encoding or "numbers" if field.kind in ("image", "array") else "",
            f"{len(field.classes):,}" if field.kind == "class" and field.classes else "",
        )
        for field in blob.schema
    ]
    return table(("field", "kind", "shape", "type", "stored as", "classes"), rows, right=("classes",))


def _classes(blob: Blob, name: str, counts: list[int], unknown: int) -> Iterator[str]:
    """`label: 10 classes: cat 5,000, dog 4,000, …`, the largest last where there are many."""
    from ..drawing.cells import steady

    classes = blob.schema[name].classes
    said = [f"{steady(blob.said(name, at), 40)} {count:,}" for at, count in enumerate(counts[:_NAMED])]
    more = len(counts) - len(said)
    tail = f" and {more:,} more" if more > 0 else ""
    nobody = f"; of {unknown:,} nobody knows it" if unknown else ""
    total = max(len(classes), len(counts))
    yield f"{steady(name, 40)}, {total:,} class{'' if total == 1 else 'es'}: {', '.join(said)}{tail}{nobody}"
    there = [count for count in counts if count]
    if name != "split" and len(there) > 1 and max(there) >= 3 * min(there):
        yield f"  not balanced: the rarest has {min(there):,}, the most frequent {max(there):,}"


def _json_blob(blob: Blob, counts: dict[str, tuple[list[int], int]]) -> dict[str, Any]:
    return {
        "path": str(blob.path),
        "format": blob.format,
        "records": len(blob),
        "size": size_on_disk(blob.path),
        "schema": blob.schema.to_json(),
        "labels": {
            name: {"counts": {blob.said(name, at): count for at, count in enumerate(listed)}, "unknown": unknown}
            for name, (listed, unknown) in counts.items()
        },
        "parts": list(blob.groups),
        "attributes": dict(blob.attributes),
        "digest": blob.digest,
        "notes": list(blob.notes),
    }


def tree_lines(tree: Tree, depth: int = _DEPTH) -> Iterator[str]:
    """Everything in a file, a line each, indented."""
    from ...datasets.looking.tree import walk
    from ..drawing.cells import cut

    width = words.width() or 200
    for count, (level, node) in enumerate(walk(tree, depth=depth)):
        if count >= _ROWS and words.width():
            yield "…"
            words.hint(f"more than {_ROWS} lines: --depth N shows less of the tree, a pipe all of it")
            return
        yield cut("  " * (level + 1) + node_words(node), width)[0]


def node_words(node: Node) -> str:
    """`kernel  3×3×1×32 float32, 1.1K, gzip 4, chunks 10×8×8`."""
    from ..drawing.cells import size

    mark = {"group": "/", "attribute": " =", "link": "", "problem": " ✘", "text": " ="}.get(node.kind, "")
    said = [f"{node.said_shape} {node.dtype}".strip()] if node.kind in ("array", "bytes") else []
    if node.kind == "attribute" and node.shape:
        said.append(f"{node.said_shape} {node.dtype}")
    if node.size is not None and node.kind in ("array", "bytes", "group"):
        said.append(size(node.size))
    if node.stored is not None and node.compression:
        said.append(f"{node.compression}: {size(node.stored)} in the file")
    if node.chunks:
        said.append(f"chunks {'×'.join(map(str, node.chunks))}")
    if node.kind == "group" and (node.children or 0) > 0 and not said:
        said.append(f"{node.children:,} inside")
    text = f" {node.text}" if node.text else ""
    gap = "  " if said else ""
    return f"{node.name}{mark}{gap}{', '.join(said)}{text}"


def _json_tree(tree: Tree, depth: int) -> Iterator[dict[str, Any]]:
    from ...datasets.looking.tree import walk

    for level, node in walk(tree, depth=depth):
        said = {
            "path": node.path, "kind": node.kind, "name": node.name, "level": level, "shape": node.shape,
            "dtype": node.dtype, "size": node.size, "stored": node.stored, "chunks": node.chunks,
            "compression": node.compression, "text": node.text,
        }  # fmt: skip
        yield {name: value for name, value in said.items() if value not in (None, "")}
