"""Every kind of extractor by what a person writes: one line here, one file beside."""

from __future__ import annotations

from .kind import Extractor


def extractor(text: str, preprocess: str = "", layer: str = "") -> Extractor:
    """The extractor that a text names: FILE.keras, FILE.h5, a blob of kept features, `keras:NAME[:WEIGHTS]`,
    `vggface:WEIGHTS`, `pixels[:SIDE]`, `pca:N`.

    `preprocess` is a name as vis.preprocessing knows it, "" for what the network says or for a guess that is said in
    its notes. `layer` is a path, name or number of a layer whose output is taken, "" for the layer before the
    classifier. Raises FacesError, ModelError, NetworkError with one plain sentence.
    """
    raise NotImplementedError
