"""Writes data-layouts.md from the table of layouts: `python docs/make_layouts.py`. A test holds the two together."""

from __future__ import annotations

from pathlib import Path

from trainvis.datasets.layouts.table import LAYOUTS, Layout

HEAD = """# Sources of data sets

`trainvis blob build SOURCE OUT.h5` packs a data set into one file. SOURCE is a folder or a file as it was downloaded:
its layout is recognised, or named by `--layout NAME`. What cannot be used is left out, counted by reason, and the
first 20 of a reason are listed; nothing stops for it.

In all of them

- hidden files and what file managers leave behind (`.DS_Store`, `Thumbs.db`, `__MACOSX` …) are passed over;
- a file is a picture by its ending (PNG, JPEG, BMP, GIF, TIFF, WebP, PNM) or, with another ending or none, by its first
  bytes; whether it is whole is seen when it is read;
- folders are walked in the order of their names' bytes, and list millions of files without holding them. Links are
  followed: to a folder above them never, to any other folder once;
- a folder that holds nothing but one folder, as archives unpack, is looked into;
- bytes of a name that are no UTF-8 are written out in keys and labels (`caf\\xe9.png`), and the file is found;
- files that a list names must lie below the folder of the list (or of the pictures, where the layout has one): a path
  that leads elsewhere is left out, unless `root` names a folder that it ends in. `root=/` allows every file;
- a *group* is what a split must not tear apart (frames of one film, pictures of one person), a *split* the part
  (train, validation, test) that the source itself puts a sample in. Both are used where the build is told to.

The options of a layout are options of the command: `trainvis blob build list.csv ages.h5 --label emotion --number age`;
`split` is called `--split-column` there.

In a script, `recognise(path, layout=None, **options)` of `trainvis.datasets.layouts.table` gives the samples;
`of_samples(samples)` of `trainvis.datasets.layouts.iterable` makes a source of Python objects: mappings like
`{"image": path_bytes_or_array, "label": "cat", "age": 31, "key": "a1"}`, pairs of image and label, or a function that
makes them anew each time it is called.
"""

MADE = "\n*This page is made from the table of layouts: `python docs/make_layouts.py`.*\n"


def page() -> str:
    """The whole page as Markdown."""
    rows = ["\n| layout | | what lies there |", "|---|---|---|"]
    rows += [
        f"| [`{each.name}`](#{_anchor(each)}) | {each.title} | `{_cell(each.tree)}` |" for each in LAYOUTS.values()
    ]
    return "\n".join([HEAD.rstrip("\n"), *rows, *map(_section, LAYOUTS.values())]) + "\n" + MADE


def _section(each: Layout) -> str:
    lines = [f"\n## {each.title}\n", f"`{each.name}`: `{each.tree}`\n", f"{each.sentence}\n"]
    lines.append(f"*Gives* {'; '.join(each.fields)}.")
    if each.faults:
        lines.append(f"\n*Copes with* {'; '.join(each.faults)}.")
    if each.options:
        lines.append("\n| option | |\n|---|---|")
        lines.extend(f"| `{option.name}` | {option.sentence} |" for option in each.options)
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _anchor(each: Layout) -> str:
    """As the table of contents of MkDocs makes it of the title."""
    kept = "".join(letter for letter in each.title.lower() if letter.isalnum() or letter in " -_")
    return "-".join(kept.split())


if __name__ == "__main__":
    (Path(__file__).parent / "data-layouts.md").write_text(page(), encoding="utf-8")
