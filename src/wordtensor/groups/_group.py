"""A finite group as a value: its Cayley table, with the three ways of making one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from .._progress import begin_stage
from .._shown import shown
from .._text import printable
from .._typing import Indices, Value, freeze, frozen, unmasked
from ..errors import GroupError
from ._closure import generate
from ._generators import cycle_labels, matrix_labels, read_matrices, read_permutations
from ._key_figures import group_figures
from ._presentations import enumerated, read_presentation
from ._tables import check_associative, check_latin, find_identity, find_inverses, integer_table

LONGEST_NAME = 1000
"""Letters that the name of a group may have."""

_LONGEST_LABEL = 4000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Group(Value):
    """A finite group: ``cayley[g, h]`` is the index of the product ``gh``.

    Make one with `group`, `Group.from_cayley`, `Group.from_permutations` or
    `Group.from_matrices`; the constructor itself checks nothing. Groups are equal when their
    Cayley tables are: isomorphic groups with differently ordered elements are not.

    Attributes
    ----------
    name : str
        A name for people; it takes no part in equality.
    cayley : ndarray, shape (n, n), int32, read-only
        The multiplication table.
    inverse : ndarray, shape (n,), int32, read-only
        ``inverse[g]`` is the index of the inverse of ``g``.
    identity : int
        The index of the identity; 0 unless the group came from a table.
    labels : tuple of str, length n
        What each element is.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> G = group("S3")
    >>> G
    Group('S3', order=6)
    >>> G.labels
    ('()', '(2 3)', '(1 2)', '(1 2 3)', '(1 3 2)', '(1 3)')
    >>> G.labels[G.cayley[1, 2]]
    '(1 3 2)'
    """

    name: str
    cayley: Indices
    inverse: Indices
    identity: int
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("cayley", "inverse"):
            table = np.asarray(unmasked(getattr(self, name)), dtype=np.int32)
            object.__setattr__(self, name, frozen(table))
        # They may come from a file of anybody's, and are printed.
        object.__setattr__(self, "name", _text(self.name, "name", LONGEST_NAME))
        labels = tuple(_text(label, "label", _LONGEST_LABEL) for label in self.labels)
        object.__setattr__(self, "labels", labels)

    @property
    def order(self) -> int:
        """The number of elements."""
        return len(self.labels)

    def __len__(self) -> int:
        return self.order

    def __repr__(self) -> str:
        return f"Group({self.name!r}, order={self.order})"

    def _repr_html_(self) -> str:
        return shown(
            group_figures(self.name, self.cayley, self.inverse, self.identity, self.labels)
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Group):
            return NotImplemented
        return self is other or np.array_equal(self.cayley, other.cayley)

    def __hash__(self) -> int:
        # Equal tables have equal inverses and last rows; hashing all n^2 entries would be slow.
        return hash((self.order, self.inverse.tobytes(), self.cayley[-1].tobytes()))

    @classmethod
    def from_cayley(
        cls,
        table: ArrayLike,
        name: str | None = None,
        labels: Sequence[str] | None = None,
        *,
        validate: bool = True,
    ) -> Self:
        """Make a group from its multiplication table.

        Parameters
        ----------
        table : array_like, shape (n, n)
            Integers 0..n-1; ``table[g, h]`` is the index of ``gh``. Any element may be the
            identity. The table is copied.
        name : str, optional
            By default "group of order n".
        labels : sequence of str, optional
            n distinct strings; by default the indices.
        validate : bool
            False skips the associativity test, the one check that is not O(n^2).

        Raises
        ------
        GroupError
            If the table is not square, not of integers 0..n-1, larger than ``MAX_ORDER``, or not
            the table of a group; the message says where it fails.

        Examples
        --------
        >>> Group.from_cayley([[0, 1], [1, 0]], name="signs", labels=["+", "-"])
        Group('signs', order=2)
        >>> Group.from_cayley([[0, 1], [1, 1]])
        Traceback (most recent call last):
            ...
        wordtensor.errors.GroupError: This is not a group table: row 1 holds 1 twice, at positions 0
        and 1; each element must appear once
        """
        cayley = integer_table(table)
        check_latin(cayley)
        identity = find_identity(cayley)
        inverse = find_inverses(cayley, identity)
        if validate:
            check_associative(cayley, identity)
        order = len(cayley)
        checked = _checked_labels(labels, order)
        return cls(_checked_name(name, order), freeze(cayley), freeze(inverse), identity, checked)

    @classmethod
    def from_permutations(
        cls, generators: Sequence[object] | object, name: str | None = None
    ) -> Self:
        """Generate a group of permutations, multiplied as ``(p*q)(i) = p(q(i))``.

        Parameters
        ----------
        generators : sequence
            Permutations as sequences of the images of 0..k-1 (all of the same length), or as
            strings of cycles of 1..k such as "(1 2 3)(4 5)"; sympy's ``Permutation`` or GAP's, and
            instead of the sequence a whole ``PermutationGroup`` of sympy or group of GAP, which
            need not consist of permutations.
        name : str, optional
            By default "group of order n".

        Returns
        -------
        Group
            Elements in lexicographic order of their images, so the identity is first and the
            order does not depend on the generators; labels are cycles, those of over 200 letters
            cut short and numbered.

        Raises
        ------
        GroupError
            If a generator is not a permutation, or the group is larger than ``MAX_ORDER``; and for
            cycles without blanks such as "(123)", which would be one point that stays.

        Notes
        -----
        GAP, Sage and sympy multiply from left to right, (p*q)(i) = q(p(i)): the group is the same,
        and the product that is pq there is qp here.

        Examples
        --------
        >>> Group.from_permutations(["(1 2 3 4)", "(1 3)"], name="square").order
        8
        >>> Group.from_permutations([[1, 2, 0]]).labels
        ('()', '(1 2 3)', '(1 3 2)')
        """
        permutations = read_permutations(generators)
        begin_stage("the group %s", name or f"generated by {len(permutations)} permutations")
        identity = np.arange(permutations.shape[1])
        elements, cayley = generate(identity, list(permutations), lambda p, q: p[q], ">u2")
        labels = cycle_labels(elements)
        return cls.closed(cayley, labels, name)

    @classmethod
    def from_presentation(cls, text: str, name: str | None = None) -> Self:
        """Make the group of a presentation, by sympy's coset enumeration.

        Parameters
        ----------
        text : str
            Generators and relations such as ``<x, y | x^16, y^2, y*x*y^-1 = x^9>``: words, which
            are 1, or equations. The signs ``*`` may be left out, a capital letter is an inverse
            (``yxY``) where it is no generator, and ``[x, y]`` is x y x^-1 y^-1.
        name : str, optional
            By default the presentation.

        Returns
        -------
        Group
            Elements by the length of their shortest words, those of one length as the generators
            come; the words are the labels.

        Raises
        ------
        GroupError
            If the text cannot be read, or the group is not found within 6000 cosets, as none that
            is infinite.
        MissingExtraError
            If sympy is not installed; the extra ``presentations`` installs it.

        References
        ----------
        J. A. Todd, H. S. M. Coxeter, "A practical method for enumerating cosets of a finite
        abstract group", Proc. Edinburgh Math. Soc. 5 (1936) 26-34.

        Examples
        --------
        >>> Group.from_presentation("<x, y | x^2 = y^2 = (x*y)^3 = 1>").labels
        ('1', 'x', 'y', 'x*y', 'y*x', 'x*y*x')
        """
        presentation = read_presentation(text)
        written = " ".join(text.split())
        if name is None and len(written) <= LONGEST_NAME:
            name = written
        begin_stage("the group %s", name or "of a presentation")
        table, labels = enumerated(presentation, name or "of this presentation")
        return cls.from_cayley(table, name, labels)

    @classmethod
    def from_matrices(
        cls, generators: Sequence[ArrayLike], modulus: int | None = None, name: str | None = None
    ) -> Self:
        """Generate a finite group of square matrices of integers, or of integers mod m.

        Parameters
        ----------
        generators : sequence of array_like, each of shape (d, d)
            Invertible integer matrices.
        modulus : int, optional
            Calculate modulo this number (at least 2, need not be prime); by default exactly.
        name : str, optional
            By default "group of order n".

        Returns
        -------
        Group
            The identity first, then the matrices in ascending order of their entries (negative
            entries after positive ones); labels such as "[1 1; 0 1]".

        Raises
        ------
        GroupError
            If a generator is not an invertible integer matrix, or if more than ``MAX_ORDER``
            elements or very large entries appear (as they must if the group is infinite).

        Examples
        --------
        >>> Group.from_matrices([[[1, 1], [0, 1]], [[1, 0], [1, 1]]], modulus=3).order
        24
        >>> Group.from_matrices([[[0, -1], [1, 0]]]).labels
        ('[1 0; 0 1]', '[0 1; -1 0]', '[0 -1; 1 0]', '[-1 0; 0 -1]')
        """
        matrices, multiply = read_matrices(generators, modulus)
        begin_stage("the group %s", name or f"generated by {len(matrices)} matrices")
        advice = "give generators of a smaller group"
        if modulus is None:
            advice = f"the group may be infinite; {advice}, or a modulus"
        identity = np.eye(matrices.shape[1], dtype=np.int64)
        elements, cayley = generate(identity, list(matrices), multiply, ">i8", advice)
        labels = matrix_labels(elements)
        return cls.closed(cayley, labels, name)

    @classmethod
    def closed(cls, cayley: Indices, labels: tuple[str, ...], name: str | None) -> Self:
        """Make a group from a table that is one by construction, with the identity first."""
        inverse = find_inverses(cayley, 0)
        return cls(_checked_name(name, len(labels)), freeze(cayley), freeze(inverse), 0, labels)


def _text(text: str, what: str, most: int) -> str:
    """Return a name or label with control characters written out, if it is not too long."""
    if not isinstance(text, str) or len(text) > most:
        given = f"given {len(text)}" if isinstance(text, str) else f"not {type(text).__name__}"
        raise GroupError(f"A {what} of a group must be a text of at most {most} letters, {given}")
    return text if text.isprintable() else printable(text)


def _checked_name(name: str | None, order: int) -> str:
    if name is None:
        return f"group of order {order}"
    if not isinstance(name, str):
        raise GroupError(f"The name of a group must be a string; given {type(name).__name__}")
    return name


def _checked_labels(labels: Sequence[str] | None, order: int) -> tuple[str, ...]:
    if labels is None:
        return tuple(str(index) for index in range(order))
    if isinstance(labels, str) or not isinstance(labels, Sequence | np.ndarray):
        given = "one string" if isinstance(labels, str) else type(labels).__name__
        raise GroupError(f"The labels of a group must be a sequence of strings, not {given}")
    checked = tuple(labels)
    if not all(isinstance(label, str) for label in checked):
        raise GroupError("The labels of a group must be strings")
    checked = tuple(map(printable, checked))
    if len(checked) != order or len(set(checked)) != order:
        raise GroupError(
            f"A group of order {order} needs {order} distinct labels; "
            f"given {len(checked)}, of which {len(set(checked))} are distinct"
        )
    return checked
