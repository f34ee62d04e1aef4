"""The zoo: `MODELS[name]()` gives a small network, a batch for it and what is true of it (zoo_case.Case).

Every shape a network has in Keras 3 that somebody is likely to bring: what holds for all of these holds. Weights are
drawn by NumPy: they are the same on every backend. `precision("float64")` around it builds one in doubles.
"""

from __future__ import annotations

import zoo_chains
import zoo_graphs
import zoo_layers
import zoo_own
from zoo_case import MODELS, Case, draw_weights, floats, ids, named, precision

__all__ = ["MODELS", "Case", "draw_weights", "floats", "ids", "named", "precision"]
FILES = (zoo_chains, zoo_graphs, zoo_layers, zoo_own)
