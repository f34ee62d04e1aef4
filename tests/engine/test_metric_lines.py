from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine.metric_lines import Block, _cut, parse, parse_slowly
from trainvis.engine.summary import spelled


def _same(left: Block, right: Block) -> bool:
    return left.events == right.events and _by_name(left) == _by_name(right)


def _by_name(block: Block) -> dict[str, list[list[str]]]:
    # As text, for NaN is not itself.
    return {
        name: [[repr(item) for item in column.tolist()] for column in (group.steps, group.epochs, group.times, values)]
        for group in block.groups
        for name, values in zip(group.names, group.values, strict=True)
    }


def _line(**content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def _ours(step: int, **values: float) -> bytes:
    return _line(fit=1, step=step, epoch=step / 100, time=1.7e9 + step, **{k: spelled(v) for k, v in values.items()})


def test_lines_of_a_loop_become_columns() -> None:
    lines = b"".join(_ours(step, loss=1 / step, learning_rate=1e-5, top_5_accuracy=0.5) for step in range(1, 101))
    (group,) = parse(lines).groups
    assert group.names == ("loss", "learning_rate", "top_5_accuracy")
    assert group.steps.dtype == np.int64
    assert group.steps.tolist() == list(range(1, 101))
    assert group.values[0].tolist() == [1 / step for step in range(1, 101)]
    assert group.values[1].tolist() == [1e-5] * 100
    assert group.times[0] == 1.7e9 + 1


def test_lines_of_a_loop_are_cut_not_read_one_by_one() -> None:
    lines = b"".join(_ours(step, loss=0.5 + step, learning_rate=1e-5, top_5_accuracy=0.5) for step in range(5, 45))
    assert _cut(lines, np.arange(40)) is not None


def test_validation_between_the_batches_keeps_each_metric_in_order() -> None:
    lines = b"".join(
        _ours(step, loss=0.5 * step) + (_ours(step, val_loss=2.0 * step) if step % 10 == 0 else b"")
        for step in range(1, 201)
    )
    block = parse(lines)
    assert _same(block, parse_slowly(lines))
    found = {name: group for group in block.groups for name in group.names}
    assert found["val_loss"].steps.tolist() == list(range(10, 201, 10))
    assert found["loss"].steps.tolist() == list(range(1, 201))


def test_a_metric_on_lines_of_several_shapes_is_one_curve() -> None:
    lines = b"".join(
        _ours(step, loss=step / 3, extra=1.0) if step % 2 else _ours(step, loss=step / 3) for step in range(1, 201)
    )
    found = {name: group for group in parse(lines).groups for name in group.names}
    assert found["loss"].steps.tolist() == list(range(1, 201))
    assert found["extra"].steps.tolist() == list(range(1, 201, 2))


def test_names_that_differ_in_a_digit_are_told_apart_wherever_they_stand() -> None:
    names = [f"layer{at}" for at in range(20)]
    values = {name: at + 0.5 for at, name in enumerate(names)}
    lines = b"".join(_ours(step, **values) for step in range(1, 101))
    assert _cut(lines, np.arange(100)) is not None
    turned = lines + b"".join(_ours(step, **dict(reversed(values.items()))) for step in range(1, 101))
    assert _same(parse(turned), parse_slowly(turned))


def test_exponents_beside_names_with_an_e_are_cut_too() -> None:
    lines = b"".join(_ours(step, mse=step * 1e-9, learning_rate=1e-05, e=1e22) for step in range(1, 101))
    assert _cut(lines, np.arange(100)) is not None
    assert _same(parse(lines), parse_slowly(lines))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("loss", "loss2"),
        ("top_1", "top_5"),
        ("see", "se"),
        ("a,b", "a,c"),
        ('x":1,"y', "z"),
        ("l-1", "l+1"),
        ("e", "e5"),
        ("x,", "x,5"),
        (",x", ",5x"),
        ("x:", "x:5"),
        ("top_", "top_5"),
        ("é", "ë"),
    ],
)
def test_names_that_look_alike_are_never_mixed_up(one: str, other: str) -> None:
    lines = b"".join(_ours(step, **{one if step % 3 else other: step + 0.5}) for step in range(1, 301))
    assert _same(parse(lines), parse_slowly(lines))


def test_what_is_not_finite_comes_as_it_was_written() -> None:
    lines = b"".join(_ours(step, loss=(math.nan, math.inf, -math.inf, 1.0)[step % 4]) for step in range(100))
    (group,) = parse(lines).groups
    assert np.isnan(group.values[0][0::4]).all()
    assert (group.values[0][1::4] == math.inf).all()
    assert (group.values[0][2::4] == -math.inf).all()


def test_damaged_lines_are_left_out_and_the_others_kept() -> None:
    good = b"".join(_ours(step, loss=1.0 * step) for step in range(50))
    bad = (
        b'{"fit":1,"st\n\xff\xfe\n[1]\n"text"\n{}\n{"step":1e400,"loss":1}\n{"step":{},"loss":"x"}\n'
        + b"[" * 100_000
        + b"\n"
    )
    block = parse(good + bad + good)
    (group,) = block.groups
    assert group.steps.tolist() == [*range(50), *range(50)]


def test_events_are_kept_in_order() -> None:
    lines = _line(event="fit", fit=1) + _ours(1, loss=1.0) + _line(event="end", reason="done")
    assert [event["event"] for event in parse(lines).events] == ["fit", "end"]


_KEYS = st.sampled_from(
    ["loss", "loss2", "top_5", "top_1", "see", "se", "learning_rate", "a,b", "E", "1", "fit", "batches"]
)
_VALUES = st.floats() | st.integers(-(10**18), 10**18) | st.sampled_from([1e-5, 0.5, 1e22, -0.0])


@given(
    st.lists(
        st.tuples(
            st.dictionaries(_KEYS, _VALUES, max_size=4), st.integers(1, 60), st.binary(max_size=12) | st.just(b"")
        ),
        max_size=5,
    )
)
def test_cutting_and_json_read_the_same(pieces: list[tuple[dict[str, float], int, bytes]]) -> None:
    lines, step = b"", 0
    for values, repeat, garbage in pieces:
        for _ in range(repeat):
            step += 1
            lines += _ours(step, **{name: value for name, value in values.items() if name != "fit"})
        if garbage:
            lines += garbage.replace(b"\n", b" ") + b"\n"
    assert _same(parse(lines), parse_slowly(lines))
