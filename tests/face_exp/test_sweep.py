"""A sweep holds every combination once, and those of the table under their own names."""

from __future__ import annotations

import pytest

from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.nets import NETS
from trainvis.face_exp.sweep import sweep


def test_the_networks_of_the_table_are_in_it() -> None:
    found = {net.name: net for net in sweep("depth=0,1,2,3")}
    assert {name: found[name] for name in NETS} == NETS
    assert {"HI", "I0"} <= set(found)


def test_each_combination_is_there_once() -> None:
    found = sweep("inject=no,0,2 depth=0,2 width=8,16 outputs=id,own-both")
    assert [(net.name, str(net.layers)) for net in found] == [
        ("A", "drop → id"),
        ("d0.w8.own_both", "drop → {8 → drop → id; 8 → drop → expression}"),
        ("D", "drop → concat(expression) → id"),
        ("d0.w16.own_both", "drop → {16 → drop → id; 16 → drop → expression}"),
        ("d2.w8", "drop → 8 → drop → 8 → drop → id"),
        ("d2.w8.own_both", "drop → 8 → drop → 8 → drop → {8 → drop → id; 8 → drop → expression}"),
        ("d2.w8.i0", "drop → concat(expression) → 8 → drop → 8 → drop → id"),
        ("d2.w8.i2", "drop → 8 → drop → 8 → drop → concat(expression) → id"),
        ("d2.w16", "drop → 16 → drop → 16 → drop → id"),
        ("d2.w16.own_both", "drop → 16 → drop → 16 → drop → {16 → drop → id; 16 → drop → expression}"),
        ("d2.w16.i0", "drop → concat(expression) → 16 → drop → 16 → drop → id"),
        ("d2.w16.i2", "drop → 16 → drop → 16 → drop → concat(expression) → id"),
    ]


def test_no_two_have_one_name() -> None:
    found = sweep("depth=0,1,2,3 width=4,1024")
    assert len({net.name for net in found}) == len({net.layers for net in found}) == len(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("injct=1", "inject perhaps"),
        ("depth", "nothing to sweep over"),
        ("depth=x", "depth=x is no number"),
        ("depth=21", "from 0 to 20"),
        ("width=0", "a layer has 1 unit or more"),
        ("outputs=own", "own_.* perhaps"),
        ("inject=0 outputs=shared", "has no network"),
        (f"depth=2,3,4 width={','.join(map(str, range(1, 60)))}", "more than 500 networks"),
    ],
)
def test_what_cannot_be_swept_over_is_refused(text: str, said: str) -> None:
    with pytest.raises(FacesError, match=said):
        sweep(text)
