"""What a network makes of a whole data set."""

from __future__ import annotations

from ..technique import Option, Paper, Technique
from .shared import LIMIT

ENTRIES = (
    Technique(
        name="embedding",
        group="sets",
        title="Embedding",
        sentence="The images of a set as points, close together where a layer finds them alike: principal components.",
        kinds=("points",),
        needs=frozenset({"set"}),
        cost="dear",
        paper=Paper(
            "K. Pearson",
            1901,
            "On lines and planes of closest fit to systems of points in space",
            "doi:10.1080/14786440109462720",
        ),
        caveat="Two or three directions of many: points that are apart may be close in none of those shown.",
        options=(
            Option("layer", None, "layer", "the layer whose output is shown; none: the one before the last"),
            Option("dimensions", 3, "whole", "principal components", minimum=1, maximum=64),
            LIMIT,
        ),
    ),
    Technique(
        name="confusion_matrix",
        group="sets",
        title="Confusion matrix",
        sentence="How often each class is taken for each other one.",
        kinds=("matrix",),
        needs=frozenset({"set", "labels"}),
        cost="dear",
        options=(LIMIT,),
    ),
    Technique(
        name="precision_recall",
        group="sets",
        title="Precision, recall and ROC",
        sentence="Per class, what a threshold on its score finds and what it takes by mistake.",
        kinds=("series", "table"),
        needs=frozenset({"set", "labels"}),
        cost="dear",
        paper=Paper(
            "J. Davis, M. Goadrich",
            2006,
            "The relationship between Precision-Recall and ROC curves",
            "doi:10.1145/1143844.1143874",
        ),
        caveat="Precision depends on how frequent the class is in this set.",
        options=(LIMIT,),
    ),
    Technique(
        name="worst_images",
        group="sets",
        title="Worst classified images",
        sentence="The images whose true class gets the lowest probability, worst first.",
        kinds=("pictures", "table"),
        needs=frozenset({"set", "labels"}),
        cost="dear",
        caveat="A wrong label looks the same as a wrong network.",
        options=(Option("top", 25, "whole", "how many images", minimum=1), LIMIT),
    ),
)
