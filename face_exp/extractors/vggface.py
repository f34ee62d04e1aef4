"""VGG-Face (Parkhi, Vedaldi & Zisserman: Deep face recognition, BMVC 2015) as an extractor: fc7 after its ReLU."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from ...engine.places import expanded
from ...engine.text import printable
from ..errors import FacesError
from .kind import Extractor, digest_of
from .networks import KerasExtractor
from .vggface_weights import Layout, weights_of

PREPROCESS = "bgr mean 93.5940,104.7624,129.1863"  # the means of its own training faces, blue green red


def network_of(layout: Layout) -> keras.Model:
    """The network up to fc7 after its ReLU, with weights of no training."""
    taken = keras.Input((layout.size, layout.size, 3), name="bgr")
    value: Any = taken
    for block, count in enumerate(layout.blocks, 1):
        for each in range(1, count + 1):
            units = layout.width * min(2 ** (block - 1), 8)
            value = layers.Conv2D(units, 3, padding="same", activation="relu", name=f"conv{block}_{each}")(value)
        value = layers.MaxPooling2D(2, name=f"pool{block}")(value)
    value = layers.Flatten(name="flatten")(value)
    for name in ("fc6", "fc7"):
        value = layers.Dense(layout.dense, activation="relu", name=name)(value)
    return keras.Model(taken, value, name="vggface")


def of_weights(text: str, preprocess: str = "", layer: str = "", layout: Layout | None = None) -> Extractor:
    """`vggface:WEIGHTS`. Raises FacesError for a file that is not there, or does not fit."""
    path, layout = expanded(text), layout or Layout()
    if not text or not path.is_file():
        raise FacesError(
            f"there are no weights of VGG-Face {printable(text, 200)!r}: write vggface:FILE, where FILE is a Keras .h5 "
            "or the vgg_face.mat of its authors"
        )
    found = weights_of(path, layout)
    network = network_of(layout)
    network.set_weights([array for pair in found for array in pair])
    digest = digest_of("vggface", *(array for pair in found for array in pair))
    return KerasExtractor(network, "VGG-Face", preprocess or PREPROCESS, layer or "fc7", digest)
