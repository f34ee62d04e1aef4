"""Text from data (names, tags, paths, output) made harmless for a terminal and for one line."""

from __future__ import annotations

import re
import unicodedata

# C0, DEL, C1, bidirectional controls, line and paragraph separators, lone surrogates.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: object, limit: int | None = None) -> str:
    """`text` with every control character replaced by its visible picture, cut to `limit` characters.

    C0 controls become their control pictures (ESC is shown as U+241B), everything else U+FFFD.
    """
    clean = _UNSAFE.sub(_picture, str(text))
    if limit is not None and len(clean) > limit:
        return clean[: max(limit - 1, 0)] + "…"
    return clean


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def one_line(text: str, limit: int = 200) -> str:
    """A person's text as a name: normalised, white space folded, controls dropped, cut to `limit`."""
    folded = " ".join(_UNSAFE.sub(" ", unicodedata.normalize("NFC", text)).split())
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"
