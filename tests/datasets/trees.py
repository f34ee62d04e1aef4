"""Small generated copies of real data sets, with the faults that real copies have."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from PIL import Image


def picture(path: Path, shade: int = 100, mode: str = "L", size: tuple[int, int] = (4, 4), kind: str = "") -> Path:
    """A picture of one shade at `path`, of the kind that its ending says, or `kind`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(shade, mode, size, kind or path.suffix[1:]))
    return path


def encoded(shade: int = 100, mode: str = "L", size: tuple[int, int] = (4, 4), kind: str = "png") -> bytes:
    held = io.BytesIO()
    kinds = {"jpg": "jpeg", "pgm": "ppm", "tif": "tiff"}
    Image.new(mode, size, shade if mode in "LP" else (shade,) * 3).save(held, kinds.get(kind.lower(), kind))
    return held.getvalue()


def text(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
    return path


def class_folders(root: Path, classes: Mapping[str, Iterable[str]]) -> Path:
    """`<class>/<image>` with the litter that file managers leave."""
    for name, files in classes.items():
        for number, file in enumerate(files):
            picture(root / name / file, number, kind="png")
        text(root / name / ".DS_Store", b"\0\0\0\1Bud1")
    text(root / "Thumbs.db", b"\xd0\xcf\x11\xe0")
    return root


def no_utf8(text: bytes) -> str:
    """A file name of bytes that are no UTF-8, as Python has it."""
    return os.fsdecode(text)


def celeba(root: Path, count: int = 6, promised: int = 202599) -> Path:
    """Truncated lists, double spaces, a row cut short, one twice, one without its picture."""
    names = [f"{number:06}.jpg" for number in range(1, count + 1)]
    for number, name in enumerate(names[:-1]):
        picture(root / "img_align_celeba" / "img_align_celeba" / name, number * 10)
    rows = [f"{name} -1  1 {'-1' if place % 2 else ' 1'}" for place, name in enumerate(names)]
    text(
        root / "Anno" / "list_attr_celeba.txt",
        "\n".join([str(promised), "Bald Male Smiling ", *rows, rows[0], "0.jpg -1"]),
    )
    text(
        root / "Anno" / "identity_CelebA.txt",
        "".join(f"{name} {2880 + place // 2}\n" for place, name in enumerate(names)),
    )
    parts = "".join(f"{name} {place % 3}\n" for place, name in reversed(list(enumerate(names))))
    text(root / "Eval" / "list_eval_partition.txt", parts)
    points = "".join(f"{name}  {' '.join(map(str, range(place, place + 10)))}\n" for place, name in enumerate(names))
    text(root / "Anno" / "list_landmarks_align_celeba.txt", f"{count}\nlefteye_x lefteye_y\n{points}")
    return root


IMFDB_ROW = (
    "{film}\t1\t{image}\t0\t0\t9\t9\tThe Title\t1992\tKajol\tFEMALE\tHAPPINESS\tGLASSES\tBAD\tYOUNG\tFRONTAL\tPARTIAL"
)


def imfdb(root: Path) -> Path:
    """Rows of 16, 17 and 18 cells, a text with another name, a film without one, names spelled in two ways."""
    top = root / "IMFDB_final"
    for number in range(1, 7):
        picture(top / "Savitri" / "Fear" / "images" / f"Savitri_{number}.jpg", number)
    picture(top / "Savitri" / "Untold" / "images" / "Savitri_1.jpg")
    picture(top / "Kajol" / "fear" / "images" / "Kajol_1.jpg")
    text(top / "Savitri" / ".DS_Store", b"\0\0\0\1Bud1")
    text(top / ".DS_Store", b"\0\0\0\1Bud1")
    picture(top / "Kajol" / "poster.jpg")
    whole = IMFDB_ROW.format(film="FEAR", image="Savithri_1.jpg")
    rows = [
        whole, whole.partition("\t")[2].replace("_1.", "_2.").replace("HAPPINESS", "ANGER"),
        "1\t" + whole.replace("_1.", "_3."), whole.replace("_1.", "_4.").replace("HAPPINESS", "GLAD"),
        whole.replace("Savithri_1.", "Savitri_5.").replace("GLASSES", "12%"), whole.replace("_1.", "_99."), whole,
        "", "broken",
    ]  # fmt: skip
    text(top / "Savitri" / "Fear" / "other name.txt", "\r\n".join(rows))
    text(top / "Kajol" / "fear" / "fear.txt", IMFDB_ROW.format(film="fear", image="Kajol_1.jpg").replace("FEAR", "x"))
    return top


def fer2013(path: Path) -> Path:
    good = " ".join(str(number % 256) for number in range(48 * 48))
    rows = [
        "emotion,pixels,Usage", f'0,"{good}",Training', f"6,{good},PublicTest", f"3,{good},PrivateTest",
        f"7,{good},Training",
        f"1,{good} 4,Training", f"1,{good[:-1]}999,Training", "1,,Training", "1,1 2 x 4,Training", f"2,{good}",
    ]  # fmt: skip
    return text(path, "\n".join(rows) + "\n")


def ck_plus(root: Path) -> Path:
    for expression, subject in (("happy", "S010"), ("anger", "S010"), ("fear", "S111")):
        for frame in (15, 16, 17):
            picture(root / expression / f"{subject}_004_{frame:08}.png", frame)
    picture(root / "happy" / "strange.png")
    return root


def jaffe(root: Path) -> Path:
    for name, mode in (
        ("KA.AN1.39.tiff", "P"),
        ("KA.HA2.40.tiff", "L"),
        ("YM.SU3.9.tiff", "L"),
        ("YM.XX1.9.tiff", "L"),
    ):
        picture(root / name, mode=mode)
    text(root / "README_FIRST.txt", "read me first")
    return root


def orl(root: Path) -> Path:
    for person in (1, 2, 10):
        for number in (1, 2, 10):
            picture(root / f"s{person}" / f"{number}.pgm", person * number)
    text(root / "README", "what it is")
    return root


def yale(root: Path) -> Path:
    shades = {
        "subject01.happy": 1,
        "subject01.sad": 2,
        "subject01.wink": 2,
        "subject02.glasses.gif": 3,
        "subject02.gif": 4,
    }
    for name, shade in shades.items():
        picture(root / name, shade, kind="gif")
    for number in range(3, 12):
        picture(root / f"subject{number:02}.normal", 10 * number, kind="gif")
    text(root / "Readme.txt", "what it is")
    return root


def lfw(root: Path) -> Path:
    for name, count in (("Aaron_Eckhart", 1), ("Zoran_Djindjic", 4)):
        for number in range(1, count + 1):
            picture(root / name / f"{name}_{number:04}.jpg", number)
    return root


def utkface(root: Path) -> Path:
    for number in range(20):
        picture(root / f"{number + 30}_1_{number % 5}_2017011617452512{number % 10}.jpg.chip.jpg", kind="jpg")
    for name in ("61_1_20170109150557335.jpg.chip.jpg", "130_1_0_2017.jpg.chip.jpg"):
        picture(root / name, kind="jpg")
    return root


def legend(root: Path) -> Path:
    for name in ("Aaron_0001.jpg", "b.jpg", "c.jpg"):
        picture(root / "images" / name)
    rows = [
        "user.id,image,emotion", "628,Aaron_0001.jpg,ANGER", "629,b.jpg,happiness", "630,b.jpg,Happiness",
        "631,Aaron_0001.jpg,sadness",
        "632,c.jpg,Neutral", "633,gone.jpg,fear", "634",
    ]  # fmt: skip
    text(root / "data" / "legend.csv", "\r\n".join(rows))
    return root
