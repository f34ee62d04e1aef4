"""The blob screen on blobs in memory and in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from memory_source import MemorySource
from own_files import write_own
from seen import shows, until
from stage import NOW, StageApp, World
from textual.pilot import Pilot

from trainvis.datasets.blob import Blob
from trainvis.datasets.errors import IndexingError
from trainvis.datasets.labels import Labels
from trainvis.datasets.schema import Field, Schema
from trainvis.engine.runs import Snapshot
from trainvis.tui.blobs import opening
from trainvis.tui.compat import screen_text
from trainvis.tui.screens.blob import BlobScreen
from trainvis.tui.screens.runs import RunsScreen
from trainvis.tui.widgets.blob_data import BlobData
from trainvis.tui.widgets.blob_grid import BlobGrid
from trainvis.tui.widgets.blob_record import BlobRecord

CLASSES = ("cat", "dog", "bird")
COUNT = 1000


def source(path: Path, count: int = COUNT) -> MemorySource:
    """Record 17 is grey 17, its class 17 modulo 3."""
    at = np.arange(count)
    schema = Schema(
        (
            Field("image", "image", "uint8", (6, 6, 1)),
            Field("label", "class", "int64", (), CLASSES),
            Field("split", "class", "int64", (), ("train", "test")),
            Field("age", "number", "float64"),
            Field("heat", "array", "float32", (4, 4)),
        )
    )
    columns = {
        "image": np.broadcast_to((at % 256).astype(np.uint8)[:, None, None, None], (count, 6, 6, 1)),
        "label": at % 3,
        "split": (at >= count // 2).astype(int),
        "age": at / 2,
        "heat": np.broadcast_to(at[:, None, None].astype(np.float32), (count, 4, 4)),
    }
    return MemorySource(schema, columns, [f"photos/{each}.png" for each in at], path)


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemorySource:
    """What opening any file gives."""
    path = tmp_path / "faces.h5"
    path.write_bytes(b"there")
    made = source(path)
    side = Labels(Labels.path_beside(path))
    monkeypatch.setattr(opening, "open_blob", lambda _, labels: Blob(made, side))
    return made


def staged(path: Path) -> tuple[StageApp, BlobScreen]:
    screen = BlobScreen(path)
    return StageApp(World(Snapshot(path.parent, NOW, ())), lambda: screen), screen


def grid(screen: BlobScreen) -> BlobGrid:
    return screen.query_one("#stage-records", BlobGrid)


async def read(pilot: Pilot[None], screen: BlobScreen, place: int) -> None:
    """Wait until the cursor stands on a record whose picture is there."""

    def there() -> bool:
        entry = grid(screen).entry
        return entry is not None and entry.place == place and entry.picture is not None

    await until(pilot, there, f"record {place}")


async def type_in(pilot: Pilot[None], text: str) -> None:
    await pilot.press(
        *(
            {":": "colon", " ": "space", "/": "slash", ".": "full_stop", ">": "greater_than_sign"}.get(c, c)
            for c in text
        )
    )


async def test_it_opens_on_pictures_with_labels(memory: MemorySource) -> None:
    app, screen = staged(memory.path)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "faces.h5 · memory · 1,000 records", "0–19 of 1,000 records · page 1 of 50", "▸cat")
        await read(pilot, screen, 0)
        await pilot.press("pagedown")
        await read(pilot, screen, 20)


@pytest.mark.slow
async def test_keys_lead_to_every_record(memory: MemorySource) -> None:
    app, screen = staged(memory.path)
    async with app.run_test(size=(100, 30)) as pilot:
        await shows(pilot, "faces.h5 · memory · 1,000 records", "0–19 of 1,000 records · page 1 of 50", "▸cat")
        await read(pilot, screen, 0)
        await pilot.press("pagedown", "right", "down")
        await read(pilot, screen, 21 + grid(screen).sheet.columns)
        await shows(pilot, "20–39 of 1,000 records · page 2 of 50", "photos/26.png · label bird")
        await pilot.press("end")
        await read(pilot, screen, 999)
        await pilot.press("home", "minus", "minus")
        await shows(pilot, "0–199 of 1,000 records · page 1 of 5")
        await pilot.press("g")
        await shows(pilot, "Go to a record")
        await type_in(pilot, "photos/700.png")
        await pilot.press("enter")
        await read(pilot, screen, 700)
        await pilot.press("slash")
        await type_in(pilot, "label:dog split:te")
        await shows(pilot, "166 of 1,000", "166 of 1,000 records pass")
        await pilot.press("enter", "home", "enter")
        await shows(pilot, "record 502", "label", "class 1 of 3", "251")
        assert screen.query_one(BlobRecord).whole.values[0, 0, 0] == 502 % 256  # type: ignore[union-attr,index]
        await pilot.press("right")
        await shows(pilot, "record 505")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: len(screen.order) == COUNT, "all records again")


@pytest.mark.slow
async def test_labels_are_given_by_digits_taken_back_and_stand_beside_the_stored_ones(memory: MemorySource) -> None:
    app, screen = staged(memory.path)
    side = Labels.path_beside(memory.path)
    async with app.run_test(size=(100, 30)) as pilot:
        await read(pilot, screen, 0)
        await pilot.press("e")
        await shows(pilot, "label:", "[1] cat  [2] dog  [3] bird")
        await pilot.press("3", "2")
        await shows(pilot, "bird*", "dog*")
        assert grid(screen).cursor == 2
        await pilot.press("space", "space", "space", "1")
        await until(pilot, lambda: len(side.read_text().splitlines()) == 5, "five labels")
        assert not grid(screen).marks
        said = [json.loads(line) for line in side.read_text().splitlines()]
        assert [(each["key"], each["value"]) for each in said[-3:]] == [(f"photos/{at}.png", "cat") for at in (2, 3, 4)]
        await pilot.press("ctrl+z")
        await until(pilot, lambda: len(side.read_text().splitlines()) == 8, "three taken back")
        await pilot.press("home", "v")
        await shows(pilot, "Which label?")
        await type_in(pilot, "fish")
        await shows(pilot, "fish   (new)")
        await pilot.press("enter")
        await shows(pilot, "fish*")
        await pilot.press("home", "enter")
        await shows(pilot, "stored: cat")
        await pilot.press("escape", "escape", "slash")
        await type_in(pilot, "label:fish")
        await shows(pilot, "1 of 1,000")


@pytest.mark.slow
async def test_a_new_field_is_given_and_shown(memory: MemorySource) -> None:
    app, screen = staged(memory.path)
    async with app.run_test(size=(100, 30)) as pilot:
        await read(pilot, screen, 0)
        await pilot.press("e", "e")
        await shows(pilot, "Which field?")
        await pilot.press("end", "enter")
        await shows(pilot, "A new field")
        await type_in(pilot, "mood")
        await pilot.press("enter")
        await shows(pilot, "mood: v gives a value")
        await pilot.press("v")
        await shows(pilot, "Which mood?")
        await type_in(pilot, "glad")
        await pilot.press("enter")
        await shows(pilot, "[1] glad")
        await pilot.press("1")
        blob = screen.blob
        assert blob is not None
        await until(pilot, lambda: "mood" in blob.schema and blob.labels("mood")[:2].tolist() == [0, 0], "two moods")
        await shows(pilot, "glad*")  # below the pictures stands the field that is given
        assert blob.side_labels is not None
        blob.side_labels.append("photos/4.png", "mood", "sad", confidence=0.7, model="net.keras")
        screen.look_again()
        await shows(pilot, "sad? 0.70")
        await pilot.press("u")
        await until(pilot, lambda: list(screen.order) == [4], "the suggestion")
        await pilot.press("y")
        await shows(pilot, "sad*")


@pytest.mark.slow
async def test_suggestions_come_least_certain_first_and_are_confirmed_or_corrected(memory: MemorySource) -> None:
    side = Labels(Labels.path_beside(memory.path))
    for at, sure in ((5, 0.9), (7, 0.4), (9, 0.6)):
        side.append(f"photos/{at}.png", "label", "bird", confidence=sure, model="net.keras")
    app, screen = staged(memory.path)
    async with app.run_test(size=(100, 30)) as pilot:
        await shows(pilot, "bird? 0.40")
        await pilot.press("u")
        await shows(pilot, "0–2 of 3 suggestions, the least certain first")
        assert list(screen.order) == [7, 9, 5]
        await pilot.press("y", "1")
        await until(pilot, lambda: len(Labels(side.path).of("label")) == 2, "two labels")
        found = {key: change.value for key, change in Labels(side.path).of("label").items()}
        assert found == {"photos/7.png": "bird", "photos/9.png": "cat"}
        await pilot.press("u", "u")
        await shows(pilot, "1 suggestion, the")


@pytest.mark.slow
async def test_suggestions_of_another_field_than_the_label_are_found(memory: MemorySource) -> None:
    side = Labels(Labels.path_beside(memory.path))
    side.append("photos/5.png", "mood", "glad", confidence=0.7, model="net.keras")
    app, screen = staged(memory.path)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "mood" in screen.words, "the field of the suggestion")
        await pilot.press("u")
        await shows(pilot, "1 suggestion, the", "mood:", "[1] glad")
        await pilot.press("y")
        await until(pilot, lambda: "photos/5.png" in Labels(side.path).of("mood"), "a label")


@pytest.mark.slow
async def test_counts_pixels_means_and_what_is_alike(memory: MemorySource) -> None:
    app, screen = staged(memory.path)
    async with app.run_test(size=(120, 34)) as pilot:
        await read(pilot, screen, 0)
        await pilot.press("2")
        await shows(pilot, "3 of 3 classes", "334  33%", "mean of 1,000 images", "pixel values", "mean of each class")
        await pilot.press("down", "enter")
        await shows(pilot, "333 of 1,000", "label:dog")
        await pilot.press("3")
        await shows(pilot, "same bytes", "4 × 0")
        await pilot.press("down", "enter")
        await shows(pilot, "record 1")


@pytest.mark.slow
async def test_records_without_pictures_are_a_table_and_parts_are_chosen_by_a_key(memory: MemorySource) -> None:
    app, screen = staged(memory.path)
    async with app.run_test(size=(100, 30)) as pilot:
        await read(pilot, screen, 0)
        await pilot.press("v")
        await shows(pilot, "record", "key", "photos/3.png", "1.5")
        await pilot.press("p")
        await shows(pilot, "500 of 1,000", "split:train")
        await pilot.press("p", "end")
        await shows(pilot, "photos/999.png", "split:test")
        await pilot.press("p", "F", "v")
        await shows(pilot, "1,000 records")
        assert screen.picture == "heat"


@pytest.mark.slow
async def test_a_file_without_pictures_is_a_table_that_says_where_the_tree_is(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"], file["y"] = np.arange(50.0).reshape(10, 5), np.arange(10) % 3
    app, screen = staged(tmp_path / "x.h5")
    async with app.run_test(size=(100, 24)) as pilot:
        await shows(pilot, "0–9 of 10 records · no field is a picture; t is the tree", "enter open", "space mark")
        assert "larger" not in screen_text(screen)
        await pilot.press("t")
        await until(pilot, lambda: screen.in_tree and "10×5" in screen_text(screen), "the tree")
        await pilot.press("down", "enter")
        await shows(pilot, "/x 10×5 float64")
        await pilot.press("escape")
        await shows(pilot, "0–9 of 10 records")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(20, 6), (1, 1), (80, 24), (200, 60)])
async def test_no_size_and_no_key_breaks_it(memory: MemorySource, size: tuple[int, int]) -> None:
    app, screen = staged(memory.path)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: screen.query("#stage-records"), "the records")
        keys = "minus minus minus plus space enter plus i m right escape v v e 3 escape 2 down o 3 down 4 t down enter "
        keys += "1 f F p p u end"
        for key in keys.split():
            await pilot.press(key)
        await pilot.resize_terminal(60, 20)
        await pilot.press("escape", "1", "home")
        await pilot.resize_terminal(*size)
        await pilot.pause()
        screen_text(screen)


@pytest.mark.slow
async def test_records_that_a_writer_adds_are_seen_and_a_file_that_is_gone_is_said(memory: MemorySource) -> None:
    app, screen = staged(memory.path)
    async with app.run_test(size=(100, 30)) as pilot:
        await read(pilot, screen, 0)
        more = source(memory.path, COUNT + 234)
        memory.columns, memory._keys = more.columns, more._keys
        memory.notes, memory.changed = ("being written",), True
        screen.look_again()
        await shows(pilot, "1,234 records", "being written")
        await pilot.press("end")
        await read(pilot, screen, COUNT + 233)
        memory.path.unlink()
        screen.look_again()
        await shows(pilot, "the file is gone")
        await pilot.press("home")
        await read(pilot, screen, 0)


def weights(path: Path) -> None:
    """As Keras saves them."""
    with h5py.File(path, "w") as file:
        file.attrs["by"] = "some\x1b[31mbody"
        file["layers/conv/vars/0"] = np.arange(2 * 3 * 4 * 8 * 9, dtype=np.float32).reshape(2, 3, 4, 8, 9)
        file["names"] = np.array(["alpha", "beta", "gamma"], h5py.string_dtype())
        file["recipe"] = json.dumps({"lr": 0.1, "layers": [3, 4]})
        file.create_group("vars")


@pytest.mark.slow
async def test_of_a_file_without_records_the_tree_is_shown_and_slices_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "net.weights.h5"
    weights(path)
    app, screen = staged(path)
    async with app.run_test(size=(120, 34)) as pilot:
        await shows(pilot, "layers", "some␛[31mbody", "no records: this is a Keras weights (HDF5)")
        await until(pilot, lambda: screen.query("#stage-data"), "the data")
        await pilot.press("down", "right", "down", "right", "down", "right")
        await shows(pilot, "2×3×4×8×9")
        await pilot.press("down", "enter")
        await shows(pilot, "[▸0, 0, 0, rows, columns] of 2×3×4×8×9")
        data = screen.query_one(BlobData)
        await pilot.press("tab", "right_square_bracket")
        await until(pilot, lambda: value(data) == 864.0, "the next slice")
        await pilot.press("v", "down", "right")
        await shows(pilot, "[▸1, 0, 0, rows, columns]", "874")
        await pilot.press("r")
        await shows(pilot, "[▸1, 0, 0, columns, rows]")
        await pilot.press("tab", "end", "up", "up", "enter")
        await shows(pilot, "beta")
        await pilot.press("down", "enter")
        await shows(pilot, '"lr": 0.1')


def value(data: BlobData) -> Any:
    return data.read.values[0, 0] if data.read is not None and data.read.values is not None else None


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"no data set at all", b"\x89HDF\r\n\x1a\n" + bytes(100)])
async def test_what_is_no_data_set_is_said_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.h5"
    path.write_bytes(content)
    app, screen = staged(path)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "broken.h5 ")
        await until(pilot, lambda: "is" in screen_text(screen) and "opening" not in screen_text(screen), "a sentence")
        assert "Traceback" not in screen_text(screen)
        await pilot.press("1", "2", "3", "e", "g", "slash", "t", "tab")
        assert app.screen is screen


@pytest.mark.slow
async def test_a_file_that_becomes_whole_is_shown_then(tmp_path: Path) -> None:
    path = tmp_path / "later.npz"
    app, screen = staged(path)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "there is no file")
        np.savez(tmp_path / "aside.npz", images=np.full((5, 8, 8), 7, np.uint8), labels=np.arange(5))
        (tmp_path / "aside.npz").rename(path)
        screen.look_again()
        await shows(pilot, "5 records")
        await read(pilot, screen, 0)


@pytest.mark.slow
async def test_the_means_of_classes_may_have_other_sizes(tmp_path: Path) -> None:
    shape = Field("image", "image", "uint8", (None, None, 1))
    schema = Schema((shape, Field("label", "class", "int64", (), ("all alike", "others"))))
    sizes = [(2, 300), (2, 300), (90, 7), (5, 5)]
    rows = [(f"{at}", {"image": np.zeros((*size, 1), np.uint8), "label": at // 2}) for at, size in enumerate(sizes)]
    app, _ = staged(write_own(tmp_path / "x.h5", schema, rows))
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "0–3 of 4 records")
        await pilot.press("2")
        await shows(pilot, "mean of 4 images", "mean of each class")


@pytest.mark.slow
async def test_counts_follow_labels_at_once_and_say_that_a_file_has_grown(memory: MemorySource) -> None:
    app, screen = staged(memory.path)
    async with app.run_test(size=(100, 30)) as pilot:
        await read(pilot, screen, 0)
        await pilot.press("2")
        await shows(pilot, "334  33%", "mean of 1,000 images")
        await pilot.press("escape", "e", "3", "escape", "2")
        await shows(pilot, "333  33%", "334  33%")
        more = source(memory.path, COUNT + 7)
        memory.columns, memory._keys, memory.changed = more.columns, more._keys, True
        screen.look_again()
        await shows(pilot, "since it was counted 7 records came: r counts")
        await pilot.press("r")
        await shows(pilot, "mean of 1,007 images")


@pytest.mark.slow
async def test_while_keys_are_counted_records_come_as_they_can_and_a_key_is_found_at_once(
    memory: MemorySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = [True]

    def counted(*_: object) -> Any:
        if counting[0]:
            raise IndexingError("the keys are still counted")
        return MemorySource.keys(memory, *_)  # type: ignore[arg-type]

    def found(*_: object) -> Any:
        raise IndexingError("the keys are still counted")

    monkeypatch.setattr(memory, "keys", counted)
    monkeypatch.setattr(memory, "find", found)
    values = {name: memory.read([7], name)[0] for name in memory.schema.names}
    monkeypatch.setattr(memory, "by_key", lambda key: values if key == "photos/7.png" else None, raising=False)
    app, screen = staged(memory.path)
    async with app.run_test(size=(100, 30)) as pilot:
        await shows(pilot, "▸…", "the keys are still counted")
        await pilot.press("g")
        await shows(pilot, "Go to a record")
        await type_in(pilot, "photos/7.png")
        await pilot.press("enter")
        await shows(pilot, "whose place is not counted yet", "dog")
        await pilot.press("escape")
        counting[0] = False
        await read(pilot, screen, 0)


@pytest.mark.slow
async def test_from_the_runs_a_file_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "few.npz", images=np.full((5, 8, 8), 7, np.uint8), labels=np.arange(5))
    monkeypatch.chdir(tmp_path)
    app = StageApp(World(Snapshot(tmp_path, NOW, ())), RunsScreen)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("b")
        await shows(pilot, "Which data set?", "few.npz")
        await pilot.press("enter")
        await shows(pilot, "few.npz", "5 records")
        await pilot.press("q")
        await shows(pilot, "RUNS")
