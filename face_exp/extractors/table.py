"""Every kind of extractor by what a person writes: one line here, one file beside."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping

from ...engine.places import expanded
from ...engine.text import printable
from ..errors import FacesError
from .kind import Extractor

# word before the colon → module and function; those of networks take preprocessing and layer too
_PLAIN: Mapping[str, tuple[str, str]] = {"pixels": (".plain", "pixels"), "pca": (".plain", "eigenfaces")}
_NETWORKS: Mapping[str, tuple[str, str]] = {"keras": (".networks", "of_file"), "vggface": (".vggface", "of_weights")}
KINDS = (*_NETWORKS, *_PLAIN)
SAID = (
    "FILE.keras, FILE.h5 (a network, or features that are kept), keras:NAME[:WEIGHTS], vggface:WEIGHTS, pixels[:SIDE], "
    "pca:N"
)


def extractor(text: str, preprocess: str = "", layer: str = "") -> Extractor:
    """The extractor that a text names: FILE.keras, FILE.h5, a blob of kept features, the folder of a run,
    `keras:NAME[:WEIGHTS]`, `vggface:WEIGHTS`, `pixels[:SIDE]`, `pca:N`.

    `preprocess` is a name as vis.preprocessing knows it, "" for what the network says or for a guess that is said in
    its notes. `layer` is a path, name or number of a layer whose output is taken, "" for the layer before the
    classifier. Raises FacesError, ModelError, NetworkError with one plain sentence.
    """
    text = text.strip()
    word, _, rest = text.partition(":")
    if word in _PLAIN:
        _no_network(text, preprocess, layer)
        return _made(_PLAIN[word])(rest)
    if word == "vggface":
        return _made(_NETWORKS[word])(rest, preprocess, layer)
    path = expanded(text)
    if word not in _NETWORKS and not path.exists():
        near = difflib.get_close_matches(word, KINDS, 1, 0.6) if path.suffix == "" else []
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise FacesError(f"there is no extractor {printable(text, 120)}{hint}: give {SAID}")
    if not needs_network(text):
        _no_network(text, preprocess, layer)
        from .kept import Kept

        return Kept(path)
    return _made(_NETWORKS["keras"])(text, preprocess, layer)


def needs_network(text: str) -> bool:
    """Whether a text names what needs a framework."""
    if text.strip().partition(":")[0] in _PLAIN:
        return False
    from .store import holds_features

    path = expanded(text.strip())
    return not (path.is_file() and holds_features(path))


def _made(home: tuple[str, str]) -> Callable[..., Extractor]:
    return getattr(importlib.import_module(home[0], __package__), home[1])


def _no_network(text: str, preprocess: str, layer: str) -> None:
    for option, given in (("--layer", layer), ("--preprocess", preprocess)):
        if given:
            raise FacesError(f"{printable(text, 80)} is no network: {option} says nothing to it")
