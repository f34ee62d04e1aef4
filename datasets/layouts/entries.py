"""What each layout is: where things lie in it, what is read of it, what real copies have wrong."""

from __future__ import annotations

from .layout import Layout, Option

ENTRIES: tuple[Layout, ...] = (
    Layout(
        "csv_list", "A list of pictures", "list.csv, list.tsv, a folder with one list and the pictures",
        "One picture a row, with labels and numbers. What parts the cells and whether there is a header is found; the "
        "column of pictures is the one with a usual name (image, file, path …) or with names of pictures in it, the "
        "label the one with a usual name (label, class, emotion …), or the only other one.",
        ("image", "label, or what its column is called", "what else is asked for"),
        (
            "rows that were there before, also with other labels: the first counts", "rows with too few cells",
            "files that are not there", "a byte order mark, UTF-16, names that are no UTF-8",
            "paths that lead out of the folder of the list: refused, unless `root` names one that they end in",
        ),
        (
            Option("image", "the column of pictures, by name or number from 1"),
            Option("label", "the columns of classes, with commas between them; the first is the label"),
            Option("number", "columns of numbers"), Option("text", "columns of texts"),
            Option("group", "the column of what a split must not tear apart"),
            Option("split", "the column that says train, validation or test"),
            Option("root", "the folder below which the pictures lie"),
            Option("delimiter", "tab, comma, semicolon, pipe, space, or any one character"),
            Option("header", "whether the first row names the columns: yes or no"),
            Option("fold", "whether labels that differ only in their case are one: yes or no (no)"),
        ),
    ),
    Layout(
        "image_folder", "Pictures in folders", "<class>/<image>",
        "A folder a class, with pictures in it or in folders below it.",
        ("image", "label: the folder"),
        general=True,
    ),
)  # fmt: skip
