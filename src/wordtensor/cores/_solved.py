"""The value `SolvedCore`: the best terms that are known for one canonical core, and from where."""

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from .._typing import Factors, Field, Inexact, Integers, Sizes, Value, check_field, freeze_fields
from .._version import __version__
from ..errors import WordTensorError
from ._canonical import CanonicalCore, core_key, labelling_version

# What is part of the name of a file.
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class SolvedCore(Value):
    """Terms for the general summands of a canonical core, and how they were found.

    Attributes
    ----------
    key : str
        That of the `CanonicalCore`.
    shape : tuple of int
        Its sizes (x, y, z).
    coords : ndarray of int64, shape (3, k)
        Its ones. Read-only.
    terms : tuple of ndarray, shapes (x, R), (y, R), (z, R)
        In the order of slices and modes of the canonical core; float64, or complex128 if the field
        is "complex". Read-only. They add up to the general direct summands of the core, those that
        a solver was needed for; that is a part of the core, or all of it. **Nothing here checks
        that they do**: whoever uses them has to.
    field : {"real", "complex"}
        Where the terms live.
    summands : tuple of int
        How many terms each of these summands has; the terms are listed summand by summand.
    radicand : int
        0 if the terms are numbers from a solver; 1 if their entries are rational; d if they are in
        the field of sqrt(d). Rounding to float64 is all that an exact entry has lost.
    failed : tuple of (int, int)
        For each summand the number of terms that was tried in vain, and the starts that were spent
        on it; (0, 0) if there were none.
    seed : int
        Of the search.
    seconds : float
        That it took.
    command : str
        That does it again.
    version : str
        Of wordtensor.
    igraph : str
        Version of igraph, which the order of slices and modes depends on.

    Raises
    ------
    WordTensorError
        If the fields contradict each other or a number is not finite.

    Examples
    --------
    >>> from wordtensor.cores import canonical_core
    >>> core = canonical_core("a*b", "C3")
    >>> units = tuple(np.eye(3)[:, place] for place in core.coords)
    >>> found = SolvedCore.of(core, units, summands=(9,), radicand=1, command="by hand")
    >>> found, found.rank, found.key == core.key
    (SolvedCore(3x3x3, 9 ones, rank 9, exact), 9, True)
    """

    key: str
    shape: Sizes
    coords: Integers
    terms: Factors
    field: Field
    summands: tuple[int, ...]
    radicand: int
    failed: tuple[tuple[int, int], ...]
    seed: int
    seconds: float
    command: str
    version: str
    igraph: str

    def __post_init__(self) -> None:
        check_field(self.field)
        _make_plain(self)
        dtype = np.complex128 if self.field == "complex" else np.float64
        U, V, W = (_typed(factor, dtype) for factor in self.terms)
        object.__setattr__(self, "terms", (U, V, W))
        object.__setattr__(self, "coords", np.asarray(self.coords, dtype=np.int64))
        freeze_fields(self, "coords", "terms")
        _check_terms(self)
        if self.key != core_key(self.shape, self.coords):
            raise WordTensorError(f"Key {self.key[:12]} is not that of a core with these ones")
        if not _VERSION.fullmatch(self.igraph):
            raise WordTensorError(f"Version {self.igraph!r:.40} of igraph is none")

    @classmethod
    def of(
        cls,
        core: CanonicalCore,
        terms: Factors,
        *,
        summands: tuple[int, ...],
        field: Field = "real",
        radicand: int = 0,
        failed: tuple[tuple[int, int], ...] | None = None,
        seed: int = 0,
        seconds: float = 0.0,
        command: str = "",
    ) -> "SolvedCore":
        """Note down terms for a canonical core, with the versions of today.

        Parameters
        ----------
        core : CanonicalCore
            The core.
        terms, summands, field, radicand, failed, seed, seconds, command
            As the attributes; nothing failed by default.

        Returns
        -------
        SolvedCore

        Raises
        ------
        WordTensorError
            If they contradict each other or a number is not finite.
        """
        return cls(
            key=core.key,
            shape=core.shape,
            coords=core.coords,
            terms=terms,
            field=field,
            summands=summands,
            radicand=radicand,
            failed=((0, 0),) * len(summands) if failed is None else failed,
            seed=seed,
            seconds=seconds,
            command=command,
            version=__version__,
            igraph=labelling_version(),
        )

    @property
    def rank(self) -> int:
        """Number of terms."""
        return int(self.terms[0].shape[1])

    @property
    def cost(self) -> tuple[int, int, int]:
        """What makes one worse than another: terms, then inexact ones, then fewer starts."""
        inexact = 2 if self.radicand == 0 else int(self.radicand != 1)
        return self.rank, inexact, -sum(starts for _, starts in self.failed)

    def __repr__(self) -> str:
        sizes = "x".join(map(str, self.shape))
        kind = "exact" if self.radicand else "numerical"
        return f"SolvedCore({sizes}, {self.coords.shape[1]} ones, rank {self.rank}, {kind})"


def _make_plain(solved: SolvedCore) -> None:
    """Turn numpy's numbers and lists into Python's numbers and tuples."""
    plain = {
        "shape": tuple(map(int, solved.shape)),
        "summands": tuple(map(int, solved.summands)),
        "failed": tuple(tuple(map(int, pair)) for pair in solved.failed),
        "radicand": int(solved.radicand),
        "seed": int(solved.seed),
        "seconds": float(solved.seconds),
        "command": str(solved.command),
    }
    for name, value in plain.items():
        object.__setattr__(solved, name, value)


def _typed(factor: Any, dtype: type[np.float64] | type[np.complex128]) -> Inexact:
    """Return a factor in the type of its field."""
    array = np.asarray(factor)
    if array.dtype.kind == "c" and dtype is np.float64:
        raise WordTensorError("Complex terms need field='complex'")
    return array.astype(dtype, copy=False)


def _check_terms(solved: SolvedCore) -> None:
    """Refuse terms that do not fit the core, or their own summands."""
    coords, shape, rank = solved.coords, solved.shape, sum(solved.summands)
    if coords.ndim != 2 or len(coords) != 3 or len(shape) != 3 or not coords.size:
        raise WordTensorError(f"The ones must be an array of shape (3, k), not {coords.shape}")
    if coords.min() < 0 or (coords.max(axis=1) >= np.array(shape)).any():
        raise WordTensorError(f"The ones must lie inside the shape {shape}")
    if not solved.summands or min(solved.summands) < 1:
        raise WordTensorError(f"Every summand must have terms, not {solved.summands}")
    if [factor.shape for factor in solved.terms] != [(size, rank) for size in shape]:
        found = ", ".join(str(factor.shape) for factor in solved.terms)
        raise WordTensorError(f"Terms of shapes {found} are no {rank} terms of shape {shape}")
    if not all(np.isfinite(factor).all() for factor in solved.terms):
        raise WordTensorError("Terms must be finite")
    tried = [len(pair) == 2 and min(pair) >= 0 for pair in solved.failed]
    if len(tried) != len(solved.summands) or not all(tried):
        raise WordTensorError(
            f"Argument 'failed' must have a rank and a number of starts for each of the "
            f"{len(solved.summands)} summands, not {solved.failed}"
        )
