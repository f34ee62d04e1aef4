"""Every technique of the catalogue over every network of the zoo: a figure that holds together, or a listed refusal."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import tree
from refusals import REFUSALS
from zoo import MODELS, Case, precision

from trainvis.engine.errors import TrainvisError
from trainvis.vis import artifacts, names
from trainvis.vis.catalogue import TECHNIQUES
from trainvis.vis.figures import Figure
from trainvis.vis.history import weights_now
from trainvis.vis.probe import Probe

# As little as shows that a technique works: what it computes is proved elsewhere.
SMALL: dict[str, dict[str, object]] = {
    "deconvolutional_network": {"top": 2},
    "deep_visualization": {"iterations": 2},
    "feature_visualization": {"steps": 2},
    "deep_dream": {"iterations": 2, "octaves": 1},
    "integrated_gradients": {"steps": 3},
    "smoothgrad(saliency_maps)": {"samples": 2},
    "vargrad(saliency_maps)": {"samples": 2},
    "maximal_images": {"maps": (0,), "top": 2},
    "occlusion": {"size": 4, "stride": 4},
    "embedding": {"dimensions": 2},
}
NAMES = [name for name, each in TECHNIQUES.items() if not each.wraps]
NAMES += [f"{name}(saliency_maps)" for name, each in TECHNIQUES.items() if each.wraps]


def outcome(probe: Probe, name: str, case: Case) -> tuple[str, Any]:
    """("figure", it), ("refused", sentence) or ("broken", traceback)."""
    try:
        named = names.parse(name)
        return "figure", names.compute(named, probe, names.options_of(named, SMALL.get(name, {})))
    except TrainvisError as error:
        return "refused", str(error)
    except Exception:  # noqa: BLE001 - that is what this looks for
        return "broken", traceback.format_exc()


def probe_of(case: Case) -> Probe:
    flat = tree.flatten(case.inputs)
    one = len(flat) == 1
    classes = 2
    labels = np.arange(len(flat[0])) % classes
    probe = Probe(
        case.model,
        case.inputs,
        output=case.output,
        sample=case.inputs,
        records=(flat[0], labels) if one and flat[0].ndim == 4 else None,
        batch=4,
    )
    outputs = [np.zeros((len(flat[0]), *head.shape), "float32") for head in probe.network.heads]
    case.model.compile("sgd", "mse")
    probe.data = (case.inputs, _like_the_outputs(case.model, outputs))
    probe.earlier = weights_now(case.model, 1)
    return probe


def _like_the_outputs(model: keras.Model, outputs: list[np.ndarray]) -> Any:
    structure = getattr(model, "_outputs_struct", None)
    return outputs[0] if len(outputs) == 1 else tree.pack_sequence_as(structure, outputs) if structure else outputs


def outcomes(models: list[str], techniques: list[str] = NAMES) -> Iterator[tuple[str, str, str, Any]]:
    for model in models:
        case = MODELS[model]()
        with precision(case.policy):
            probe = probe_of(case)
            for name in techniques:
                yield (model, name, *outcome(probe, name, case))


def wrong(model: str, name: str, kind: str, found: Any) -> str:
    """What is wrong with an outcome, "" where nothing is."""
    listed = next((said for said, models in REFUSALS.get(name, {}).items() if model in models or "*" in models), None)
    if kind == "broken":
        return f"{name} of {model} broke:\n{found}"
    if kind == "refused":
        if listed is None:
            return f"{name} of {model} was refused, which is not listed: {found}"
        return "" if listed in found else f"{name} of {model} was refused by another sentence than {listed!r}: {found}"
    if listed is not None and model != "nan_weights":
        return f"{name} of {model} was listed as refused ({listed!r}) and made a figure"
    return unfit(model, name, found)


def unfit(model: str, name: str, figure: Figure) -> str:
    kinds = TECHNIQUES[name.partition("(")[0]].kinds
    strange = {part.kind for part in figure.parts} - set(kinds) - {"maps", "vectors", "table"}
    if strange:
        return f"{name} of {model} made {', '.join(strange)}: the catalogue names {', '.join(kinds)}"
    if not figure.parts:
        return "" if figure.notes else f"{name} of {model} made nothing and said nothing"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "1.h5"
        artifacts.write(figure, path)
        again = artifacts.read(path)
    if [part.kind for part in again.parts] != [part.kind for part in figure.parts]:
        return f"{name} of {model} reads back otherwise"
    if model != "nan_weights":
        for part in figure.parts:
            values = getattr(part, "values", None)
            if values is not None and part.kind != "series" and not np.isfinite(values).all():
                return f"{name} of {model}: {part.kind} {part.name!r} hold values that are no finite numbers"
    return ""


def check_every_technique_looks_into_every_network_or_says_why_not() -> None:
    failed = [text for each in outcomes(list(MODELS)) if (text := wrong(*each))]
    assert not failed, "\n".join(failed)
