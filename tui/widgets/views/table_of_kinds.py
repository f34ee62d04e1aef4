"""Which view shows what. The views are imported when they are asked for."""

from __future__ import annotations

from importlib import import_module

from ...figures.sheet import Sheet
from .base import SheetView

_KINDS = {
    "vectors": "vectors.VectorsView",
    "histograms": "histograms.HistogramsView",
    "points": "points.PointsView",
    "matrix": "matrix.MatrixView",
    "series": "series.SeriesView",
    "table": "table.TableView",
    "graph": "graph.GraphView",
}
_TECHNIQUES = {
    "receptive_fields": "receptive.ReceptiveView",
    "worst_images": "worst.WorstView",
    "step_by_step": "steps.StepsView",
}


def view_for(kind: str) -> type[SheetView] | None:
    """The view of a kind of figure part; None for maps and pictures, and for what nobody knows."""
    return _named(_KINDS.get(kind))


def view_for_technique(technique: str) -> type[SheetView] | None:
    """A view that shows a technique better than its parts one by one would; None for most."""
    return _named(_TECHNIQUES.get(technique))


def view_of(sheet: Sheet) -> type[SheetView] | None:
    """The view of a sheet: that of its technique where it shows this part better, else that of its kind.

    None for what is shown as a picture. Of an image step by step it is the input and the table that show all steps;
    the maps of each step are pictures too.
    """
    if sheet.facts is None:
        return None
    kind = sheet.facts.kind
    better = {
        "worst_images": kind == "pictures",
        "receptive_fields": kind == "table",
        "step_by_step": kind == "table" or sheet.at == 0,
    }
    found = view_for_technique(sheet.technique) if better.get(sheet.technique) else None
    return found or view_for(kind)


def _named(path: str | None) -> type[SheetView] | None:
    if path is None:
        return None
    module, _, name = path.partition(".")
    found: type[SheetView] = getattr(import_module(f".{module}", __package__), name)
    return found
