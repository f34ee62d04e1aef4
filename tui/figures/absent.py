"""What is missing for a unit, in words: why, and how to get it."""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.text import printable
from ..drawing.cells import steady


def activations(run: str, problem: str = "") -> str:
    """No figure of layer_activations shows the unit."""
    said = problem or "there are no activations"
    return (
        f"{_sentence(said)}\n\nin the script: callbacks.pictures('layer_activations')\n"
        f"of a saved network: trainvis look {_word(run)} -t layer_activations --image FILE"
    )


def hidden(layer: str, unit: int, stored: int, run: str) -> str:
    """The layer is there, but not this map of it."""
    return (
        f"{steady(layer, 60)} has a map {unit}, but {stored} of its maps are stored.\n\n"
        f"in the script: callbacks.pictures('layer_activations', most=-1)\n"
        f"of a saved network: trainvis look {_word(run)} -t layer_activations --image FILE -o most=-1"
    )


def learned(run: str, layer: str, unit: int, others: Sequence[int], later: int | None = None) -> str:
    """No picture was grown for the unit; for `others` of the layer there are some, `later` is a step with any."""
    where = f"{steady(layer, 60)}:{unit}"
    said = f"No image was grown for {where}{_others(others)}."
    if later is not None:
        said = f"The first images are grown at step {later}."
    return (
        f"{said}\n\nin the script: callbacks.pictures('deep_visualization', units=['{where}'], tries=9)\n"
        f"of a saved network: trainvis look {_word(run)} -t deep_visualization --unit {_word(where)} -o tries=9"
    )


def maximal(run: str, layer: str, unit: int, others: Sequence[int], later: int | None = None) -> str:
    """No images of a set are kept for the unit."""
    said = f"No images that excite map {unit} of {steady(layer, 60)} are kept{_others(others)}."
    if later is not None:
        said = f"The first images are searched at step {later}."
    return (
        f"{said}\n\nin the script: callbacks.pictures('maximal_images', data=(x, y), maps=({unit},))\n"
        f"of a saved network: trainvis look {_word(run)} -t maximal_images --set FOLDER --layer {_word(layer)} "
        f"-o maps={unit}"
    )


def asleep(unit: int) -> str:
    """The set was searched, and nothing in it excites the unit."""
    return f"Unit {unit} is active on none of the images that were searched."


def projections(run: str, layer: str, unit: int) -> str:
    """The images are there, and not what is carried back."""
    return (
        f"These images were not carried back to the pixels.\n\nin the script: callbacks.pictures('maximal_images', "
        f"deconvolution=True)\nof a saved network: trainvis look {_word(run)} -t maximal_images --set FOLDER "
        f"--layer {_word(layer)} -o maps={unit}"
    )


def fewer(count: int, wanted: int = 9) -> str:
    """So many tries of nine."""
    return "" if count >= wanted else f"{count} of {wanted}: tries={wanted} grows {wanted}"


def _others(units: Sequence[int]) -> str:
    if not units:
        return ""
    return f"; there are some of {', '.join(map(str, units[:8]))}{' …' if len(units) > 8 else ''}"


def _sentence(text: str) -> str:
    clean = printable(text, 300)
    return clean[:1].upper() + clean[1:] + ("" if clean.endswith(".") else ".")


def _word(text: str) -> str:
    """A word of a command line: in quotes where a shell would take it apart."""
    clean = printable(text, 200)
    plain = clean and all(each.isalnum() or each in "_-./:,=" for each in clean)
    return clean if plain else "'" + clean.replace("'", "'\\''") + "'"
