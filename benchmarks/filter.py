"""100,000 rows filtered: free text, a field, a metric, a parameter, all of them."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

from trainvis.engine.query import parse
from trainvis.engine.rows import MetricSummary, Row

ROWS = 100_000
LINES = {
    "free_text": "digits-7",
    "tag": "tag:t7",
    "metric": "loss<0.1",
    "parameter": "param.lr>0.5",
    "all": "digits tag:t7 loss<0.1 -param.lr>0.5 or status:running",
}


def main() -> None:
    now = time.time()
    rows = [_row(at, now) for at in range(ROWS)]
    needle = "digits-7"
    begin = time.perf_counter()
    assert sum(needle in row.folded for row in rows)
    result: dict[str, object] = {"benchmark": "filter", "rows": ROWS}
    result["calibration_bare_substring_search_ms"] = round((time.perf_counter() - begin) * 1e3, 1)
    for name, line in LINES.items():
        query = parse(line)
        best = min(_took(query.passing, rows, now) for _ in range(5))
        result[f"{name}_ms"] = round(best * 1e3, 1)
    print(json.dumps(result))


def _row(at: int, now: float) -> Row:
    row = Row(
        Path("/r"),
        f"digits-{at}",
        tags=("mnist", f"t{at % 20}"),
        created=now - at,
        metrics={"loss": MetricSummary(at / ROWS, 0.0, 1.0)},
        parameters={"lr": at / ROWS},
    )
    return replace(row, folded=row.fold())


def _took(passing: object, rows: list[Row], now: float) -> float:
    assert callable(passing)
    begin = time.perf_counter()
    passing(rows, now)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
