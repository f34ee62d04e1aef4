"""Which view shows what. The views are imported when they are asked for."""

from __future__ import annotations

from importlib import import_module

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


def _named(path: str | None) -> type[SheetView] | None:
    if path is None:
        return None
    module, _, name = path.partition(".")
    found: type[SheetView] = getattr(import_module(f".{module}", __package__), name)
    return found
