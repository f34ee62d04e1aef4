"""A sweep: networks by where the expression goes in, how deep and how wide they are, and which layers they share."""

from __future__ import annotations

from .nets import Net


def sweep(text: str = "") -> tuple[Net, ...]:
    """The networks of `inject=no,0,1,2 depth=0,1,2 width=1024 share=no,all,identity,expression,none`, each once.

    What is not named keeps its default. One that equals a network of the table has that one's name. Raises FacesError.
    """
    raise NotImplementedError
