"""A judgement as CSV: every figure a row, every comparison a row, every head a row."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence

from ...engine.text import printable
from ..judging import measures
from ..judging.estimate import Estimate
from ..judging.judge import Judgement
from .sentences import trend_verdict, verdict

FIGURES = ("net", "expressions", "source", "part", "target", "measure", "of", "mean", "spread", "low", "high", "seeds")
COMPARISONS = (
    "table", "pair", "claim", "difference", "low", "high", "error", "t", "freedom", "p", "adjusted", "verdict",
    "smallest", "seeds",
)  # fmt: skip
HEADS = (
    "head", "net", "expressions", "source", "seed", "run", "seconds", "epochs", "parameters", "train_faces",
    "train_accuracy", "validation_accuracy", "validation_loss", "test_accuracy", "test_loss",
    "validation_expression_accuracy", "test_expression_accuracy",
)  # fmt: skip


def files(found: Judgement) -> dict[str, str]:
    """The texts of all CSV files, by name. Shares are 0…1, differences too; what is not known is empty."""
    return {
        "report.csv": text(FIGURES, _figures(found)),
        "report-comparisons.csv": text(COMPARISONS, _comparisons(found)),
        "report-heads.csv": text(HEADS, _heads(found)),
    }


def text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV with a line of names. Words that a spreadsheet would take for a formula begin with an apostrophe."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return made.getvalue()


def _cell(value: object) -> object:
    match value:
        case float() if not math.isfinite(value):
            return ""
        case float():
            return f"{value:.6g}"
        case str():
            safe = printable(value)
            return f"'{safe}" if safe[:1] in {"=", "+", "-", "@"} else safe
        case _:
            return value


def _estimate(each: Estimate) -> tuple[object, ...]:
    return each.mean, each.spread, each.low, each.high, each.seeds


def _figures(found: Judgement) -> Iterator[tuple[object, ...]]:
    for seen in found.arms:
        for (part, target, measure), each in seen.estimates.items():
            if each.seeds:
                yield (*seen.arm, part, target, measure, "", *_estimate(each))
        for target, words in seen.by_expression.items():
            for word in words:
                yield (*seen.arm, "test", target, "accuracy", word.name, *_estimate(word.estimate))
    for key, each in found.confounds.items():
        for measure, value in (
            ("identity guessed by expression", each.guess), ("identity guessed by the commonest", each.commonest),
            ("mutual information, bit", each.information), ("mutual information / entropy of identity", each.share),
        ):  # fmt: skip
            yield ("", key, "", "test", "confound", measure, "", value, math.nan, math.nan, math.nan, each.seeds)


def _comparisons(found: Judgement) -> Iterator[tuple[object, ...]]:
    for table, several in (("claims", found.claims), ("controls", found.controls)):
        for each in several:
            one = each.found
            yield (
                table, each.claim.pair, each.claim.words, one.mean, one.low, one.high, one.error, one.t, one.freedom,
                one.p, each.adjusted, verdict(each), each.smallest, len(one.differences),
            )  # fmt: skip
    for each in found.trends:
        one = each.found
        yield (
            "points a doubling", " ".join(filter(None, (each.net, each.source))), "the number of expressions matters",
            one.mean, one.low, one.high, one.error, one.t, one.freedom, one.p, each.adjusted,
            trend_verdict(each), each.smallest, len(one.differences),
        )  # fmt: skip


def _heads(found: Judgement) -> Iterator[tuple[object, ...]]:
    for each in found.heads:
        head = each.head
        cells: list[object] = []
        for part, target, loss in (
            ("validation", "identity", True), ("test", "identity", True),
            ("validation", "expression", False), ("test", "expression", False),
        ):  # fmt: skip
            said = each.predictions.get(part, {}).get(target)
            cells.append(math.nan if said is None else measures.accuracy(said))
            if loss:
                cells.append(math.nan if said is None else measures.mean(said.loss))
        trained = math.nan if each.train_accuracy is None else each.train_accuracy
        yield (
            head.id, head.net, head.expressions, head.source, head.seed, each.run, each.seconds, each.epochs,
            each.parameters, each.train_faces, trained, *cells,
        )  # fmt: skip
