"""The words for expressions, and what data sets call them.

The seven are the basic emotions of Ekman and Friesen (1971) and the neutral face, as IMFDB, JAFFE, CK+ and FER2013 have
them. CK+ and others have an eighth, contempt: a word that is known, and none of the seven.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping

WORDS = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")
EXTRA = ("contempt",)

_ALSO = {
    # "ne", "an" and so on are those of JAFFE and KDEF ("af" is KDEF's: afraid).
    "neutral": "ne neu neutrality normal calm expressionless noexpression",
    "anger": "an ang angry angered mad furious fury rage",
    "disgust": "di dis disgusted disgusting",
    "fear": "fe fea af afraid fearful scared frightened",
    "happiness": "ha hap happy joy joyful smile smiling glad",
    "sadness": "sa sad unhappy sorrow sorrowful",
    "surprise": "su sur surprised surprising astonished astonishment amazed",
    "contempt": "co con contemptuous scorn scornful",
}
_KNOWN: Mapping[str, str] = {
    **{word: word for word in (*WORDS, *EXTRA)},
    **{also: word for word, several in _ALSO.items() for also in several.split()},
}
_PLAIN = re.compile(r"[\W\d_]+")


def word_of(text: str) -> str | None:
    """One of WORDS or EXTRA for what a data set calls an expression, in any case and with any numbers and signs around
    it ("HAPPY", "AN1", "03_fear"); None where nobody knows what is meant.
    """
    plain = _PLAIN.sub(" ", unicodedata.normalize("NFKC", text)).casefold().split()
    return _KNOWN.get("".join(plain)) or next((_KNOWN[part] for part in plain if part in _LONG), None)


# Of a name of several parts ("happy face") only whole words count: "di" may be anything.
_LONG = frozenset(each for each in _KNOWN if len(each) > 3)


def nearest(text: str) -> str | None:
    """The word that an unknown one may have been meant for."""
    found = difflib.get_close_matches(_PLAIN.sub("", text).casefold(), [each for each in _KNOWN if len(each) > 2], 1)
    return _KNOWN[found[0]] if found else None
