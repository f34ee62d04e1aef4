"""Pictures in folders: classes, parts, litter, links in circles, names in any script."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import class_folders, encoded, no_utf8, picture, text

from trainvis.datasets.errors import SourceError
from trainvis.datasets.layouts import walking
from trainvis.datasets.layouts.table import LAYOUTS, recognise


def keys(path: Path, **options) -> list[str]:
    return [sample.key for sample in recognise(path, **options).samples]


def test_a_folder_is_a_class_and_its_litter_is_nothing(tmp_path: Path):
    found = recognise(class_folders(tmp_path, {"dog": ["b.png", "a.png"], "cat": ["1.png"]}))
    assert found.layout == "image_folder"
    assert found.fields[1].classes == ("cat", "dog")
    samples = [(sample.key, sample.values["label"]) for sample in found.samples]
    assert samples == [("cat/1.png", "cat"), ("dog/a.png", "dog"), ("dog/b.png", "dog")]
    assert not found.problems.total
    assert [sample.key for sample in found.samples] == [key for key, _ in samples], "a second walk gives the same"


def test_parts_of_a_split_are_not_classes(tmp_path: Path):
    for part in ("train", "val", "test"):
        class_folders(tmp_path / part, {"cat": ["1.png"], "dog": ["1.png"]})
    found = recognise(tmp_path)
    assert found.fields[1].classes == ("cat", "dog")
    assert [(s.key, s.split) for s in found.samples][:3] == [
        ("test/cat/1.png", "test"), ("test/dog/1.png", "test"), ("train/cat/1.png", "train"),
    ]  # fmt: skip


def test_folders_around_the_classes_are_no_classes(tmp_path: Path):
    class_folders(tmp_path / "archive" / "set", {"cat": ["1.png"], "dog": ["1.png"]})
    text(tmp_path / "README.txt", "what it is")
    found = recognise(tmp_path)
    assert found.fields[1].classes == ("cat", "dog")
    assert found.notes == ("the classes are the folders in archive/set",)
    assert keys(tmp_path) == ["cat/1.png", "dog/1.png"]
    (tmp_path / "archive" / "set" / "dog" / "1.png").rename(tmp_path / "archive" / "set" / "cat" / "2.png")
    for name in (".DS_Store", ""):
        (tmp_path / "archive" / "set" / "dog" / name).unlink() if name else (
            tmp_path / "archive" / "set" / "dog"
        ).rmdir()
    assert recognise(tmp_path).fields[1].classes == ("cat",)
    for part in ("train", "test"):
        class_folders(tmp_path / "split" / "wrapped" / part, {"cat": ["1.png"]})
    assert {sample.split for sample in recognise(tmp_path / "split").samples} == {"train", "test"}
    class_folders(tmp_path / "one" / "wrapped" / "train", {"cat": ["1.png"]})
    assert [(sample.key, sample.split) for sample in recognise(tmp_path / "one").samples] == [
        ("train/cat/1.png", "train")
    ]


def test_pictures_without_folders_have_no_label(tmp_path: Path):
    picture(tmp_path / "a.png")
    found = recognise(tmp_path)
    assert [field.name for field in found.fields] == ["image"]
    assert [sample.key for sample in found.samples] == ["a.png"]


def test_one_class_is_said(tmp_path: Path):
    assert recognise(class_folders(tmp_path, {"cat": ["1.png"]})).notes == ("all pictures are of one class: cat",)


def test_an_empty_folder_is_a_sentence(tmp_path: Path):
    (tmp_path / "empty" / "er").mkdir(parents=True)
    with pytest.raises(SourceError, match=r"there is no picture in .*empty"):
        recognise(tmp_path / "empty")


def test_what_is_no_picture_is_counted_and_what_has_no_ending_is_looked_into(tmp_path: Path):
    class_folders(tmp_path, {"cat": ["1.png"]})
    text(tmp_path / "cat" / "notes.txt", "no picture")
    text(tmp_path / "cat" / "bare", encoded(kind="gif", mode="L"))
    text(tmp_path / "cat" / "void", b"")
    found = recognise(tmp_path)
    assert [sample.key for sample in found.samples] == ["cat/1.png", "cat/bare"]
    assert found.problems.counts == {walking.NO_PICTURE: 2}
    list(found.samples)
    assert found.problems.total == 2, "a second walk counts anew"


def test_links_in_circles_end(tmp_path: Path):
    class_folders(tmp_path, {"cat": ["1.png"], "dog": ["1.png"]})
    (tmp_path / "cat" / "again").symlink_to(tmp_path)
    (tmp_path / "cat" / "self").symlink_to("self")
    (tmp_path / "dog" / "cats").symlink_to(tmp_path / "cat")
    (tmp_path / "dog" / "more cats").symlink_to(tmp_path / "cat")
    (tmp_path / "dog" / "gone.png").symlink_to("nowhere.png")
    found = recognise(tmp_path)
    assert [sample.key for sample in found.samples] == ["cat/1.png", "dog/1.png", "dog/cats/1.png"]
    assert found.problems.counts == {
        "a link to a folder that it lies in": 2,
        "no ordinary file, or a link that leads nowhere": 3,
        "a second link to the same folder": 1,
    }


def test_names_in_any_script_and_in_none(tmp_path: Path):
    names = ["日本語.png", "naïve.png", "a\x1b[31m.png", no_utf8(b"\xff\xfe.png"), "line\nbreak.png"]
    class_folders(tmp_path, {no_utf8(b"caf\xe9"): names})
    text(tmp_path / no_utf8(b"caf\xe9") / no_utf8(b"\xe9\x1b.txt"), "no picture")
    found = recognise(tmp_path)
    assert found.fields[1].classes == ("caf\\xe9",)
    samples = list(found.samples)
    assert len(samples) == 5
    for sample in samples:
        sample.key.encode()  # valid text
        assert sample.values["image"].path.is_file()
    (example,) = found.problems.examples[walking.NO_PICTURE]
    assert example.isprintable()


def test_many_names_are_sorted_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class_folders(tmp_path, {"cat": [f"{number}.png" for number in range(30)], "dog": ["\n.png"]})
    whole = keys(tmp_path)
    monkeypatch.setattr(walking, "_HELD", 7)
    assert keys(tmp_path) == whole
    assert whole == sorted(whole)


def test_a_folder_that_cannot_be_read_is_counted(tmp_path: Path):
    class_folders(tmp_path, {"cat": ["1.png"], "dog": ["1.png"]})
    found = recognise(tmp_path)
    walk = iter(found.samples)
    next(walk)
    (tmp_path / "dog" / "1.png").unlink()
    (tmp_path / "dog" / ".DS_Store").unlink()
    (tmp_path / "dog").rmdir()  # as good as unreadable, also for root
    assert list(walk) == []
    assert found.problems.total == 1


@pytest.mark.slow
def test_a_deep_folder_is_walked(tmp_path: Path):
    folder = tmp_path
    for _ in range(300):
        folder = folder / "d"
    picture(folder / "1.png")
    assert len(keys(tmp_path)) == 1


def test_a_missing_source_a_wrong_layout_and_a_wrong_option_are_sentences(tmp_path: Path):
    with pytest.raises(SourceError, match="there is no"):
        recognise(tmp_path / "none")
    with pytest.raises(SourceError, match="did you mean 'image_folder'"):
        recognise(tmp_path, "imagefolder")
    with pytest.raises(SourceError, match="no option of the layout image_folder"):
        recognise(tmp_path, "image_folder", colour="blue")
    with pytest.raises(SourceError):
        recognise("a\0b")


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_refuses_an_empty_folder_in_words(name: str, tmp_path: Path):
    with pytest.raises(SourceError):
        recognise(tmp_path, name)
