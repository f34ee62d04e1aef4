"""What units look for."""

from __future__ import annotations

from ..technique import Option, Paper, Technique
from .shared import LIMIT, SANITY, SEED, UNITS, YOSINSKI, ZEILER

ENTRIES = (
    Technique(
        name="deconvolutional_network",
        group="units",
        title="Deconvolutional network",
        sentence="What in the image excites a feature map most, carried back to the pixels through the pool switches.",
        kinds=("maps",),
        needs=frozenset({"image"}),
        space="input",
        paper=ZEILER,
        caveat=SANITY,
        options=(
            Option("layer", None, "layer", "the layer of the feature maps; none: the last one with height and width"),
            Option("top", 9, "whole", "how many maps, those with the largest activation first; -1: all", minimum=-1),
            Option("maps", None, "maps", "numbers of the maps instead of the top ones", minimum=0),
        ),
    ),
    Technique(
        name="deep_visualization",
        group="units",
        title="Deep visualisation",
        sentence="An image that excites a unit, grown from noise by gradient ascent under regularisers.",
        kinds=("pictures",),
        space="input",
        cost="dear",
        paper=YOSINSKI,
        caveat="One of many images that excite the unit, and like none that it was trained on.",
        options=(
            UNITS,
            Option("learning_rate", 200.0, "number", "size of a step along the gradient", minimum=0),
            Option("iterations", 50, "whole", "steps", minimum=1),
            Option(
                "recipe",
                None,
                "choice",
                "a set of regularisers by its name; those given besides it hold instead of its own",
                choices=("sparse", "high_frequency", "low_frequency", "dense"),
            ),
            Option("l2_decay", 0.0, "number", "what each step takes away from every value", minimum=0, maximum=1),
            Option("blur_interval", 0, "whole", "blur after this many steps; 0: never", minimum=0),
            Option("blur_std", 0.0, "number", "standard deviation of the blur in pixels", minimum=0),
            Option("value_percentile", 0.0, "number", "zero the values below it", minimum=0, maximum=100),
            Option("norm_percentile", 0.0, "number", "zero the pixels of smaller norm", minimum=0, maximum=100),
            Option(
                "contribution_percentile", 0.0, "number", "zero the pixels that contribute less", minimum=0, maximum=100
            ),
            Option(
                "abs_contribution_percentile",
                0.0,
                "number",
                "zero the pixels whose contribution, of whatever sign, is smaller",
                minimum=0,
                maximum=100,
            ),
            Option("convention", "thesis", "choice", "order and counting of the steps", choices=("thesis", "yosinski")),
            Option("keep", "best", "choice", "the image of the best score, or the last one", choices=("best", "last")),
            Option("tries", 1, "whole", "images of each unit, from different noise", minimum=1),
            SEED,
        ),
    ),
    Technique(
        name="feature_visualization",
        group="units",
        title="Feature visualisation",
        sentence="An image that excites a unit, grown as a Fourier spectrum with decorrelated colours under jitter.",
        kinds=("pictures",),
        space="input",
        cost="dear",
        paper=Paper(
            "C. Olah, A. Mordvintsev, L. Schubert", 2017, "Feature Visualization", "doi:10.23915/distill.00007"
        ),
        caveat="One of many images that excite the unit, and like none that it was trained on.",
        options=(
            UNITS,
            Option("steps", 256, "whole", "steps", minimum=1),
            Option("learning_rate", 0.05, "number", "step of the Adam optimiser", minimum=0),
            SEED,
        ),
    ),
    Technique(
        name="deep_dream",
        group="units",
        title="Deep dream",
        sentence="The image changed so that a layer sees more of what it sees in it, octave by octave.",
        kinds=("pictures",),
        needs=frozenset({"image"}),
        space="input",
        cost="dear",
        paper=Paper(
            "A. Mordvintsev, C. Olah, M. Tyka",
            2015,
            "Inceptionism: Going Deeper into Neural Networks",
            "https://research.google/blog/inceptionism-going-deeper-into-neural-networks/",
        ),
        options=(
            Option("layers", None, "layers", "layers whose activations grow; none: one in the middle"),
            Option("octaves", 3, "whole", "sizes that the image goes through", minimum=1, maximum=20),
            Option("scale", 1.4, "number", "ratio of one size to the next", minimum=1),
            Option("iterations", 20, "whole", "steps at each size", minimum=1),
            Option("step", 0.01, "number", "size of a step", minimum=0),
        ),
    ),
    Technique(
        name="maximal_images",
        group="units",
        title="Maximally activating images",
        sentence="The images of a set that excite each feature map most, with the place in them that does.",
        kinds=("pictures", "maps"),
        needs=frozenset({"set"}),
        space="input",
        cost="dear",
        paper=ZEILER,
        caveat="The maxima of this set: another set has others.",
        options=(
            Option("layers", None, "layers", "layers of the feature maps; none: all convolutional and dense ones"),
            Option("maps", None, "maps", "numbers of feature maps; none: all of them", minimum=0),
            Option("top", 9, "whole", "images of each map", minimum=1),
            LIMIT,
            SEED,
        ),
    ),
)
