"""What a campaign knows of each format: a pool of terms modulo 2, and what was spent on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..._files import damage_as, read_archive, read_file, same_json, write_archive
from ..._typing import Sizes
from ...errors import FileFormatError
from ..flips._archive import separate, side_by_side
from ..flips._packed import PackedTerms
from ..flips._reduced import matrix_ranks
from ..matrix_product import dense_product_tensor
from ..scheme import Scheme
from ..searching._checkpoint import counted

_FORMAT: Final = "wordtensor-campaign-format"
_VERSION: Final = 1
# Terms of one rank that are kept, and how many ranks: those below may not lift.
_EACH, _LEVELS = 24, 4
_COUNTS: Final = ("flips", "idle", "tasks", "lifts", "lifting")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Format:
    """One format n <= m <= p between two tasks."""

    sizes: Sizes
    exact: int  # the rank that is known over Q
    goal: int  # no shorter one is looked for
    pool: tuple[PackedTerms, ...] = ()  # modulo 2, shortest first
    flips: int = 0  # all that were spent on it
    idle: int = 0  # those since the last progress
    tasks: int = 0
    lifts: int = 0  # attempts since the last progress
    lifting: int = 0  # their cost, in flips of the same time

    @property
    def least(self) -> int:
        """The least rank modulo 2."""
        return self.pool[0].rank

    @property
    def name(self) -> str:
        """The sizes as the format's file has them."""
        return "{}x{}x{}".format(*self.sizes)

    def level(self, rank: int) -> tuple[PackedTerms, ...]:
        """Return the terms of one rank."""
        return tuple(terms for terms in self.pool if terms.rank == rank)

    def entered(self, found: Iterable[PackedTerms], rng: np.random.Generator) -> "Format":
        """Put terms into the pool, each once up to an invariant; a random one makes room."""
        pool = {invariant(terms, self.sizes): terms for terms in self.pool}
        for terms in found:
            key = invariant(terms, self.sizes)
            if key not in pool:
                equals = [other for other in pool if pool[other].rank == terms.rank]
                if len(equals) >= _EACH:
                    del pool[equals[int(rng.integers(len(equals)))]]
                pool[key] = terms
        ranks = sorted({terms.rank for terms in pool.values()})
        # Always with those of the rank above the goal that is next, from which walks look for it.
        kept = [rank for rank in ranks if rank <= self.exact][-_LEVELS:] or ranks[:1]
        kept = [ranks[0], *kept]
        listed = sorted(pool.values(), key=lambda terms: terms.rank)
        return replace(self, pool=tuple(terms for terms in listed if terms.rank in kept))


def rows_of(sizes: Sizes) -> tuple[int, int, int]:
    """Return the lengths of the factors."""
    n, m, p = sizes
    return n * m, m * p, n * p


def scheme_of(sizes: Sizes, terms: PackedTerms) -> Scheme:
    """Make a scheme modulo 2 of terms."""
    return Scheme(sizes, *terms.factors(rows_of(sizes)), characteristic=2)


def invariant(terms: PackedTerms, sizes: Sizes) -> bytes:
    """Return what changes of bases leave as it is: the ranks of the factors of all terms."""
    n, m, p = sizes
    ranks = matrix_ranks(terms.words, np.array([[n, m], [m, p], [n, p]]))
    shared = [np.unique(mode, return_counts=True)[1] for mode in terms.words]
    code = np.sort(ranks[0] * 81 + ranks[1] * 9 + ranks[2])
    return b"|".join(np.sort(part).tobytes() for part in (code, *shared))


def save_format(folder: Path, known: Format) -> None:
    """Write what is known of a format; a crash leaves the former file or the new one."""
    header = {"format": _FORMAT, "version": _VERSION, "sizes": list(known.sizes)}
    header |= {name: getattr(known, name) for name in ("exact", *_COUNTS)}
    write_archive(folder / f"{known.name}.npz", side_by_side("pool", known.pool), header)


def load_format(folder: Path, fresh: Format) -> Format:
    """Read what is known of a format, or give a fresh one; each scheme is checked modulo 2."""
    path = folder / f"{fresh.name}.npz"
    if not path.exists():
        return fresh
    with damage_as(path, "it is damaged, or no file of a campaign"):
        header, arrays = read_archive(read_file(path))
        found = [header["format"], header["version"], header["sizes"]]
        if not same_json(found, [_FORMAT, _VERSION, list(fresh.sizes)]):
            raise FileFormatError(f"File {str(path)!r} is not of a campaign of this version")
        counts: dict[str, Any] = {name: counted(header[name]) for name in _COUNTS}
        # Files of before have no rank over Q: what was in vain for them is forgotten.
        exact = counted(header.get("exact", fresh.exact))
        pool = separate("pool", "F2", arrays)
        check_terms(pool, fresh.sizes)
    return replace(fresh, exact=exact, pool=tuple(pool), **counts)


def check_terms(pool: Iterable[PackedTerms], sizes: Sizes) -> None:
    """Refuse terms that are no scheme modulo 2."""
    target = dense_product_tensor(*sizes, "R")
    for terms in pool:
        U, V, W = (factor.astype(np.float64) for factor in terms.factors(rows_of(sizes)))
        for row, level in zip(U, target, strict=True):
            if (np.rint((V * row) @ W.T).astype(np.int64) - level & 1).any():
                raise ValueError("terms of the pool are no scheme")


Formats = Mapping[Sizes, Format]
Header = dict[str, Any]
