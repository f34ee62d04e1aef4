"""Sources that are wrong in any way: one sentence, or counted problems; never anything else."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trees
from hypothesis import given, settings
from hypothesis import strategies as st

from trainvis.datasets.errors import SourceError
from trainvis.datasets.layouts.table import LAYOUTS, recognise
from trainvis.engine.text import printable

SETS: dict[str, tuple[Callable[[Path], Path], tuple[str, ...]]] = {
    "celeba": (
        trees.celeba,
        ("Anno/list_attr_celeba.txt", "Anno/identity_CelebA.txt", "Anno/list_landmarks_align_celeba.txt",
         "Eval/list_eval_partition.txt"),
    ),
    "imfdb": (trees.imfdb, ("Savitri/Fear/other name.txt", "Kajol/fear/fear.txt")),
    "legend": (trees.legend, ("data/legend.csv",)),
    "fer2013": (lambda root: trees.fer2013(root / "fer2013.csv").parent, ("fer2013.csv",)),
}  # fmt: skip
WORDS = st.sampled_from(
    ["000001.jpg", "000002.jpg", "Savitri_1.jpg", "b.jpg", "ANGER", "FEMALE", "-1", "1", "0", "NaN", "1e999", "9" * 400,
     '"', "\t", ",", " ", "  ", "\n", "\r", "\r\n", "\0", "../", "/etc/passwd", "\ufeff", "é", "\x1b[2J", "\u202e",
     "emotion", "pixels", "Usage", "image", "user.id", "6"]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=40).map(lambda words: "".join(words).encode()) | st.binary(max_size=200)


@contextmanager
def in_words() -> Iterator[None]:
    try:
        yield
    except SourceError as error:
        said = str(error)
        assert said == printable(said)


def walked(root: Path, layout: str | None = None) -> None:
    """Twice the same samples, each with a key of its own, and problems that can be printed."""
    with in_words():
        found = recognise(root, layout)
        keys = [sample.key for sample in found.samples]
        assert len(set(keys)) == len(keys)
        problems = dict(found.problems.counts)
        assert [sample.key for sample in found.samples] == keys
        assert found.problems.counts == problems
        assert all(count > 0 for count in problems.values())
        said = [*problems, *found.notes, *(named for names in found.problems.examples.values() for named in names)]
        assert said == list(map(printable, said))


@settings(max_examples=settings().max_examples // 2)  # of each set
@given(data=st.data())
@pytest.mark.parametrize("name", SETS)
def test_any_text_in_place_of_a_list_is_survived(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
):
    make, files = SETS[name]
    root = make(tmp_path_factory.mktemp(name))
    for file in files:
        place = data.draw(st.sampled_from(["whole", "after", "inside", "untouched"]))
        old, new = (root / file).read_bytes(), data.draw(TEXTS)
        cut = data.draw(st.integers(0, len(old)))
        made = {"whole": new, "after": old + new, "inside": old[:cut] + new + old[cut:], "untouched": old}
        (root / file).write_bytes(made[place])
    walked(root)
    walked(root, name)


NAMES = st.sampled_from(
    ["s1", "1.pgm", "subject01.happy", "subject01", "KA.AN1.39.tiff", "S010_004_00000017.png", "Ann_Lee",
     "Ann_Lee_0001.jpg",
     "39_1_0_2017.jpg", "39_1_2017.jpg", "a.csv", "legend.csv", "fer2013.csv", "imdb.mat", "train-images-idx3-ubyte",
     "train-labels-idx1-ubyte.gz", "data_batch_1", "batches.meta", "meta", "train", "test", "x.npz", "images",
     "data.mdb",
     "list_attr_celeba.txt", "identity_CelebA.txt", "x.txt", ".DS_Store", "Thumbs.db", "\udcff.png", "\x1b.png", "x.h5"]
)  # fmt: skip
LINKS = st.sampled_from([".", "..", "s1", "images", "/dev/null", "nowhere"])
CONTENTS = st.just(trees.encoded()) | TEXTS | LINKS


@given(data=st.data())
def test_any_tree_is_survived_by_every_layout(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory):
    root = tmp_path_factory.mktemp("tree")
    for names in data.draw(st.lists(st.lists(NAMES, min_size=1, max_size=3), max_size=10)):
        path, content = root.joinpath(*names), data.draw(CONTENTS)
        above = [path, *path.parents][: len(names)]
        if any(each.is_file() or each.is_symlink() for each in above) or path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.symlink_to(content)
        else:
            path.write_bytes(content)
    walked(root)
    for name in LAYOUTS:
        walked(root, name)


@pytest.mark.slow
def test_a_list_of_many_rows_and_a_long_line_is_not_held(tmp_path: Path):
    trees.picture(tmp_path / "a.png")
    with open(tmp_path / "list.csv", "w") as file:
        file.write("image,label\na.png,cat\n" + "x" * (20 << 20) + "\n")
        file.writelines(f"{number}.png,cat\n" for number in range(2_000))
    found = recognise(tmp_path / "list.csv")
    tracemalloc.start()
    assert len(list(found.samples)) == 1
    assert tracemalloc.get_traced_memory()[1] < 12 << 20
    tracemalloc.stop()
