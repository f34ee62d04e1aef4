"""What each layout is: where things lie in it, what is read of it, what real copies have wrong."""

from __future__ import annotations

from .layout import Layout, Option

ENTRIES: tuple[Layout, ...] = (
    Layout(
        "cifar", "CIFAR-10 and CIFAR-100", "data_batch_1 … test_batch, batches.meta | train, test, meta",
        "The Python version. Its pickles are read by a reader that knows plain data and arrays and runs nothing; one "
        "that asks for anything else is refused.",
        ("image", "label | fine and coarse", "split"),
        ("no names of classes: they are numbers then", "batches that are damaged", "labels that are missing or none"),
    ),
    Layout(
        "idx", "IDX (MNIST and its kin)", "train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz], t10k-…",
        "Images and labels side by side, compressed or not.",
        ("image", "label: 0, 1 …", "split"),
        ("files that are cut off", "labels that are missing", "the same file packed and unpacked"),
    ),
    Layout(
        "npz", "NumPy archive", "file.npz",
        "x_train, y_train, x_test, y_test; images and labels; or the two arrays that are named. Nothing is unpickled, "
        "and no array of images is held as a whole. Floats within 0…1 are taken times 255.",
        ("image", "label", "split"),
        ("arrays of objects: refused", "archives that are cut off", "channels first, flat rows, one-hot labels"),
        (Option("image", "the array of images"), Option("label", "the array of their labels")),
    ),
    Layout(
        "celeba", "CelebA",
        "list_attr_celeba.txt, identity_CelebA.txt, list_eval_partition.txt, img_align_celeba/000001.jpg",
        "The lists may also be CSV, and lie in folders of their own.",
        ("image", "identity", "forty attributes: no, yes", "landmarks: five points", "group: the identity", "split"),
        ("fewer rows than the first line promises", "lists that are missing", "pictures that are missing",
         "rows without all attributes"),
        (Option("root", "the folder of the pictures"),),
    ),
    Layout(
        "imfdb", "IMFDB", "<Actor>/<Movie>/<Movie or other>.txt and <Actor>/<Movie>/images/<Name_N>.jpg",
        "The word of the expression says where everything else stands in a row.",
        ("image", "identity: the actor", "expression", "gender", "occlusion", "illumination", "age", "pose", "makeup",
         "film", "year", "group: the film, whoever plays in it"),
        ("rows of 16, 17 and 18 cells in one file", "texts with another name, or none: the actor is known all the same",
         "names that the text spells differently: the number at their end counts", "rows without an expression",
         "rows of pictures that are not there"),
    ),
    Layout(
        "imdb_wiki", "IMDB-WIKI", "imdb.mat or wiki.mat beside 00/…jpg to 99/…jpg",
        "The age is that at the middle of the year in which the photo was taken. The .mat file (version 5) is read by "
        "an own reader.",
        ("image", "gender", "age", "name", "group: the person"),
        ("no face, or a second one", "ages outside 0…100", "a gender nobody knows: no label",
         "pictures that are missing"),
        (Option("root", "the folder of the pictures"),),
    ),
    Layout(
        "fer2013", "FER2013", "fer2013.csv: emotion,pixels,Usage",
        "Also the files with the columns in another order, or without one of them.",
        ("image", "expression", "split: PublicTest is validation, PrivateTest is test"),
        ("pixels that are no numbers, over 255 or no square", "emotions that are none of 0…6"),
    ),
    Layout(
        "legend", "Legend of expressions", "legend.csv: user.id,image,emotion, and images/",
        "Labels are the same in any case.",
        ("image", "emotion"),
        ("rows that were there before, also with other labels: the first counts", "labels in mixed case",
         "pictures that are missing"),
        (Option("root", "the folder of the pictures"),),
    ),
    Layout(
        "ck_plus", "CK+48", "<expression>/S010_004_00000017.png",
        "Subject, sequence and frame stand in the name.",
        ("image", "expression", "subject", "frame", "group: the sequence"),
        ("names unlike these",),
    ),
    Layout(
        "jaffe", "JAFFE", "KA.AN1.39.tiff",
        "Subject and expression stand in the name.",
        ("image", "expression", "subject", "group: the subject"),
        ("TIFF files with a palette: read as grey or colour like all others", "names unlike these"),
    ),
    Layout(
        "orl", "ORL (AT&T)", "s1/1.pgm",
        "A folder a person.",
        ("image", "identity"),
        ("names unlike these",),
    ),
    Layout(
        "yale", "Yale", "subject01.happy",
        "GIF files without an ending of pictures, or with one behind the condition.",
        ("image", "identity", "condition", "group: the subject"),
        ("pairs that are the same byte by byte under two conditions: the first counts", "names without a condition"),
    ),
    Layout(
        "utkface", "UTKFace", "39_1_0_20170116174525125.jpg.chip.jpg",
        "Age, gender and race stand in the name.",
        ("image", "age", "gender", "race"),
        ("names with a field missing", "fields that are no age, gender or race"),
    ),
    Layout(
        "lfw", "Labeled Faces in the Wild", "Aaron_Eckhart/Aaron_Eckhart_0001.jpg",
        "A folder a person.",
        ("image", "identity"),
    ),
    Layout(
        "blob", "Blob", "file.h5, file.lmdb, a folder with data.mdb",
        "A blob of ours, or one of others that can be opened, to make one of the other kind, or of another size. "
        "Labels that persons gave (the side file) lie over the stored ones.",
        ("its fields", "group and split, where it has them"),
        ("records that cannot be read",),
        (Option("stored", "whether the stored labels are taken, without those of the side file: yes or no (no)"),),
    ),
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
        "A folder a class, with pictures in it or in folders below it; or folders train, validation, test with such "
        "folders in them; or pictures without any class. Folders around them, as archives have, are looked through.",
        ("image", "label: the folder", "split: train, validation, test"),
        ("pictures beside the class folders: left out", "folders without pictures: no class"),
        general=True,
    ),
)  # fmt: skip
