"""What each record of a data set holds: its fields, with their kinds, types, shapes and classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

Kind: TypeAlias = Literal["image", "class", "number", "array", "text"]
KINDS: tuple[str, ...] = get_args(Kind)
UNKNOWN = -1  # the value of a class field where nobody knows the class


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    `kind`: `image` (H×W×C uint8 once read), `class` (the number of a class, UNKNOWN where nobody knows), `number` (one
    int or float), `array` (numbers of any rank), `text`. `dtype` is NumPy's name of what a read gives; `shape` that of
    one value, with None where it differs between records, () for one number. `classes` are the names of a class field.
    `encoding` says how it is stored: "" as numbers, "file" as files of any picture format, "jpeg", "png".
    """

    name: str
    kind: Kind
    dtype: str = ""
    shape: tuple[int | None, ...] = ()
    classes: tuple[str, ...] = ()
    encoding: str = ""

    def to_json(self) -> dict[str, Any]:
        """A mapping that `from_json` understands; what is empty is left out."""
        found = {"name": self.name, "kind": self.kind, "dtype": self.dtype, "encoding": self.encoding}
        found |= {"shape": list(self.shape), "classes": list(self.classes)}
        return {name: value for name, value in found.items() if value}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Field:
        """Raises ValueError, which says what is missing or wrong."""
        name, kind = value.get("name"), value.get("kind")
        if not isinstance(name, str) or not name or kind not in KINDS:
            raise ValueError(f"no field is described by name {name!r} and kind {kind!r}")
        shape, classes = value.get("shape", []), value.get("classes", [])
        if not isinstance(shape, list) or not all(each is None or _whole(each) for each in shape):
            raise ValueError(f"the field {name!r} has no shape like {shape!r}")
        if not isinstance(classes, list):
            raise ValueError(f"the field {name!r} has no list of classes")
        dtype, encoding = str(value.get("dtype", "")), str(value.get("encoding", ""))
        return cls(name, kind, dtype, tuple(shape), tuple(map(str, classes)), encoding)


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields in their order; the first image and the first class field are meant where none is named."""

    fields: tuple[Field, ...]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __contains__(self, name: object) -> bool:
        return any(field.name == name for field in self.fields)

    def __getitem__(self, name: str) -> Field:
        """Raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @property
    def image(self) -> Field | None:
        """The field that is shown: the first image."""
        return next((field for field in self.fields if field.kind == "image"), None)

    @property
    def label(self) -> Field | None:
        """The field that is learned: the one called `label`, else the first class field but the split."""
        kinds = [field for field in self.fields if field.kind == "class" and field.name != "split"]
        return next((field for field in kinds if field.name == "label"), kinds[0] if kinds else None)

    def to_json(self) -> list[dict[str, Any]]:
        return [field.to_json() for field in self.fields]

    @classmethod
    def from_json(cls, value: Any) -> Schema:
        """Raises ValueError."""
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            raise ValueError("a schema is a list of fields")
        fields = tuple(map(Field.from_json, value))
        if len({field.name for field in fields}) < len(fields):
            raise ValueError("two fields of a schema have one name")
        return cls(fields)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
