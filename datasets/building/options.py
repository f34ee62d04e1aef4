"""What a person chooses of a build."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from ..errors import BlobError

Fit: TypeAlias = Literal["crop", "squash", "pad", "fill"]
Colour: TypeAlias = Literal["", "colour", "grey"]
Encoding: TypeAlias = Literal["auto", "keep", "jpeg", "png", "raw"]
By: TypeAlias = Literal["sample", "group", "source", "lists"]
Balance: TypeAlias = Literal["", "under", "over"]

LARGEST_SIDE = 16384


@dataclass(frozen=True, slots=True)
class Split:
    """Into which parts the records go.

    `by` says how: each `sample` by itself; a whole `group` (a film, a sequence, a person) into one part; as the
    `source` itself says; or by `lists`, files with a key a line. `shares` are those of the parts, whose sum is 1:
    `{"train": 0.8, "test": 0.2}`. `stratify` names the class field whose classes are to have these shares in each part
    ("label" stands for the one that is learned), "" none.
    """

    by: By = "sample"
    shares: Mapping[str, float] = field(default_factory=dict)
    stratify: str = ""
    lists: Mapping[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises BlobError."""
        _one_of("a split", self.by, get_args(By))
        if self.by in ("sample", "group"):
            if len(self.shares) < 2 or not all(0 < share < 1 for share in self.shares.values()):
                raise BlobError("a split needs two parts or more, each with a share between 0 and 1")
            if abs(sum(self.shares.values()) - 1) > 1e-6:
                raise BlobError(f"the shares of a split add up to 1, not to {sum(self.shares.values()):g}")
        if self.by == "lists" and not self.lists:
            raise BlobError("a split by lists needs a file for each part")
        if not all(self.shares) or not all(self.lists):
            raise BlobError("a part of a split needs a name")


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What becomes of the samples of a source. The same source and the same options give the same content.

    Images: `size` is height and width in pixels; `fit` how an image of another shape gets there: `crop` (what stands
    out is cut off), `squash` (stretched), `pad` (black bars), `fill` (its edge repeated). `square` makes each image
    square by `fit` without a size. `colour` makes all of three channels or of one. `encoding`: `keep` stores the files
    as they are, `auto` does so where the options above change nothing, and else stores JPEG of `quality`, arrays as
    raw numbers. `compression` 1…9 packs raw arrays in HDF5 by gzip.

    Which records: `only` these classes of a field; at most `limit` at all, at most `limits[field]` of each class of a
    field, taken by lot; `balance` has every class of `balance_field` as often as the rarest (`under`) or, by
    repeating samples, as the most frequent (`over`): in the part `train` where there is one, else in every part.
    `split` puts them into parts; `shuffle` mixes their order. `seed` is that of every lot. A field "label" stands for
    the one that is learned, where none has that name.

    `labels` is a side file whose labels lie over those of the source. `statistics` counts pixels too; None does so
    where images are decoded anyway. `shards` is the number of files, `workers` that of processes, 0 one a core.
    """

    size: tuple[int, int] | None = None
    fit: Fit = "crop"
    square: bool = False
    colour: Colour = ""
    encoding: Encoding = "auto"
    quality: int = 90
    compression: int = 0
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limit: int | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    balance: Balance = ""
    balance_field: str = "label"
    split: Split | None = None
    shuffle: bool = False
    seed: int = 0
    labels: Path | None = None
    statistics: bool | None = None
    shards: int = 1
    workers: int = 0

    def __post_init__(self) -> None:
        """Raises BlobError for what cannot be."""
        _one_of("a way to fit", self.fit, get_args(Fit))
        _one_of("a colour", self.colour, get_args(Colour))
        _one_of("an encoding", self.encoding, get_args(Encoding))
        _one_of("a balance", self.balance, get_args(Balance))
        if self.size is not None and not all(1 <= side <= LARGEST_SIDE for side in self.size):
            raise BlobError(f"images are 1 to {LARGEST_SIDE} pixels high and wide, not {self.size[0]}×{self.size[1]}")
        if self.encoding == "keep" and self.changes_pixels:
            raise BlobError("images that are kept as they are have no new size or colour: choose jpeg, png or raw")
        for what, value, least, most in (
            ("the quality of JPEG", self.quality, 1, 100),
            ("the compression", self.compression, 0, 9),
            ("the number of shards", self.shards, 1, 99_999),
            ("the number of workers", self.workers, 0, 1024),
        ):
            if not least <= value <= most:
                raise BlobError(f"{what} is {least} to {most}, not {value}")
        if any(most < 1 for most in (*self.limits.values(), *([] if self.limit is None else [self.limit]))):
            raise BlobError("a limit is 1 or more")

    @property
    def changes_pixels(self) -> bool:
        """Whether images get another size or other channels."""
        return self.size is not None or self.square or bool(self.colour)

    def to_json(self) -> dict[str, Any]:
        """What the content depends on, and where it lies: all but the workers."""
        said = asdict(self)
        del said["workers"]
        return json.loads(json.dumps(said, default=str))

    def digest(self) -> str:
        """The same for the same options; a part is gone on with by these only."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()


def _one_of(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise BlobError(f"{what} is one of {', '.join(each for each in known if each)}, not {value!r}")
