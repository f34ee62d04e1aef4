"""The last moments of a build: its file is whole, gets its name, and the folder it was built in goes."""

from __future__ import annotations

import os

import pytest
from built_sets import folder

from trainvis.datasets.building import build as build_module
from trainvis.datasets.building import part
from trainvis.datasets.building.build import BuildOptions, build
from trainvis.datasets.errors import BlobError
from trainvis.datasets.layouts.table import recognise

pytestmark = pytest.mark.slow


class KilledError(BaseException):
    """As a kill: nothing handles it."""


@pytest.mark.parametrize("stop", [0, 1, 2, 5, 9])
def test_a_build_that_is_killed_while_its_folder_goes_is_done(tmp_path, monkeypatch, stop):
    """Whatever of the folder is left: the blob is there, and no part that could be gone on with is."""
    source, out = folder(tmp_path / "in", 12), tmp_path / "out.h5"
    options, removed, real = BuildOptions(workers=1), [], os.unlink

    def unlink(path, *given, **more) -> None:
        if out.exists():
            if len(removed) == stop:
                raise KilledError
            removed.append(path)
        real(path, *given, **more)

    monkeypatch.setattr(os, "unlink", unlink)
    with pytest.raises(KilledError):
        build(recognise(source), out, options)
    monkeypatch.undo()
    assert (tmp_path / "out.h5.part" / "begun.json").exists() == (not removed)
    assert build(recognise(source), out, options).records == 12
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out.h5"]


def _stopped_before_its_name(monkeypatch, source, out, options) -> None:
    """A build that has all but the names of its files."""
    monkeypatch.setattr(build_module, "_rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        build(recognise(source), out, options)
    monkeypatch.undo()


def test_what_was_finished_of_another_source_is_not_given_for_this_one(tmp_path, monkeypatch):
    source, other = folder(tmp_path / "in", 12), folder(tmp_path / "other", 9)
    out, options = tmp_path / "out.h5", BuildOptions(workers=1)
    _stopped_before_its_name(monkeypatch, source, out, options)
    with pytest.raises(BlobError, match="was begun from another source"):
        build(recognise(other), out, options)
    assert build(recognise(source), out, options).records == 12


def test_what_was_finished_is_not_put_over_a_file_that_came_since(tmp_path, monkeypatch):
    source, out, options = folder(tmp_path / "in", 12), tmp_path / "out.h5", BuildOptions(workers=1)
    _stopped_before_its_name(monkeypatch, source, out, options)
    out.write_bytes(b"somebody's")
    with pytest.raises(BlobError, match="is there already"):
        build(recognise(source), out, options)
    assert out.read_bytes() == b"somebody's"
    assert build(recognise(source), out, options, replace=True).records == 12


def test_a_blob_that_was_taken_away_before_its_part_was_is_built_anew(tmp_path, monkeypatch):
    source, out, options = folder(tmp_path / "in", 12), tmp_path / "out.h5", BuildOptions(workers=1)
    monkeypatch.setattr(part.Part, "remove", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        build(recognise(source), out, options)
    monkeypatch.undo()
    out.unlink()
    assert build(recognise(source), out, options).records == 12
    assert out.exists()


def test_side_labels_that_changed_do_not_go_on_with_a_part(tmp_path, monkeypatch):
    source, out, side = folder(tmp_path / "in", 12), tmp_path / "out.h5", tmp_path / "side.jsonl"
    side.write_text('{"key":"class0/000000.png","field":"label","value":"class1"}\n')
    options = BuildOptions(workers=1, labels=side)
    _stopped_before_its_name(monkeypatch, source, out, options)
    side.write_text('{"key":"class0/000000.png","field":"label","value":"class2"}\n')
    with pytest.raises(BlobError, match="was begun from another source, or that has changed"):
        build(recognise(source), out, options)
    assert build(recognise(source), out, options, fresh=True).records == 12
