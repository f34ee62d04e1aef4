"""Writes docs/keys.md from the key table of the application: `python docs/make_keys.py`."""

from __future__ import annotations

from pathlib import Path

from trainvis.tui.keys import TABLE

PLACES = {
    "everywhere": "Everywhere",
    "runs": "Runs",
    "table": "In every table",
    "filter": "Filter line",
    "columns": "Chooser of columns",
    "run": "Run",
    "lines": "In every text",
    "overview": "Overview",
    "report": "Report",
    "output": "Output",
    "curves": "Curves",
    "pictures": "Pictures",
    "views": "Figures that are no pictures",
    "units": "Units",
    "side_by_side": "Side by side",
    "blob": "Blob",
    "blob_records": "Blob: records",
    "blob_record": "Blob: one record",
    "blob_label": "Blob: labelling",
    "blob_tree": "Blob: tree",
    "blob_data": "Blob: data set",
    "blob_counts": "Blob: counts",
    "blob_alike": "Blob: alike",
    "files": "File dialog",
    "network": "Network",
    "launch": "Launch",
    "look": "Look inside a saved network",
}


def page() -> str:
    """The page as Markdown."""
    parts = [
        "# Keys\n",
        "Every key can be remapped by its id in the settings file (`~/.config/trainvis/config.toml`):\n",
        '```toml\n[keys]\n"runs.stop" = "x"\n```\n',
        "`?` shows the keys of the screen you are on. Each action is also in the command palette, `ctrl+p`.\n",
    ]
    for place, title in PLACES.items():
        parts.append(f"## {title}\n")
        parts.append("| key | what it does | id |\n|---|---|---|")
        parts.extend(f"| {_shown(key.keys)} | {key.sentence} | `{key.id}` |" for key in TABLE[place])
        parts.append("")
    return "\n".join(parts)


def _shown(keys: str) -> str:
    names = {"slash": "/", "question_mark": "?", "plus": "+", "equals_sign": "=", "minus": "-"}
    return " ".join(f"`{names.get(key, key)}`" for key in keys.split(","))


if __name__ == "__main__":
    (Path(__file__).parent / "keys.md").write_text(page(), encoding="utf-8")
