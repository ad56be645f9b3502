"""What the store of solved cores says about the blocks of a word tensor, checked."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from .._typing import Factors, Field
from ..cores import CanonicalCore, ProvedCore, SolvedCore, Store, save_proved, save_solved
from ..errors import FileFormatError
from ..solver import reconstruct
from ._numerical import in_vain
from ._solution import SolvedBlock
from .block import Block
from .decomposition import Decomposition

_log = logging.getLogger(__name__)

# Largest error of stored terms, relative to the largest entry of the block.
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class StoredTerms:
    """Terms of one block that a store had, in the block's coordinates."""

    factors: Factors
    radicand: int  # 0 for numerical terms; else their entries are in Q(sqrt radicand)
    origin: str  # how they were found
    failed: tuple[int, int]  # fewer terms that were tried in vain, and from how many starts

    @property
    def rank(self) -> int:
        """Number of terms."""
        return int(self.factors[0].shape[1])


def known_cores(
    canonical: CanonicalCore | None, field: Field, store: Store
) -> tuple[SolvedCore, ...]:
    """Return what a store knows about a core, best first; real terms are complex ones as well."""
    if canonical is None:
        return ()
    fields: tuple[Field, ...] = ("real", "complex") if field == "complex" else ("real",)
    found = (entry for each in fields for entry in store.find_all(canonical, each))
    return tuple(sorted(found, key=lambda entry: entry.cost))


def stored_terms(
    block: Block, entries: Sequence[SolvedCore], field: Field = "real"
) -> StoredTerms | None:
    """Return the terms of the first entry with some that add up to a block, or None."""
    found = (_terms_of(block, entry, field) for entry in entries)
    return next((terms for terms in found if terms is not None), None)


def _terms_of(block: Block, entry: SolvedCore, field: Field) -> StoredTerms | None:
    """Return the terms of an entry that add up to a block, the fewest if there are several."""
    if block.frame is None or block.sizes is not None:
        return None
    tensor = block.own_tensor()
    allowed = _TOLERANCE * float(np.abs(tensor).max())
    best: Factors | None = None
    failed = (0, 0)
    for terms, tried in zip(_groups(entry), entry.failed, strict=True):
        factors = block.frame.taken(terms)
        if factors is None or (best is not None and factors[0].shape[1] >= best[0].shape[1]):
            continue
        if float(np.abs(reconstruct(factors) - tensor).max()) <= allowed:
            best, failed = factors, tried
    if entry.field != field:  # what real starts did not find complex ones may
        failed = (0, 0)
    return (
        None if best is None else StoredTerms(best, entry.radicand, _origin(entry, failed), failed)
    )


def _origin(entry: SolvedCore, failed: tuple[int, int]) -> str:
    """Say how stored terms were found, and what was tried in vain since."""
    how = f"stored, found by {entry.command} in {entry.seconds:.0f} s, version {entry.version}"
    return f"{how}; {in_vain(*failed)}" if failed[1] else how


def save_terms(
    canonical: CanonicalCore,
    made: Decomposition,
    solved: Sequence[SolvedBlock],
    time_limit: float,
    known: Sequence[SolvedCore] = (),
) -> Path | None:
    """Keep the terms of a core's general blocks among the user's, if they are better."""
    found = [(block.frame, solution) for block, _, solution in solved if block.frame]
    if not found or any(solution.strategy == "fibres" for _, solution in found):
        return None  # nothing that is not known at once
    terms = [frame.core_factors(solution.factors) for frame, solution in found]
    U, V, W = (np.hstack([term[mode] for term in terms]) for mode in range(3))
    radicands = {solution.radicand for _, solution in found}
    if made.field == "complex" and not np.iscomplexobj(U):
        return None  # real terms, with starts that were not
    options = "" if made.field == "real" else " --field complex"
    if made.method != "auto":
        options += f' --method "{made.method}"'
    entry = SolvedCore.of(
        canonical,
        (U, V, W),
        summands=tuple(solution.rank for _, solution in found),
        field="complex" if np.iscomplexobj(U) else "real",
        radicand=_common(radicands),
        failed=tuple(solution.failed for _, solution in found),
        seed=made.seed,
        seconds=made.seconds,
        command=(
            f'wordtensor decompose "{made.word}" "{made.group.name}" --effort {made.effort} '
            f"--seed {made.seed} --time-limit {time_limit:g}{options}"
        ),
    )
    entry = _with_origin(entry, known)
    try:
        return save_solved(entry)
    except FileFormatError as error:  # what was found is worth more than its place in a folder
        _log.warning("What was found is not kept among the solved cores: %s", error)
        return None


def keep_proof(proved: ProvedCore) -> None:
    """Keep a bound among the user's cores, if it is better."""
    try:
        save_proved(proved)
    except FileFormatError as error:  # as for terms
        _log.warning("What was proved is not kept among the solved cores: %s", error)


def _with_origin(entry: SolvedCore, known: Sequence[SolvedCore]) -> SolvedCore:
    """Say of terms that were known before how they were found, and what was tried in vain since."""
    for each in known:
        if each.summands == entry.summands and each.radicand == entry.radicand:
            pairs = zip(each.terms, entry.terms, strict=True)
            if all(a.shape == b.shape and np.allclose(a, b) for a, b in pairs):
                return replace(each, failed=entry.failed)
    return entry


def _common(radicands: set[int]) -> int:
    """Return the one field that all entries lie in; 0 if some are numerical or there are two."""
    irrational = radicands - {1}
    if 0 in radicands or len(irrational) > 1:
        return 0
    return max(radicands)


def _groups(entry: SolvedCore) -> Iterator[Factors]:
    """Yield the terms of each summand of a solved core."""
    U, V, W = entry.terms
    stop = 0
    for count in entry.summands:
        start, stop = stop, stop + count
        yield U[:, start:stop], V[:, start:stop], W[:, start:stop]
