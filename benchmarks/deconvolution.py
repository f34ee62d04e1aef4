"""The deconvolutional network: what 16 maps of the last layer with height and width cost beside one.

`python benchmarks/deconvolution.py [--model PATH.keras] [--rounds 40] [--maps 16]` prints one JSON line: milliseconds,
and ratios within one run. `several` maps are to cost at most 9 times `one` on a network like SqueezeNet and 4 times on
the network for digits, which is used without a model; `figure` is all of it, with the forward pass for the prediction.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _networks import measured, network, noise

from trainvis.vis.probe import Probe
from trainvis.vis.projection import projected
from trainvis.vis.techniques.deconvolutional_network import Options, compute, layer_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--maps", type=int, default=16)
    asked = parser.parse_args()
    model = network(asked.model)
    probe = Probe(model, noise(model, 1))
    site = layer_of(probe, None)

    def some(count: int) -> Any:
        return projected(probe, probe.inputs, site, np.arange(count, dtype=np.int32)[None], ranked=True)

    def forward(*inputs: Any) -> Any:
        return probe.network.run(inputs).outputs

    works = {
        "one": lambda: some(1),
        "several": lambda: some(asked.maps),
        "forward": lambda: probe.network.call(("forward",), forward, *probe.inputs),
        "figure": lambda: compute(probe.forget(), Options(top=asked.maps)),
    }
    before = {"benchmark": "deconvolution", "backend": keras.backend.backend(), "network": model.name}
    facts = {"layer": site.path, "maps": asked.maps}
    answer = measured(works, asked.rounds, "one")
    print(json.dumps(before | facts | answer | {"compile_s": round(probe.network.seconds_compiling, 2)}))


if __name__ == "__main__":
    main()
