"""Whether a picture file is whole, told by its first bytes and its end: nothing is decoded.

Sources: JFIF and ITU T.81 (markers), PNG (W3C), GIF89a, RIFF, the header of BMP.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Data: TypeAlias = bytes | memoryview

EMPTY = "an empty file"
NO_PICTURE = "no picture: its first bytes are of no kind that can be read"
CUT_OFF = "a picture that is cut off: its end is missing"
DAMAGED = "a picture that is damaged or cut off"

_NO_LENGTH = frozenset((0x01, *range(0xD0, 0xD8)))  # markers of JPEG that nothing belongs to
_START_OF_SCAN, _END = 0xDA, b"\xff\xd9"


def checked(data: Data) -> str:
    """What is wrong with a picture file, "" where it has a known header and its end. TIFF and PNM, which say nowhere
    where they end, are decoded.
    """
    if not len(data):
        return EMPTY
    head = bytes(data[:12])
    for start, whole in _KINDS:
        if head.startswith(start):
            return "" if whole(data) else CUT_OFF
    if head.startswith((b"II*\0", b"MM\0*")) or (head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace()):
        return _decodes(data)
    return NO_PICTURE


def _jpeg(data: Data) -> bool:
    """The end of image, which other things may follow: cameras append films, and EXIF holds a whole small JPEG."""
    if data[-2:] == _END:
        return True
    place, size = 2, len(data)
    while place + 4 <= size and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == _START_OF_SCAN:
            return bytes(data[place:]).rfind(_END) >= 0
        if marker == 0xFF or marker in _NO_LENGTH:
            place += 1 if marker == 0xFF else 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return False


def _png(data: Data) -> bool:
    return data[-8:-4] == b"IEND" or b"IEND\xaeB`\x82" in bytes(data)


def _gif(data: Data) -> bool:
    return bytes(data[-1024:]).rstrip(b"\0").endswith(b";")


def _bmp(data: Data) -> bool:
    said = int.from_bytes(data[2:6], "little")  # some write 0
    return len(data) >= max(said, 26)


def _webp(data: Data) -> bool:
    return data[8:12] == b"WEBP" and len(data) >= int.from_bytes(data[4:8], "little") + 8


def _decodes(data: Data) -> str:
    from ..decoding import DAMAGE, decoded, opened
    from ..errors import ImageError

    try:
        with opened(data) as image:
            decoded(image)
    except (ImageError, *DAMAGE):
        return DAMAGED
    return ""


_KINDS: tuple[tuple[bytes, Callable[[Data], bool]], ...] = (
    (b"\xff\xd8\xff", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"RIFF", _webp),
    (b"BM", _bmp),
)
