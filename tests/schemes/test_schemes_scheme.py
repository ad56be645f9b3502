"""The value Scheme: exact checks, refusals that name the equation, files."""

import io
import json
from fractions import Fraction

import numpy as np
import pytest

from wordtensor.errors import FileFormatError, SchemeError
from wordtensor.schemes import (
    Scheme,
    load_schemes,
    product_tensor,
    read_schemes,
    save_schemes,
    standard_scheme,
    structure_constants,
)

STORED = load_schemes()


def quaternion_product(a, b):
    """Hamilton's rules, written out independently of the library."""
    a1, ai, aj, ak = a
    b1, bi, bj, bk = b
    return (
        a1 * b1 - ai * bi - aj * bj - ak * bk,
        a1 * bi + ai * b1 + aj * bk - ak * bj,
        a1 * bj - ai * bk + aj * b1 + ak * bi,
        a1 * bk + ai * bj - aj * bi + ak * b1,
    )


def fractions(factor, denominator):
    return [[Fraction(int(v), denominator) for v in row] for row in factor]


@pytest.mark.parametrize("s", STORED, ids=repr)
def test_every_stored_scheme_is_exact(s):
    assert s.check() is s
    assert s.provenance


def test_the_required_schemes_are_stored():
    ranks = {(s.shape, s.division): s.rank for s in STORED}
    assert ranks[(2, 2, 2), "R"] == 7
    assert ranks[(2, 3, 3), "R"] == 15
    assert ranks[(3, 3, 3), "R"] == 23
    assert ranks[(1, 1, 1), "C"] == 3
    assert ranks[(1, 1, 1), "H"] == 8


@pytest.mark.parametrize("index", range(len(STORED)))
@pytest.mark.parametrize("factor", "UVW")
def test_a_wrong_coefficient_is_refused_with_its_equation(index, factor):
    s = STORED[index]
    changed = {name: getattr(s, name).copy() for name in "UVW"}
    changed[factor][0, int(np.flatnonzero(changed[factor][0])[0])] += 1
    wrong = Scheme(s.shape, *changed.values(), s.denominators, s.division)
    with pytest.raises(SchemeError, match=r"fails the equation of x\[.*\*y\[.* in z\["):
        wrong.check()


def test_the_first_failing_equation_is_named():
    s = standard_scheme(2, 2, 2)
    W = s.W.copy()
    W[:, 5] = 0
    with pytest.raises(SchemeError, match=r"x\[1,0\]\*y\[0,1\] in z\[1,1\] .*sum to 0, not 1"):
        Scheme((2, 2, 2), s.U, s.V, W).check()


def test_quaternion_scheme_against_hamilton():
    (s,) = [s for s in STORED if s.division == "H" and s.shape == (1, 1, 1)]
    U, V, W = (fractions(f, d) for f, d in zip((s.U, s.V, s.W), s.denominators, strict=True))
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = ([int(v) for v in rng.integers(-9, 10, 4)] for _ in range(2))
        products = [
            sum(U[i][r] * a[i] for i in range(4)) * sum(V[i][r] * b[i] for i in range(4))
            for r in range(8)
        ]
        got = tuple(sum(W[k][r] * products[r] for r in range(8)) for k in range(4))
        assert got == quaternion_product(a, b)


@pytest.mark.parametrize(("division", "d"), [("R", 1), ("C", 2), ("H", 4)])
def test_structure_constants_are_associative_with_unit(division, d):
    table = np.zeros((d, d, d), dtype=int)
    for a, b, c, sign in structure_constants(division):
        table[a, b, c] = sign
    left = np.einsum("abe,ecf->abcf", table, table)
    right = np.einsum("bce,aef->abcf", table, table)
    assert (left == right).all()
    assert (table[0] == np.eye(d, dtype=int)).all()


def test_product_tensor_is_not_transposed():
    coords, values = product_tensor(2, 3, 4)
    T = np.zeros((6, 12, 8), dtype=int)
    T[tuple(coords)] = values
    rng = np.random.default_rng(1)
    X, Y = rng.integers(-5, 6, (2, 3)), rng.integers(-5, 6, (3, 4))
    assert (np.einsum("abc,a,b->c", T, X.ravel(), Y.ravel()).reshape(2, 4) == X @ Y).all()


def test_factors_are_read_only_copies():
    U = np.ones((1, 1), dtype=np.int64)
    s = Scheme((1, 1, 1), U, U, U)
    U[0, 0] = 5
    assert s.U[0, 0] == 1
    for array in (s.U, *s.as_float()):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 2


def test_denominators():
    one = np.array([[1]])
    s = Scheme((1, 1, 1), 2 * one, 3 * one, one, (2, 3, 1)).check()
    assert s.ring == "Q"
    assert [f[0, 0] for f in s.as_float()] == [1.0, 1.0, 1.0]
    with pytest.raises(SchemeError, match="sum to 6, not 12"):
        Scheme((1, 1, 1), 2 * one, 3 * one, one, (2, 3, 2)).check()


def test_large_coefficients_are_checked_without_overflow():
    one, big = np.array([[1]]), 3**35
    Scheme((1, 1, 1), big * one, big * one, one, (big, big, 1)).check()
    with pytest.raises(SchemeError, match="fails the equation"):
        Scheme((1, 1, 1), (big + 1) * one, big * one, one, (big, big, 1)).check()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((1, 1), [[1]], [[1]], [[1]]), "three positive"),
        (((1, 0, 1), [[1]], [[1]], [[1]]), "three positive"),
        (((1, 2, 1), [[1]], [[1]], [[1]]), r"Factor U .* must have shape \(2, 1\)"),
        (((1, 1, 1), [[0.5]], [[1]], [[1]]), "must hold integers"),
        (((1, 1, 1), [1], [[1]], [[1]]), "two-dimensional"),
        (((1, 1, 1), [[1]], [[1]], [[1]], (0, 1, 1)), "Denominators"),
        (((1, 1, 1), [[1]], [[1]], [[1]], (1, 1, 1), "O"), "'R', 'C' or 'H'"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(SchemeError, match=message):
        Scheme(*arguments)


def test_files_round_trip(tmp_path):
    path = tmp_path / "schemes.npz"
    save_schemes(path, STORED[:4])
    for old, new in zip(STORED[:4], read_schemes(path), strict=True):
        assert old.shape == new.shape and old.division == new.division
        assert old.provenance == new.provenance and old.denominators == new.denominators
        assert all((getattr(old, k) == getattr(new, k)).all() for k in "UVW")


def rewritten(path, change):
    """Save two schemes, change the arrays of the file, and write it again."""
    save_schemes(path, STORED[:2])
    with np.load(path) as archive:
        arrays = {name: archive[name].copy() for name in archive.files}
    change(arrays)
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    path.write_bytes(stream.getvalue())
    return path


def test_a_changed_entry_is_caught_by_its_checksum(tmp_path):
    def change(arrays):
        arrays["U1"][0, 0] += 1

    with pytest.raises(FileFormatError, match="does not match its checksum"):
        read_schemes(rewritten(tmp_path / "a.npz", change))


def test_a_newer_file_is_refused(tmp_path):
    def change(arrays):
        header = json.loads(arrays["header"].tobytes()) | {"version": 99}
        arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)

    with pytest.raises(FileFormatError, match="version 99"):
        read_schemes(rewritten(tmp_path / "a.npz", change))


def test_a_cut_file_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    save_schemes(path, STORED[:1])
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FileFormatError, match="damaged"):
        read_schemes(path)
    path.write_bytes(b"nothing")
    with pytest.raises(FileFormatError, match="damaged"):
        read_schemes(path)


def test_flipped_bytes_never_pass_unnoticed(tmp_path):
    path = tmp_path / "a.npz"
    save_schemes(path, STORED[:3])
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(content), 60):
        changed = bytearray(content)
        changed[place] ^= 0x55
        path.write_bytes(bytes(changed))
        try:
            schemes = read_schemes(path)
        except FileFormatError:
            continue
        # Bytes that the format ignores (dates, flags) may change; the schemes may not.
        assert [s.check().rank for s in schemes] == [s.rank for s in STORED[:3]]
