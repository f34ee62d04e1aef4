"""Faces are opened from small copies of real sets and from blobs; what cannot be used is counted and said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trees
from own_files import write_own

from trainvis.datasets.blob import open_blob
from trainvis.datasets.labels import Labels
from trainvis.datasets.schema import UNKNOWN, Field, Schema
from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.faces import Faces
from trainvis.face_exp.opening import open_faces
from trainvis.face_exp.splits import split
from trainvis.face_exp.words import WORDS


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "trainvis" / "faces"


def opened(source: Any, **options: Any) -> tuple[Faces, str]:
    """The faces, and all that was said of them."""
    told: list[str] = []
    return open_faces(source, say=told.append, **options), "\n".join(told)


def blob(path: Path, rows: Sequence[tuple[Any, ...]], *more: Field, pictures: Sequence[bytes] = ()) -> Path:
    """A blob of small pictures of several sizes, or of these files; `rows` are identity, expression, and `more`."""
    image = Field("image", "image", "uint8", (None, None, 1 if not pictures else None), (), "file" if pictures else "")
    known = [tuple(dict.fromkeys(row[at] for row in rows if row[at] is not None)) for at in (0, 1)]
    schema = Schema((image, *(Field(*each) for each in (
        ("identity", "class", "int64", (), known[0]), ("expression", "class", "int64", (), known[1])
    )), *more))  # fmt: skip
    held = []
    for number, row in enumerate(rows):
        values: dict[str, Any] = dict(zip(schema.names[3:], row[2:], strict=True))
        values["image"] = pictures[number] if pictures else np.full((2 + number % 3, 3, 1), number, np.uint8)
        for at, name in enumerate(("identity", "expression")):
            values[name] = known[at].index(row[at]) if row[at] is not None else UNKNOWN
        held.append((f"face/{number:04}.png", values))
    return write_own(path, schema, held)


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four faces of each of two people."""
    return blob(tmp_path_factory.mktemp("blobs") / "faces.h5", people(4, 4))


def people(*counts: int, expression: str = "happy") -> list[tuple[Any, ...]]:
    return [(f"p{person}", expression) for person, count in enumerate(counts) for _ in range(count)]


# Known sets


def imfdb(root: Path) -> Path:
    """Three actors in two films each, and in one together."""
    number = 0
    for actor in ("Amir", "Kajol", "Mohanlal"):
        for film in ("Together", f"{actor} One", f"{actor} Two"):
            rows = []
            for word in ("HAPPINESS", "Neutral", "GLAD"):
                number += 1
                name = f"{actor}_{number}.jpg"
                trees.picture(root / actor / film / "images" / name, number, size=(6, 8))
                rows.append(trees.IMFDB_ROW.format(film=film, image=name).replace("HAPPINESS", word))
            trees.text(root / actor / film / f"{film}.txt", "\n".join(rows))
    return root


@pytest.mark.slow
def test_imfdb_has_actors_films_and_pictures_on_a_black_square(tmp_path: Path):
    faces, told = opened(imfdb(tmp_path / "IMFDB_final"))
    assert faces.identities == ("Amir", "Kajol", "Mohanlal")
    assert faces.expressions == ("neutral", "happiness")
    assert len(faces) == 18
    assert "9 of 27 faces left out: 9 without an expression" in told
    assert "not packed: 9 × a row in which no expression is to be found" in told
    assert len(faces.groups) == 7
    assert "together" in faces.groups, "a film is one for all who play in it"
    (picture,) = faces.images([0])
    assert picture.shape == (130, 130, 3)
    assert picture[:, :10].max() == 0 < picture[65, 65, 0], "narrow: black at the left"
    assert faces.intensity is None
    found = split(faces, "group")
    assert not set(faces.group[found.train]) & set(faces.group[found.test])


@pytest.mark.slow
def test_a_layout_is_packed_once_and_found_again_until_it_changes(tmp_path: Path, cache: Path):
    root = imfdb(tmp_path / "IMFDB_final")
    first, told = opened(root, size=16)
    assert "packing IMFDB_final (imfdb)" in told
    (kept,) = cache.glob("*.h5")
    again, told = opened(root, size=16)
    assert "packing" not in told
    assert "9 × a row" in told, "what was left out is said each time"
    assert again.digest == first.digest
    trees.picture(root / "Kajol" / "Together" / "images" / "Kajol_10.jpg", 9, size=(7, 7))
    assert opened(root, size=16)[0].digest != first.digest
    assert len(list(cache.glob("*.h5"))) == 2
    assert kept.exists()


@pytest.mark.slow
def test_jaffe_has_subjects_who_are_no_groups(tmp_path: Path):
    for subject in ("KA", "YM"):
        for code in ("NE", "HA", "SU", "FE"):
            trees.picture(tmp_path / f"{subject}.{code}1.{len(code)}.tiff", mode="P")
    faces, told = opened(tmp_path, layout="jaffe", size=8)
    assert faces.identities == ("KA", "YM")
    assert faces.expressions == ("neutral", "fear", "happiness", "surprise")
    assert "the field group names people" in told
    assert len(faces.groups) == len(faces) == 8
    with pytest.raises(FacesError, match="has no groups"):
        split(faces, "group")


@pytest.mark.slow
def test_ck_plus_has_subjects_and_sequences_and_contempt_is_none_of_the_seven(tmp_path: Path):
    for number, expression in enumerate(("happy", "anger", "contempt")):
        for subject in ("S010", "S111"):
            for frame in (15, 16, 17):
                trees.picture(tmp_path / expression / f"{subject}_{number:03}_{frame:08}.png", frame)
    faces, told = opened(tmp_path, size=8)
    assert faces.identities == ("S010", "S111")
    assert faces.expressions == ("anger", "happiness")
    assert sorted(faces.groups) == ["S010_000", "S010_001", "S111_000", "S111_001"]
    assert "6 with a word that is none of the seven expressions: 'contempt' (6)" in told


@pytest.mark.slow
def test_yale_has_conditions_of_which_light_is_none(tmp_path: Path):
    for subject in (1, 2):
        for number, condition in enumerate(("happy", "sad", "normal", "leftlight", "sleepy", "wink")):
            trees.picture(tmp_path / f"subject{subject:02}.{condition}", 20 * number + subject, kind="gif")
    faces, told = opened(tmp_path, size=8)
    assert np.bincount(faces.expression).tolist() == [4, 2, 2]
    assert faces.expressions == ("neutral", "happiness", "sadness")
    assert "faces under another light or with glasses count as neutral: 2" in told
    assert "'sleepy' (2), 'wink' (2)" in told


def lfw(root: Path) -> Path:
    for name in ("Aaron_Eckhart", "Zoran_Djindjic"):
        for number in range(1, 5):
            trees.picture(root / name / f"{name}_{number:04}.jpg", number)
    return root


def test_lfw_has_no_expressions_and_that_is_said_before_anything_is_packed(tmp_path: Path, cache: Path):
    with pytest.raises(FacesError, match=r"no field 'expression'.* identity \(classes\).*--labels.*CSV"):
        open_faces(lfw(tmp_path / "lfw"))
    assert not cache.exists()


@pytest.mark.slow
def test_lfw_takes_expressions_from_a_list(tmp_path: Path):
    rows = [f"Aaron_Eckhart/Aaron_Eckhart_000{number}.jpg,HAPPY" for number in (1, 2, 3)]
    rows += [f"Zoran_Djindjic_000{number},sad" for number in (1, 2, 3)]
    rows += ["Zoran_Djindjic_0004.jpg,sadd", "Zoran_Djindjic_0001.jpg,angry", "Nobody_0001.jpg,angry", "x"]
    labels = trees.text(tmp_path / "labels.csv", "\n".join(["file,expression", *rows]))
    faces, told = opened(lfw(tmp_path / "lfw"), labels=labels, size=8)
    assert faces.expressions == ("happiness", "sadness")
    assert faces.expression.tolist() == [0, 0, 0, 1, 1, 1]
    assert "1 of the 10 rows of labels.csv name no face of the data, such as 'Nobody_0001.jpg'" in told
    assert "1 rows of labels.csv say something else of a face than one before" in told
    assert "1 rows of labels.csv are left out: a row without a label" in told
    assert "2 of 8 faces left out: 1 without an expression; 1 with a word" in told
    assert "'sadd' (1, nearest: sadness)" in told


@pytest.mark.slow
def test_lfw_takes_expressions_from_the_side_file_beside_it_and_suggestions_are_none(tmp_path: Path):
    root = lfw(tmp_path / "lfw")
    side = Labels(Labels.path_beside(root))
    for name in ("Aaron_Eckhart", "Zoran_Djindjic"):
        for number in (1, 2, 3):
            side.append(f"{name}/{name}_{number:04}.jpg", "expression", "fear" if number > 1 else "neutral")
    side.append("Nobody_0001.jpg", "expression", "fear")
    side.suggest("expression", [("Aaron_Eckhart/Aaron_Eckhart_0004.jpg", "anger", 0.9)], model="net")
    faces, told = opened(root, size=8)
    assert faces.expressions == ("neutral", "fear")
    assert len(faces) == 6
    assert "1 of the 7 labels in lfw.labels.jsonl name no face of the data, such as 'Nobody_0001.jpg'" in told
    assert "2 without an expression (1 of them with a suggestion of a network that nobody has confirmed)" in told


def test_a_list_of_pictures_needs_only_its_columns_to_be_named_so(tmp_path: Path):
    rows = [f"{number}.png,p{number % 2},{WORDS[number % 4]},{number % 3},{number / 12}" for number in range(12)]
    for number in range(12):
        trees.picture(tmp_path / "pictures" / f"{number}.png", number)
    listed = trees.text(tmp_path / "faces.csv", "\n".join(["file,Identity,Expression,group,intensity", *rows]))
    faces, _ = opened(listed, size=8)
    assert (faces.identities, faces.expressions) == (("p0", "p1"), WORDS[:4])
    assert faces.groups == ("0", "1", "2")
    assert faces.intensity is not None
    np.testing.assert_allclose(faces.intensity, np.arange(12) / 12)


# Cleaning


def test_what_is_left_out_of_a_blob_is_counted_by_reason(tmp_path: Path):
    rows = [*people(4, 4), ("p2", "happy"), (None, "happy"), ("p0", None)]
    rows += [("p0", "gladd"), ("p1", "gladd"), ("p1", "table")]
    faces, told = opened(blob(tmp_path / "faces.h5", rows))
    assert (
        "6 of 14 faces left out: 1 without a person; 1 without an expression; 3 with a word that is none of the seven "
        "expressions: 'gladd' (2, nearest: happiness), 'table' (1); 1 of 1 person with fewer than 3 (--least)"
    ) in told
    assert told.splitlines()[-1] == "8 faces of 2 people: happiness 8"
    assert faces.places.tolist() == list(range(8))
    assert faces.notes[0].startswith("6 of 14 faces")
    assert [each.shape for each in faces.images([0, 1])] == [(2, 3, 1), (3, 3, 1)], "as they are stored"


def test_pictures_that_cannot_be_read_are_left_out_and_not_looked_at_again(tmp_path: Path, cache: Path):
    good, cut = trees.encoded(kind="png", size=(9, 9)), b"\x89PNG\r\n\x1a\n" + bytes(40) + b"IEND\xaeB`\x82"
    path = blob(tmp_path / "faces.h5", people(4, 4), pictures=[good] * 5 + [cut] + [good] * 2)
    faces, told = opened(path)
    assert "1 of 8 faces left out: 1 that cannot be read" in told
    assert 5 not in faces.places
    (kept,) = cache.glob("unreadable-*.json")
    kept.write_text(kept.read_text().replace("[\n  5\n ]", "[\n  6\n ]"))
    assert 6 not in opened(path)[0].places


def test_people_and_faces_are_drawn_by_lot_and_each_keeps_the_least(tmp_path: Path):
    path = blob(tmp_path / "faces.h5", people(*[12] * 8))
    faces, told = opened(path, people=4, limit=20, seed=5)
    assert len(faces) == 20
    assert np.bincount(faces.identity).min() >= 3
    assert len(faces.identities) == 4
    assert "4 of the 8 people were drawn by lot\n20 of the 48 faces were drawn by lot" in told
    again, other = opened(path, people=4, limit=20, seed=5)[0], opened(path, people=4, limit=20, seed=6)[0]
    assert (faces.digest, again.places.tolist()) == (again.digest, faces.places.tolist())
    assert other.digest != faces.digest


def test_fewer_than_asked_for_is_said(eight: Path):
    _, told = opened(eight, people=60, limit=3000)
    assert "60 people were asked for, 2 are there: all are taken\n3,000 faces were asked for, 8 are there" in told


def test_groups_may_be_another_field_or_the_session_of_a_person(tmp_path: Path):
    rows = [(f"p{number % 2}", "fear", number // 4 if number else np.nan, "film") for number in range(12)]
    path = blob(tmp_path / "faces.h5", rows, Field("session", "number", "float64"), Field("group", "text"))
    assert opened(path)[0].groups == ("film",)
    assert opened(path, group="session")[0].groups == ("0", "1", "2", "face/0000.png")
    assert "p0/1" in opened(path, group="identity+session")[0].groups
    assert len(opened(path, group="")[0].groups) == 12


def test_intensity_is_from_0_to_1_and_may_be_unknown(tmp_path: Path):
    rows = [(f"p{number % 2}", "fear", number or np.nan) for number in range(11)]
    path = blob(tmp_path / "faces.h5", rows, Field("intensity", "number", "float64"))
    faces, told = opened(path)
    assert faces.intensity is not None
    assert np.isnan(faces.intensity[0])
    np.testing.assert_allclose(faces.intensity[1:], np.arange(1, 11) / 10)
    assert "intensities are divided by the largest, 10" in told


def test_without_identity_or_expression_on_purpose(eight: Path):
    assert opened(eight, identity="")[0].identities == ("anybody",)
    faces, told = opened(eight, expression="")
    assert faces.expressions == ("neutral",)
    assert "neutral" not in told, "nobody asked what they show"


# What cannot be used


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"identity": "who"}, r"no field 'who' that says who it is.*identity \(2 classes\), expr.*\(--identity\)"),
        ({"expression": "mood"}, r"no field 'mood' that says the expression.*\(--expression\); or give a file"),
        ({"expression": "identity"}, r"'identity' of faces.h5 says no expression that is known.*'p0' \(4\)"),
        ({"group": "film"}, r"no field 'film' that says what lies together.*\(--group\)"),
        ({"labels": "gone.csv"}, "there are no labels in gone.csv: there is no such file"),
        ({"least": 5}, r"no face of faces.h5 can be used: 8 of 8 faces left out: 8 of 2 people with fewer than 5"),
        ({"least": 0}, "1 or more, not 0"), ({"people": 1}, "2 or more, not 1"), ({"size": 0}, "1 pixel or more"),
        ({"limit": 5}, r"5 faces \(--limit\) are not 3 of each of 2 people"),
        ({"layout": "jafe"}, "did you mean 'jaffe'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_what_there_is(eight: Path, options: dict[str, Any], said: str):
    with pytest.raises(FacesError, match=said):
        open_faces(eight, **options, say=lambda _: None)


def test_one_person_cannot_be_recognised(tmp_path: Path):
    with pytest.raises(FacesError, match=r"two or more, and faces.h5 has one \(p0\): 1 of 5 faces left out"):
        open_faces(blob(tmp_path / "faces.h5", people(4, 1)), say=lambda _: None)


def test_sources_that_are_none_are_refused_in_a_sentence(tmp_path: Path):
    trees.text(tmp_path / "empty.h5", b"")
    for source, said in (("gone.h5", "there is no file"), ("empty.h5", "empty"), ("gone", "no file or folder")):
        with pytest.raises(FacesError, match=said):
            open_faces(tmp_path / source)
    numbers = write_own(tmp_path / "numbers.h5", Schema((Field("identity", "text"),)), [("0", {"identity": "a"})])
    with pytest.raises(FacesError, match=r"has no images: there is identity"):
        open_faces(numbers)
    with pytest.raises(FacesError, match=r"none\.h5 is empty: there is no face in it"):
        open_faces(blob(tmp_path / "none.h5", []))


def test_a_list_of_labels_that_says_none_is_refused(tmp_path: Path, eight: Path):
    labels = trees.text(tmp_path / "labels.csv", "a,b,c\n1,2,3\n")
    with pytest.raises(FacesError, match=r"no column of labels\.csv is called expression"):
        open_faces(eight, labels=labels)
    trees.text(labels, "")
    with pytest.raises(FacesError, match="has no rows"):
        open_faces(eight, labels=labels)


def test_an_open_blob_is_taken_as_it_is(eight: Path):
    with open_blob(eight) as held:
        faces, _ = opened(held)
        assert faces.blob is held
        assert faces.name == "faces.h5"
