"""Schemes with complex coefficients: exact, in files, apart from real ones, used over C."""

from dataclasses import replace

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.errors import FileFormatError, SchemeError
from wordtensor.schemes import (
    WRITTEN_FORMATS,
    ComplexScheme,
    Registry,
    best_rank,
    best_scheme,
    default_registry,
    read_scheme_file,
    registry,
    user_registry,
    write_scheme_file,
)
from wordtensor.schemes._complex_library import remember_complex, user_complex_schemes
from wordtensor.schemes.complex_scheme import complex_permuted


def times(a, b):
    """Multiply arrays of pairs as complex numbers."""
    real = a[..., 0] * b[..., 0] - a[..., 1] * b[..., 1]
    return np.stack([real, a[..., 0] * b[..., 1] + a[..., 1] * b[..., 0]], -1)


def turned(s, seed=0):
    """Make a scheme complex: terms times units and 1 + i, and divided by them."""
    rng = np.random.default_rng(seed)
    units = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 1]])
    u, v = (units[rng.integers(0, 5, s.rank)] for _ in range(2))
    product = times(u, v)
    norm = (product**2).sum(1, keepdims=True)
    inverse = product * [1, -1] * (4 // norm)
    U, V, W = (
        times(np.stack([f, 0 * f], 2), unit[None])
        for f, unit in zip((s.U, s.V, s.W), (u, v, inverse), strict=True)
    )
    a, b, c = s.denominators
    return ComplexScheme(s.shape, U, V, W, (a, b, 4 * c), "turned")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WORDTENSOR_SCHEMES", str(tmp_path / "mine"))
    return tmp_path / "mine"


@pytest.fixture
def bare(monkeypatch):
    """Take the package's schemes away."""
    empty = Registry(())
    monkeypatch.setattr(registry, "default_registry", lambda: empty)


@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 2, 2), (1, 2, 3), (2, 3, 4)])
def test_they_are_checked_exactly(sizes):
    s = best_scheme(*sizes)
    c = turned(s)
    assert c.check() is c and (c.rank, c.ring) == (s.rank, "Q(i)")
    real = c.over_reals().check()
    assert (real.rank, real.division) == (3 * s.rank, "C")
    for k in "UVW":
        for part in range(2):
            wrong = getattr(c, k).copy()
            wrong[-1, -1, part] += 1
            with pytest.raises(SchemeError, match=r"ComplexScheme\(<.*equation of x"):
                replace(c, **{k: wrong}).check()
    T, expected = (
        np.einsum("ar,br,cr->abc", *factors) for factors in (c.as_complex(), s.as_float())
    )
    np.testing.assert_allclose(T, expected, atol=1e-14)
    assert c.additions() == s.additions()


def test_their_sizes_may_be_in_any_order():
    c = turned(best_scheme(2, 3, 4))
    for sizes in ((2, 3, 4), (3, 4, 2), (4, 2, 3), (4, 3, 2), (2, 4, 3), (3, 2, 4)):
        assert complex_permuted(c, *sizes).check().shape == sizes
    assert complex_permuted(c, 2, 2, 6) is None


def test_what_is_no_complex_scheme_is_refused():
    one = np.array([[[1, 0]]])
    with pytest.raises(SchemeError, match=r"integers of shape \(rows, R, 2\), not float64"):
        ComplexScheme((1, 1, 1), one, one, one * 1.0)
    with pytest.raises(SchemeError, match="Factor V"):
        ComplexScheme((1, 2, 1), np.repeat(one, 2, 0), one, one)
    with pytest.raises(SchemeError, match="fewer terms"):
        ComplexScheme((1, 2, 1), *(np.repeat(one, k, 0) for k in (2, 2, 1))).check()
    with pytest.raises(SchemeError, match="64 bits"):
        ComplexScheme((1, 1, 1), one * 2**62, one, one).check()


def same(c, t):
    return c.shape == t.shape and all(
        (a.astype(object) * e == b.astype(object) * d).all()
        for a, b, d, e in zip(
            (c.U, c.V, c.W), (t.U, t.V, t.W), c.denominators, t.denominators, strict=True
        )
    )


@pytest.mark.parametrize("style", ["({0}+{1}*I)/{2}", "({1} I + {0})/{2}", "({0}+{1}j)/{2}"])
def test_they_are_read_in_braces(tmp_path, style):
    c = turned(best_scheme(2, 2, 3))
    terms = []
    for r in range(c.rank):
        term = []
        for f, d, shape in zip(
            (c.U, c.V, c.W), c.denominators, [(2, 2), (2, 3), (2, 3)], strict=True
        ):
            entries = [style.format(a, b, d) for a, b in f[:, r].tolist()]
            rows = np.array(entries, dtype=object).reshape(shape).tolist()
            term.append("{" + ",".join("{" + ",".join(row) + "}" for row in rows) + "}")
        terms.append("{" + ",".join(term) + "}")
    path = tmp_path / "complex.m"
    path.write_text("{" + ",\n".join(terms) + "}")
    (t,) = read_scheme_file(path)
    assert same(c, t)
    assert t.provenance.endswith("complex.m, third factor indexed by the product")
    path.write_text(path.read_text().replace("0", "1", 1))
    with pytest.raises(SchemeError, match=r"complex.m: ComplexScheme\(<2,2,3>.*equation"):
        read_scheme_file(path)


@pytest.mark.parametrize("dtype", [np.complex128, np.complex64])
def test_they_are_read_in_arrays(tmp_path, dtype):
    c = turned(best_scheme(2, 3, 4))
    path = tmp_path / "complex.npz"
    np.savez(path, **dict(zip("UVW", [f.astype(dtype) for f in c.as_complex()], strict=True)))
    (t,) = read_scheme_file(path)
    assert same(c, t)


def test_they_have_files_of_their_own(tmp_path):
    path = tmp_path / "file"
    schemes = [turned(best_scheme(2, 2, 2)), turned(best_scheme(1, 2, 3))]
    write_scheme_file(path, schemes)
    found = read_scheme_file(path)
    assert all(map(same, schemes, found))
    assert [s.provenance for s in found] == ["turned"] * 2
    before = path.read_bytes()
    for kind in WRITTEN_FORMATS[1:]:
        with pytest.raises(SchemeError, match="files of 'wordtensor'"):
            write_scheme_file(path, schemes[:1], kind)
    with pytest.raises(SchemeError, match="for complex ones only"):
        write_scheme_file(path, [*schemes, best_scheme(1, 1, 1)])
    assert path.read_bytes() == before
    W = schemes[0].W.copy()
    W[0, 0, 1] += 1
    write_scheme_file(path, [replace(schemes[0], W=W)])
    with pytest.raises(SchemeError, match=r"^Scheme number 0 of file: .*equation"):
        read_scheme_file(path)


def test_damaged_files_of_theirs_are_refused(tmp_path):
    path = tmp_path / "file"
    write_scheme_file(path, [turned(best_scheme(2, 2, 2))])
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(100):
        changed = bytearray(content)
        changed[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        try:
            assert read_scheme_file(path)[0].rank == 7
        except (FileFormatError, SchemeError):
            refused += 1
    assert refused > 50


def test_real_ranks_do_not_count_them(folder, bare):
    c = turned(best_scheme(2, 2, 2, registry=default_registry()))
    kept = remember_complex(c)
    assert kept == remember_complex(c) and kept.parent.name == "complex"
    assert [s.rank for s in user_complex_schemes()] == [7]
    mine = user_registry()
    assert best_rank(2, 2, 2, registry=mine) == 8
    assert mine.complex_scheme(2, 2, 2).rank == 7
    assert mine.complex_scheme(2, 2, 3) is None
    assert (
        mine.with_scheme(best_scheme(2, 2, 2, registry=default_registry())).complex_scheme(2, 2, 2)
        is None
    )
    kept.write_bytes(kept.read_bytes()[:-40])
    assert user_complex_schemes() == ()


@pytest.mark.parametrize(
    ("group", "word"), [("S3", "a*b"), ("Q8", "a*b"), ("C3", "a*b"), ("D4", "a*b^-1")]
)
def test_decompose_over_c_uses_them(folder, bare, group, word):
    options = {"store": wt.cores.Store()}
    real, before = (
        wt.decompose(word, group, field=field, **options) for field in ("real", "complex")
    )
    remember_complex(turned(best_scheme(2, 2, 2, registry=default_registry())))
    after = wt.decompose(word, group, field="complex", **options)
    assert wt.verify(after).ok
    assert wt.decompose(word, group, **options).rank == real.rank
    uses = any("over Q(i)" in block.note for block in after.blocks)
    assert uses == (group != "C3")
    assert after.rank == before.rank - uses


def test_complex_blocks_use_them_twice(folder, bare):
    """A block over C is a product and its conjugate: C3 x S3 has one of 2 x 2 matrices."""
    options = {"store": wt.cores.Store(), "field": "complex"}
    before = wt.decompose("a*b", "C3 x S3", **options)
    remember_complex(turned(best_scheme(2, 2, 2, registry=default_registry())))
    after = wt.decompose("a*b", "C3 x S3", **options)
    assert wt.verify(after).ok and after.rank == before.rank - 3
    assert {block.division for block in after.blocks if "Q(i)" in block.note} == {"R", "C"}


def test_a_stored_complex_scheme_above_the_limit_on_memory_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("WORDTENSOR_SCHEMES", str(tmp_path))
    one = np.array([[[1, 0]]])
    remember_complex(ComplexScheme((1, 1, 1), one, one, one))
    with wt.memory_limit(1e-9):
        assert user_complex_schemes() == ()
    assert len(user_complex_schemes()) == 1
