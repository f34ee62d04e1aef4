"""The notation of networks: what is read is what is printed, and what cannot be read says where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.face_exp.layers import (
    Branches,
    Concat,
    Dense,
    Drop,
    Layers,
    NotationError,
    Output,
    parse,
)  # fmt: skip

HIDDEN = st.lists(
    st.one_of(
        st.builds(Drop, st.none() | st.floats(0, 0.99).filter(lambda rate: rate < 1)),
        st.builds(Dense, st.integers(1, 9999)),
    ),
    max_size=5,
).map(tuple)
IDENTITY, EXPRESSION = Output("identity"), Output("expression")


@st.composite
def networks(draw: st.DrawFn) -> Layers:
    chain = draw(HIDDEN)
    first, second = draw(st.sampled_from([(IDENTITY, EXPRESSION), (EXPRESSION, IDENTITY)]))
    match draw(st.sampled_from(["one", "input", "two"])):
        case "one":
            return Layers((*chain, first))
        case "input":
            return Layers((*chain, Concat(), *draw(HIDDEN), IDENTITY))
        case _:
            return Layers((*chain, Branches(((*draw(HIDDEN), first), (*draw(HIDDEN), second)))))


@given(networks())
def test_what_is_printed_is_read_again(layers: Layers) -> None:
    assert parse(str(layers)) == layers


@given(networks(), st.integers(1, 300), st.integers(1, 100), st.integers(1, 9))
def test_each_layer_takes_what_the_one_before_it_gives(
    layers: Layers, width: int, identities: int, expressions: int
) -> None:
    placed = layers.placed(width, identities, expressions)
    assert len({each.name for each in placed}) == len(placed)
    assert placed[0].before == width
    outputs = {each.name: each.width for each in placed if isinstance(each.step, Output)}
    assert outputs == {
        name: count for name, count in (("identity", identities), ("expression", expressions))
        if name in layers.outputs
    }  # fmt: skip


def test_the_way_to_an_output_is_that_of_its_branch():
    layers = parse("drop → {id; 64 → drop → expression}")
    assert layers.way("identity") == (Drop(), IDENTITY)
    assert layers.way("expression") == (Drop(), Dense(64), Drop(), EXPRESSION)
    assert parse("id").way("expression") == ()


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("drop->1024->id", "drop → 1024 → id"),
        ("  Drop .30 →DROPOUT→ 12 → ID ", "drop 0.3 → drop → 12 → id"),
        ("concat( expression )→identity", "concat(expression) → id"),
        ("{ id ,expression }", "{id, expression}"),
        ("{id; expression}", "{id, expression}"),
        ("{id, 8 -> expression}", "{id; 8 → expression}"),
        ("4 → {expression; concat(expression) → id}", "4 → {expression; concat(expression) → id}"),
    ],
)
def test_one_network_may_be_written_in_several_ways(text: str, same: str) -> None:
    assert str(parse(text)) == same


@pytest.mark.parametrize(
    ("text", "said", "position"),
    [
        ("", "a layer is missing before the end", 0),
        ("drop → → id", "a layer is missing before “→”", 7),
        ("1024 1024 → id", "“1024” cannot stand here: an arrow is missing before it", 5),
        ("1024 → foo → id", "“foo” is no layer", 7),
        ("drop → drop 1.5 → id", "drop 1.5 is no share", 12),
        ("1.5 → id", "“1.5” is no number of units", 0),
        ("-5 → id", "“-” is no layer", 0),
        ("concat(age) → id", "concat(expression) is all that can be put in", 0),
        ("8 → {id; expression", "{ is never closed", 4),
        ("id}", "“}” cannot stand here: nothing was opened", 2),
        ("{id;;expression}", "a layer is missing before “;”", 4),
        ("8 → \x1b[31m → id", "is no layer", 4),
    ],
)
def test_what_cannot_be_read_says_where(text: str, said: str, position: int) -> None:
    with pytest.raises(NotationError) as caught:
        parse(text)
    assert said in str(caught.value)
    assert caught.value.position == position
    assert "\x1b" not in str(caught.value)
    if text:
        assert f"(character {position + 1}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("drop", "drop is the last layer: each way ends in an output"),
        ("id → 8 → id", "after an output or {…} nothing follows"),
        ("{id, expression} → id", "after an output or {…} nothing follows"),
        ("{id}", "one branch"),
        ("{id, id}", "the output id stands there twice"),
        ("{id, 8}", "8 is the last layer"),
        ("0 → id", "a layer of 0 units cannot be"),
        ("9999999 → id", "a layer of 9999999 units cannot be"),
        ("concat(expression) → {id, expression}", "which would learn itself"),
        ("concat(expression) → expression", "which would learn itself"),
    ],
)
def test_layers_that_make_no_network_are_refused(text: str, said: str) -> None:
    with pytest.raises(NotationError, match=r".") as caught:
        parse(text)
    assert said in str(caught.value)
    assert text in str(caught.value)


@given(st.text(max_size=40) | st.text(alphabet="drop id{};,→->10.concat(expression)", max_size=60))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    found = read_or_refused(text)
    if isinstance(found, NotationError):
        assert 0 <= found.position <= len(text)
    else:
        assert parse(str(found)) == found


def read_or_refused(text: str) -> Layers | NotationError:
    try:
        return parse(text)
    except NotationError as error:
        return error


def test_branches_in_each_other_without_end_are_refused() -> None:
    with pytest.raises(NotationError, match="too deep"):
        parse("{" * 5_000)
