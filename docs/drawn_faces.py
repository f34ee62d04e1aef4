"""The pictures of faces-drawn.md: `python docs/drawn_faces.py [FOLDER]`, into docs/pictures where none is named."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import painting
from painting import Cell

from trainvis.face_exp.drawing.face import draw
from trainvis.face_exp.drawing.look import Look
from trainvis.face_exp.drawing.muscles import EXPRESSIONS
from trainvis.face_exp.drawing.person import person
from trainvis.face_exp.drawing.population import shots

SIZE = 104
MOST = 450_000  # bytes of a sheet: with fewer colours skin has steps
PEOPLE = (1, 5, 13, 12, 14)  # of seed 0
SETS = (2, 8, 15, 16, 10)


def all_of(folder: Path) -> list[Path]:
    """Paint every sheet into a folder; their files."""
    sheets = {"expressions": expressions(), "ways": ways(), "set": pictures()}
    return [painting.save(sheet, folder / f"faces-drawn-{name}.png", MOST) for name, sheet in sheets.items()]


def expressions() -> painting.Image.Image:
    """Five people, each expression at its full."""
    people = [person(number) for number in PEOPLE]
    rows = [[Cell(draw(who, Look(each, 1.0), SIZE)) for each in EXPRESSIONS] for who in people]
    return painting.sheet(rows, columns=EXPRESSIONS, names=[each.name for each in people], size=SIZE, smooth=True)


def ways() -> painting.Image.Image:
    """What may differ between pictures of one person, a thing a row."""
    glad, man = person(1), replace(person(5), beard="")
    rows = {
        "intensity": [(glad, Look("happiness", each), f"{each:g}") for each in (0, 0.2, 0.4, 0.6, 0.8, 1)],
        "yaw": [(glad, Look(yaw=each), f"{each}°") for each in (-28, -16, -6, 6, 16, 28)],
        "pitch": [(glad, Look(pitch=each), f"{each}°") for each in (-16, -10, -4, 4, 10, 16)],
        "light": [(glad, Look(light=each, hard=0.8), f"{each}°") for each in (-80, -45, -15, 15, 45, 80)],
        "age": [(man, Look(age=each), f"{each}") for each in (18, 30, 42, 54, 66, 80)],
        "noise": [(glad, Look(noise=each, seed=1), f"{each}") for each in (0, 4, 8, 14, 20, 30)],
        "and": [
            (glad, Look(glasses=True), "glasses"), (glad, Look(cover="hand"), "hand"),
            (glad, Look(cover="scarf"), "scarf"), (glad, Look(tied=True), "tied hair"),
            (glad, Look(blur=0.014), "blur"), (glad, Look(bright=0.6, warm=1.2), "evening light"),
        ],
    }  # fmt: skip
    cells = [[Cell(draw(who, look, SIZE), (said,)) for who, look, said in row] for row in rows.values()]
    return painting.sheet(cells, names=list(rows), size=SIZE, smooth=True)


def pictures() -> painting.Image.Image:
    """Some faces of five people, as the default set has them."""
    rows, names = [], []
    for number in SETS:
        found = shots(number, 50)[3::7]
        who = found[0].person
        names.append(who.name)
        rows.append([Cell(draw(who, each.look, SIZE), (each.look.expression,)) for each in found])
    return painting.sheet(rows, names=names, size=SIZE, smooth=True)


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "pictures"
    for path in all_of(given):
        print(path)
