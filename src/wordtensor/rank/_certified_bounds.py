"""Lower bounds of certificates, computed again: whole numbers, nothing of ours but errors.

A bound that is computed here is proved. What it takes of ranks is in `_certified_ranks`, and of
polynomial identities in `_certified_forms`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Final

from ._certified_forms import Condition, Form, Matrix, Minors, Work, form_of, vanishes
from ._certified_ranks import check_whole, koszul, modular_rank, multilinear
from ._certified_terms import Table, require

_PRIME: Final = 2**31 - 1
_MOST_KILLED: Final = 2
_MOST_BLOCKS: Final = 50
# An order of the modes with each of them first, and what summands have in common.
_FIRST: Final = ((0, 1, 2), (1, 0, 2), (2, 0, 1))
_SHARED: Final = ("mode", "field")


def proved_bound(theorem: str, data: Any, table: Table, field: str) -> int | None:
    """Compute a bound again from its data; None for a theorem that has to be believed."""
    if theorem == "multilinear rank":
        return multilinear(data["mode"], data["prime"], table)
    if theorem == "Koszul flattening":
        return koszul(data["mode"], data["p"], data["restriction"], data["prime"], table)
    places = range(len(table))
    word_tensor = _Tensor(
        (len(table),) * 3, {(a, b, table[a][b]): 1 for a in places for b in places}
    )
    if theorem == "substitution":
        return _substituted(data, word_tensor, field, Work())
    if theorem == "substitution in a direct sum":
        return _added(data, word_tensor, field, Work())
    return None


@dataclass(frozen=True, slots=True)
class _Tensor:
    """The entries of a tensor that are not 0."""

    shape: tuple[int, ...]
    entries: dict[tuple[int, ...], int]

    def kept(self, elements: Any) -> "_Tensor":
        """Leave out slices, which makes no rank larger."""
        require(len(elements) == 3, "A substitution keeps slices of three modes")
        for places, size in zip(elements, self.shape, strict=True):
            check_whole(places, size)
            require(0 < len(set(places)) == len(places), "A substitution keeps each slice once")
        new = [{place: k for k, place in enumerate(places)} for places in elements]
        entries = {
            tuple(where[k] for where, k in zip(new, at, strict=True)): value
            for at, value in self.entries.items()
            if all(k in where for where, k in zip(new, at, strict=True))
        }
        return _Tensor(tuple(map(len, elements)), entries)

    def slices(self, order: Sequence[int]) -> list[Table]:
        """Write out all slices, with the modes in an order."""
        x, y, z = (range(self.shape[mode]) for mode in order)
        turned = {tuple(at[mode] for mode in order): v for at, v in self.entries.items()}
        return [[[turned.get((i, j, k), 0) for k in z] for j in y] for i in x]

    def along(self, mode: int, vectors: list[list[int]], work: Work) -> "_Tensor":
        """Return the combinations of the slices of a mode that vectors say."""
        entries: dict[tuple[int, ...], int] = {}
        for at, value in self.entries.items():
            work.spend(len(vectors))
            for k, vector in enumerate(vectors):
                if vector[at[mode]]:
                    place = (*at[:mode], k, *at[mode + 1 :])
                    entries[place] = entries.get(place, 0) + vector[at[mode]] * value
        shape = (*self.shape[:mode], len(vectors), *self.shape[mode + 1 :])
        check_whole(list(entries.values()))
        return _Tensor(shape, {at: value for at, value in entries.items() if value})


def _added(data: Any, whole: _Tensor, field: str, work: Work) -> int:
    """Return the sum of the bounds by substitution of the summands of a direct sum."""
    # The vectors x_i, y_j, z_k of all summands make of T a tensor T(x_i, y_j, z_k), of no larger
    # rank, be they independent or not. It is a direct sum if no entry other than 0 has vectors of
    # two summands. That bounds for one swept mode and one field add up is proved in
    # docs/theory/lower_bounds.md; each of them asks for independent slices of its summand.
    summands = data["summands"]
    require(len(summands) > 0, "A direct sum has summands")
    same = all(s["bound"][key] == summands[0]["bound"][key] for s in summands for key in _SHARED)
    require(same, "The bounds of the summands must be about one mode, and about the same numbers")
    tensor = whole.kept(data["elements"])
    places: list[list[tuple[int, int]]] = []
    for mode, size in enumerate(tensor.shape):
        bases = [summand["bases"][mode] for summand in summands]
        good = all(bases) and sum(map(len, bases)) <= size
        good = good and all(len(vector) == size for basis in bases for vector in basis)
        text = f"The summands need vectors of {size} numbers in mode {mode}, at most {size} of them"
        require(good, text)
        for basis in bases:
            for vector in basis:
                check_whole(vector)
        tensor = tensor.along(mode, [vector for basis in bases for vector in basis], work)
        places.append([(n, k) for n, basis in enumerate(bases) for k in range(len(basis))])
    parts: list[dict[tuple[int, ...], int]] = [{} for _ in summands]
    for at, value in tensor.entries.items():
        found = [places[mode][k] for mode, k in enumerate(at)]
        require(len({n for n, _ in found}) == 1, "The summands of a direct sum meet")
        parts[found[0][0]][tuple(k for _, k in found)] = value
    total = 0
    for summand, entries in zip(summands, parts, strict=True):
        require(len(summand["bases"]) == 3, "A summand has vectors of three modes")
        shape = tuple(map(len, summand["bases"]))
        total += _substituted(summand["bound"], _Tensor(shape, entries), field, work)
    return total


def _substituted(data: Any, whole: _Tensor, field: str, work: Work) -> int:
    """Return the bound of a substitution, m + rho, proved by polynomial identities."""
    # Only the slices ``elements`` of T are kept, which makes no rank larger; they are independent.
    # N(y) is the matrix, a row for each slice of the mode ``other``, that y in K^m makes of the m
    # slices of ``mode``; l is a linear form on K^m, D the span of d killed vectors, and
    #
    #     f(y) = rank N(y) + dim(ker N(y) cap D),    N(y) acting on combinations of rows.
    #
    # If f(y) > rho where l(y) is not 0, and f(y) > d where y is not 0, m + rho terms are needed: of
    # R terms d vanish on a complement A of D; m - 1 of the others make, with l, a basis of the dual
    # of K^m. Where these m - 1 vanish and l is 1, the rank of N(y) on A is f(y) - d or more, so
    # rho + 1 - d at least, and N(y) is a sum of R - d - (m - 1) matrices of rank one there.
    real = data["field"] == "real"
    require(real or data["field"] == "complex", "A substitution is real or complex")
    text = "A substitution over the real numbers says nothing about complex terms"
    require(field == "real" or not real, text)
    mode, other, rank = data["mode"], data["other"], data["rank"]
    line, killed = data["form"], data["killed"]
    check_whole([mode, other], 3)
    require(mode != other, "A substitution is about two different modes")
    part = whole.kept(data["elements"])
    for own in range(3):
        flat = [[v for row in each for v in row] for each in part.slices(_FIRST[own])]
        independent = modular_rank(flat, _PRIME) == len(flat)
        require(independent, "The slices that a substitution keeps are not independent")
    slices = part.slices((mode, other, 3 - mode - other))
    m, rows, columns = range(len(slices)), range(len(slices[0])), range(len(slices[0][0]))
    check_whole([rank], len(rows) + 1)
    for vector in (line, *killed):
        check_whole(vector)
    good = len(line) == len(m) and any(line)
    require(good, f"The form of a substitution must be {len(m)} whole numbers, not all of them 0")
    good = len(killed) <= min(rank, _MOST_KILLED) and all(len(v) == len(rows) for v in killed)
    good = good and modular_rank(killed, _PRIME) == len(killed)
    require(good, "The killed vectors of a substitution are too many, or not independent")
    matrix = [[form_of(((k,), slices[k][i][j]) for k in m) for j in columns] for i in rows]
    images = _products(killed, matrix, work)
    blocks = _diagonal(data["blocks"], matrix, work) if "blocks" in data else [matrix]
    needed = list(_Needed(blocks, images, line, real, work).conditions(rank))
    given = data["identities"]
    text = f"A substitution here needs {len(needed)} polynomial identities, {len(given)} are given"
    require(len(needed) == len(given), text)
    for number, (condition, identity) in enumerate(zip(needed, given, strict=True)):
        good = vanishes(condition, identity, real)
        require(good, f"Polynomial identity {number} of a substitution does not hold")
    return len(m) + int(rank)


def _products(vectors: list[list[int]], matrix: Matrix, work: Work) -> Matrix:
    """Multiply a matrix of forms from the left."""
    columns = list(zip(*matrix, strict=True))
    return [[work.mixed(vector, column) for column in columns] for vector in vectors]


def _diagonal(given: Any, matrix: Matrix, work: Work) -> list[Matrix]:
    """Return the blocks of the matrix of all u N(y) v; all of it outside of them must be 0."""
    # Its rank, the sum of those of its blocks, is at most that of N(y), whatever u and v are.
    sizes = (len(matrix), len(matrix[0]))
    good = 0 < len(given) <= _MOST_BLOCKS and all(len(pair) == 2 and all(pair) for pair in given)
    text = f"Blocks need pairs of vectors, of {sizes[0]} and of {sizes[1]} numbers, at most so many"
    for side, size in enumerate(sizes):
        good = good and sum(len(pair[side]) for pair in given) <= size
        good = good and all(len(vector) == size for pair in given for vector in pair[side])
    require(good, text)
    for pair in given:
        for vector in (*pair[0], *pair[1]):
            check_whole(vector)
    found: list[Matrix] = []
    for k, (left, _) in enumerate(given):
        rows = _products(left, matrix, work)
        for n, (_, right) in enumerate(given):
            block = [[work.mixed(vector, row) for vector in right] for row in rows]
            for form in (form for line in block for form in line):
                require(k == n or not form, "The matrix of a substitution is not block diagonal")
                check_whole([int(value) for value in form.values()])
            if k == n:
                found.append(block)
    return found


def _shares(sizes: list[int], rank: int) -> Iterator[tuple[int, ...]]:
    """Yield the ranks of blocks that add up to a number, or to the most they can."""
    if not sizes:
        yield ()
        return
    rest = sum(sizes[1:])
    for own in range(max(0, min(rank - rest, sizes[0])), min(sizes[0], rank) + 1):
        for others in _shares(sizes[1:], rank - own):
            yield (own, *others)


@dataclass(frozen=True, slots=True)
class _Needed:
    """What says that f(y) > rho where l(y) is not 0, and f(y) > d where y is not 0."""

    blocks: list[Matrix]
    images: Matrix
    line: list[int]
    real: bool
    work: Work

    def conditions(self, rank: int) -> Iterator[Condition]:
        # If the d x n matrix D N(y) has rank j, f(y) = rank N(y) + d - j, and of the minors of D
        # N(y) of size j one is not 0. With real numbers, the sum of their squares is not. If N(y)
        # has rank r or less, its blocks have ranks that are at most those of some share of r.
        d, sizes = len(self.images), [min(len(x), len(x[0])) for x in self.blocks]
        for bound, own in ((rank, True), (d, False)):
            for j in range(int(not own), d + 1):
                if bound - d + j > 0:  # N(y) = 0 for y = 0 only
                    for share in _shares(sizes, bound - d + j):
                        self.work.spend(1 + len(share))
                        yield from self._of_share(share, sizes, j, own)

    def _of_share(
        self, share: tuple[int, ...], sizes: list[int], j: int, own: bool
    ) -> Iterator[Condition]:
        """Say what vanishes where no block has a rank above its share, and D N(y) has rank j."""
        # Blocks with the share 0 vanish on a subspace; each y_k is a form in coordinates there.
        m, work = len(self.line), self.work
        basis = work.zeros(
            (
                [int(form.get((k,), 0)) for k in range(m)]
                for block, most in zip(self.blocks, share, strict=True)
                if not most
                for form in (form for row in block for form in row)
            ),
            m,
        )
        points = [form_of(((t,), vector[k]) for t, vector in enumerate(basis)) for k in range(m)]
        line = work.mixed(self.line, points)
        if not basis or (own and not line):
            return
        images = Minors(self._at(self.images, points), work)
        pairs = product(*(combinations(range(n), j) for n in (len(images.matrix), self._width())))
        found = [form for pair in pairs if (form := images.minor(*pair))]
        if not found:
            return
        matrix, parts = self._joined(share, sizes, points)
        text = "A substitution cannot prove that much: the shares of its blocks allow all ranks"
        require(len(parts) > 0, text)
        minors = Minors(matrix, work)
        if self.real:
            factor = work.times(line, line) if own else self._squares(points)
            yield Condition(self._squares(found), factor, minors, parts, len(basis))
        else:
            for g in found:
                yield Condition(g, line if own else g, minors, parts, len(basis))

    def _width(self) -> int:
        return len(self.images[0]) if self.images else 0

    def _squares(self, forms: list[Form]) -> Form:
        return form_of(pair for g in forms for pair in self.work.times(g, g).items())

    def _at(self, matrix: Matrix, points: list[Form]) -> Matrix:
        """Write a matrix of linear forms in the coordinates of a subspace."""
        m = range(len(points))
        return [
            [self.work.mixed([int(form.get((k,), 0)) for k in m], points) for form in row]
            for row in matrix
        ]

    def _joined(
        self, share: tuple[int, ...], sizes: list[int], points: list[Form]
    ) -> tuple[Matrix, list[tuple[range, range, int]]]:
        """Return the block diagonal matrix of the blocks with minors that vanish, and which do."""
        triples = zip(self.blocks, share, sizes, strict=True)
        used = [(block, most + 1) for block, most, size in triples if 0 < most < size]
        width = sum(len(block[0]) for block, _ in used)
        matrix: Matrix = []
        parts = []
        start = 0
        for block, size in used:
            stop = start + len(block[0])
            parts.append((range(len(matrix), len(matrix) + len(block)), range(start, stop), size))
            for row in self._at(block, points):
                none: list[Form] = [{} for _ in range(width)]
                matrix.append([*none[:start], *row, *none[stop:]])
            start = stop
        return matrix, parts
