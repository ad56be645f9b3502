"""The value `ProvedCore`: the best lower bound that was proved for one canonical core."""

import json
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from .._files import damage_as, parse_json, same_json
from .._typing import Field, Integers, Sizes, Value, check_field, freeze_fields
from .._version import __version__
from ..errors import FileFormatError, WordTensorError
from ._canonical import CanonicalCore, canonical_form, core_key, labelling_version
from ._names import CoreName, named

_FORMAT: Final = "wordtensor-proof"
_VERSION: Final = 1
_FIELDS: Final = ("key", "shape", "coords", "field", "value", "data", "version", "igraph")


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class ProvedCore(Value):
    """A lower bound on the rank of a canonical core, with what proves it.

    Attributes
    ----------
    key : str
        That of the `CanonicalCore`.
    shape : tuple of int
        Its sizes (x, y, z).
    coords : ndarray of int64, shape (3, k)
        Its ones. Read-only.
    field : {"real", "complex"}
        Where the terms live.
    value : int
        The rank over this field is at least this. **Nothing here checks that it is**: whoever uses
        it has to, by the data.
    data : str
        JSON of what proves it, in which ``mode`` and ``other`` are modes of the canonical core and
        ``elements`` are its slices: the fields of a `wordtensor.bounds.LocusBound`.
    version : str
        Of wordtensor.
    igraph : str
        Version of igraph, which the order of slices and modes depends on.

    Raises
    ------
    WordTensorError
        If the key is not that of the ones, or the bound is no whole number.

    Examples
    --------
    >>> from wordtensor.cores import canonical_core
    >>> core = canonical_core("a*b", "C3")
    >>> ProvedCore.of(core, "real", 4, {"mode": 0, "other": 1, "elements": [[0], [1], [2]]})
    ProvedCore(3x3x3, 9 ones, at least 4)
    """

    key: str
    shape: Sizes
    coords: Integers
    field: Field
    value: int
    data: str
    version: str
    igraph: str

    def __post_init__(self) -> None:
        check_field(self.field)
        object.__setattr__(self, "coords", np.asarray(self.coords, dtype=np.int64))
        freeze_fields(self, "coords")
        if self.key != core_key(self.shape, self.coords):
            raise WordTensorError(f"Key {self.key[:12]} is not that of a core with these ones")
        if type(self.value) is not int:
            raise WordTensorError(f"A bound must be a whole number, not {self.value!r}")

    @classmethod
    def of(
        cls, core: CanonicalCore, field: Field, value: int, data: dict[str, Any]
    ) -> "ProvedCore":
        """Note down what is proved about a canonical core, with the versions of today.

        Parameters
        ----------
        core : CanonicalCore
            The core.
        field, value
            As the attributes.
        data : dict
            As JSON-able values.

        Returns
        -------
        ProvedCore
        """
        return cls(
            key=core.key,
            shape=core.shape,
            coords=core.coords,
            field=field,
            value=value,
            data=json.dumps(data),
            version=__version__,
            igraph=labelling_version(),
        )

    @property
    def name(self) -> CoreName:
        """What its file is called."""
        return named(self.key, self.field, self.shape, self.coords.shape[1], self.igraph)

    def relabelled(self) -> "ProvedCore":
        """Bring it into the order of today's igraph."""
        core = canonical_form(self.shape, self.coords)
        data = json.loads(self.data)
        places = [core.rows[mode][data["elements"][mode]].tolist() for mode in core.modes]
        moved = {key: core.modes.index(data[key]) for key in ("mode", "other")}
        found = ProvedCore.of(core, self.field, self.value, data | moved | {"elements": places})
        return replace(found, version=self.version)

    def to_json(self) -> str:
        """Return it as one JSON object."""
        header = {"format": _FORMAT, "format_version": _VERSION}
        fields = {name: getattr(self, name) for name in _FIELDS}
        fields |= {"shape": list(self.shape), "coords": self.coords.tolist()}
        return json.dumps(header | fields | {"data": json.loads(self.data)})

    def __repr__(self) -> str:
        sizes = "x".join(map(str, self.shape))
        return f"ProvedCore({sizes}, {self.coords.shape[1]} ones, at least {self.value})"


def read_proved(content: bytes, name: str) -> ProvedCore:
    """Read what `to_json` wrote; the name is for errors."""
    with damage_as(name, "it is damaged, or no file of a proved bound", WordTensorError):
        given = parse_json(content)
        header = {key: given.pop(key) for key in ("format", "format_version")}
        if not same_json(header, {"format": _FORMAT, "format_version": _VERSION}):
            raise FileFormatError(
                f"File {name} has format {header['format']!r}, version "
                f"{header['format_version']!r}; this wordtensor reads {_FORMAT!r} of version "
                f"{_VERSION}"
            )
        x, y, z = given["shape"]
        coords = np.array(given["coords"], dtype=np.int64)
        places = coords if coords.ndim == 2 and coords.size else np.full((3, 1), -1)
        if (places < 0).any() or (places.max(axis=1) >= [x, y, z]).any():
            raise ValueError("its ones do not lie inside its shape")
        fields = given | {"shape": (x, y, z), "coords": coords, "data": json.dumps(given["data"])}
        found = ProvedCore(**fields)
        if not same_json(json.loads(found.to_json()), header | given):
            raise ValueError("its fields are written otherwise")
        return found
