from __future__ import annotations

import numpy as np

from trainvis.vis.items import Item, Items


def test_items_that_share_something_else_have_the_same_columns() -> None:
    items = Items(2, Item(layer="conv"), image=np.arange(2), score=np.array([0.5, 1.5]))
    other = items.sharing(Item(aspect="positive"))
    assert list(other) == [Item(image=0, aspect="positive", score=0.5), Item(image=1, aspect="positive", score=1.5)]
    assert other.each["score"] is items.each["score"]
    assert items[0] == Item(image=0, layer="conv", score=0.5)
