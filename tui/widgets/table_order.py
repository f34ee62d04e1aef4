"""Which rows a table shows, and in which order: a list of indices into the items, never the items moved."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Identity = Callable[[Any], Hashable]
SortKey = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Sorting:
    """`key(item)` gives what is compared: None sorts last in both directions, numbers come before texts."""

    key: SortKey
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Items whose text holds every word of `words`, all case folded, and that `test` accepts.

    Words alone are looked up in one text an item that is made once; `test` costs a call an item. `verdicts` gives the
    same for all items at once: what it puts into the dict is there again at its next call with the same items.
    """

    words: tuple[str, ...] = ()
    test: Callable[[Any], bool] | None = None
    verdicts: Callable[[Sequence[Any], dict[Hashable, list[Any]]], list[bool]] | None = None


class Order(Generic[T]):
    """Items, a sort order, a filter, and `shown`: the indices of the items that pass, in their order.

    `identity(item)` names an item across replacements, `text(item)` is what the words of a filter are looked up in,
    case folded.
    """

    def __init__(self, identity: Identity, text: Callable[[T], str] = str) -> None:
        self._identity = identity
        self._text = text
        self.items: Sequence[T] = ()
        self.shown: list[int] = []
        self._all: list[int] = []  # every item, in its order: what the filter picks from
        self._ids: list[Hashable] = []
        self._index: dict[Hashable, int] = {}
        self._texts: list[str] | None = None
        self._kept: dict[Hashable, list[Any]] = {}
        self._keys: list[Any] = []
        self._passing: list[bool] | None = None
        self._sorting: Sorting | None = None
        self._filter = Filter()

    def __len__(self) -> int:
        return len(self.shown)

    def at(self, position: int) -> T:
        """The item shown at a position."""
        return self.items[self.shown[position]]

    def id_at(self, position: int) -> Hashable:
        return self._ids[self.shown[position]]

    def find(self, identity: Hashable) -> int | None:
        """The position an item is shown at, None where it is filtered out or gone."""
        index = self._index.get(identity)
        try:
            return None if index is None else self.shown.index(index)
        except ValueError:
            return None

    def item(self, identity: Hashable) -> T | None:
        """The item of this identity, shown or not."""
        index = self._index.get(identity)
        return None if index is None else self.items[index]

    def replace(self, items: Sequence[T]) -> None:
        """Take new items. Those that are the same object as before cost a comparison, no more."""
        changed = self._changed(items)
        self.items = items
        if changed != []:
            self._kept = {}
        if changed is None:
            self._ids = [self._identity(item) for item in items]
            self._index = dict(zip(self._ids, range(len(items)), strict=True))
            self._texts = None
            self._sort()
            self._pass(self._filter)
        elif changed:
            self._sort_changed(changed)
            self._pass_changed(changed)
        else:
            return
        self._pick()

    def _changed(self, items: Sequence[T]) -> list[int] | None:
        """Indices of items that are other objects of the same identity; None where rows came, went or moved."""
        if len(items) != len(self.items) or not self._ids:
            return None
        pairs = zip(self.items, items, strict=True)
        changed = [index for index, (old, new) in enumerate(pairs) if old is not new]
        ids = self._ids
        same = all(self._identity(items[index]) == ids[index] for index in changed)
        return changed if same else None

    def sort(self, sorting: Sorting | None) -> None:
        """Sort by a key; None keeps the order of the items."""
        self._sorting = sorting
        self._sort()
        self._pick()

    def filter(self, chosen: Filter) -> None:
        """Show the items that pass."""
        self._filter = chosen
        self._pass(chosen)
        self._pick()

    def gather_texts(self) -> list[str]:
        """Make the texts that words are looked up in, before somebody types the first letter."""
        if self._texts is None:
            self._texts = list(map(self._text, self.items))
        return self._texts

    def _sort(self) -> None:
        self._keys = [] if self._sorting is None else list(map(self._sorting.key, self.items))
        self._arrange()

    def _sort_changed(self, changed: list[int]) -> None:
        if self._sorting is None:
            return
        old = [self._keys[index] for index in changed]
        new = [self._sorting.key(self.items[index]) for index in changed]
        if old != new:
            for index, key in zip(changed, new, strict=True):
                self._keys[index] = key
            self._arrange()

    def _arrange(self) -> None:
        everything = range(len(self.items))
        if self._sorting is None:
            self._all = list(everything)
        else:
            self._all = _sorted(self._keys, everything, descending=self._sorting.descending)

    def _pass(self, chosen: Filter) -> None:
        """Find the items that pass: None for all of them, else a verdict an item."""
        if not chosen.words and chosen.test is None:
            self._passing = None
            return
        texts = self.gather_texts() if chosen.words else []
        passing = [chosen.words[0] in text for text in texts] if texts else [True] * len(self.items)
        for word in chosen.words[1:]:
            passing = [passed and word in text for passed, text in zip(passing, texts, strict=True)]
        if chosen.test is not None:
            found = chosen.verdicts(self.items, self._kept) if chosen.verdicts else list(map(chosen.test, self.items))
            passing = [a and b for a, b in zip(passing, found, strict=True)] if chosen.words else found
        self._passing = passing

    def _pass_changed(self, changed: list[int]) -> None:
        if self._texts is not None:
            for index in changed:
                self._texts[index] = self._text(self.items[index])
        if self._passing is None:
            return
        words, test = self._filter.words, self._filter.test
        texts = self.gather_texts() if words else []
        for index in changed:
            holds = all(word in texts[index] for word in words)
            self._passing[index] = holds and (test is None or test(self.items[index]))

    def _pick(self) -> None:
        passing = self._passing
        self.shown = self._all if passing is None else [index for index in self._all if passing[index]]


def _sorted(keys: list[Any], indices: Sequence[int], *, descending: bool) -> list[int]:
    known = [index for index in indices if keys[index] is not None]
    missing = [index for index in indices if keys[index] is None] if len(known) < len(indices) else []
    broken = [index for index in known if keys[index] != keys[index]]
    if broken:
        known = [index for index in known if keys[index] == keys[index]]
    try:
        known.sort(key=keys.__getitem__, reverse=descending)
    except TypeError:  # numbers beside texts
        known.sort(key=lambda index: _mixed(keys[index]), reverse=descending)
    return known + broken + missing


def _mixed(key: Any) -> tuple[int, float, str]:
    return (0, float(key), "") if isinstance(key, int | float) else (1, 0.0, str(key))
