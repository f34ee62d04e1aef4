"""Reading the files of arrays that a study keeps, whatever a disk, or somebody, has made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray

MOST_BYTES = 1 << 30  # of all arrays of a file, unpacked


def read_npz(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """What `about` of a file says as JSON, and its other arrays. Raises OSError where it is not there or cannot be
    read, ValueError where it is damaged.
    """
    # A file that numpy opens by itself stays open where it is damaged.
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as found:
                if sum(each.file_size for each in found.zip.infolist()) > MOST_BYTES:
                    raise ValueError("it is larger than any that a study writes")
                arrays = {name: found[name] for name in found.files}
            about = json.loads(arrays.pop("about").tobytes())
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - zip, zlib, the headers of arrays and JSON each raise what they like
            raise ValueError(str(error) or type(error).__name__) from None
    if not isinstance(about, dict):
        raise ValueError("it does not say what it is about")
    return about, arrays
