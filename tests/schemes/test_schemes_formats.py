"""Readers and writers: round trips, and refusals that name the equation."""

import json
from dataclasses import replace
from fractions import Fraction
from math import lcm
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import FileFormatError, SchemeError
from wordtensor.schemes import (
    FILE_FORMATS,
    WRITTEN_FORMATS,
    best_scheme,
    from_tensorly,
    join,
    kronecker,
    load_schemes,
    read_alphatensor,
    read_fmm,
    read_scheme_file,
    standard_scheme,
    to_tensorly,
    transposed,
    write_alphatensor,
    write_fmm,
    write_scheme_file,
)
from wordtensor.schemes._rational import common_numerators, rounded
from wordtensor.schemes.formats.files import format_named, format_of

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "fast_matmul"
# The formats that keep what a scheme is over, and its provenance.
SAY_ALL = ("wordtensor", "fmm")
JSON_FILES = [
    "2x2x3_m11_ZT.json",
    "2x3x3_m15_ZT.json",
    "3x3x3_m23_additions60_ZT.json",
    "3x3x6_m42_ZT.json",
    "3x4x5_m47_ZT.json",
    "4x4x4_m49_ZT.json",
]
EQUATION = r"fails the equation of x\[.*\*y\[.* in z\["


@pytest.fixture
def reference():
    def path(name):
        if not (REFERENCE / name).exists():
            pytest.skip(f"{REFERENCE / name} is not on this machine")
        return REFERENCE / name

    return path


def same(s, t):
    """Say whether two schemes have the same coefficients as rational numbers."""
    if (s.shape, s.division, s.characteristic) != (t.shape, t.division, t.characteristic):
        return False
    return all(
        (getattr(s, k).astype(object) * d == getattr(t, k).astype(object) * c).all()
        for k, c, d in zip("UVW", s.denominators, t.denominators, strict=True)
    )


def rational(s, scales):
    """Multiply term r of U by a scale and divide it in W."""
    scale = np.resize(np.array(scales, dtype=np.int64), s.rank)
    common = lcm(*map(int, scale))
    return replace(s, U=s.U * scale, W=s.W * (common // scale), denominators=(1, 1, common))


@st.composite
def real_schemes(draw):
    size = st.integers(1, 3)
    n, m, p = draw(size), draw(size), draw(size)
    make = draw(st.sampled_from([best_scheme, standard_scheme]))
    s = make(n, m, p)
    how = draw(st.integers(0, 3))
    if how == 1:
        s = join(s, make(n, draw(size), p), "m")
    elif how == 2:
        s = transposed(kronecker(s, best_scheme(1, 2, 1)))
    elif how == 3:
        s = replace(s, characteristic=2)
        return join(s, s, "n")
    scales = draw(st.lists(st.sampled_from([1, 2, 3, 4, -1, -2]), min_size=1, max_size=4))
    return rational(s, scales) if draw(st.booleans()) else s


@pytest.mark.parametrize("name", JSON_FILES)
def test_collected_json_files_verify(reference, name):
    (s,) = read_scheme_file(reference(name))
    sizes, rank = name.split("_")[:2]
    assert s.shape == tuple(map(int, sizes.split("x"))) and s.rank == int(rank[1:])
    assert s.ring == "Z" and s.check() is s


def test_alphatensor_files_verify(reference):
    modulo_2, real = (
        {s.shape: s for s in read_scheme_file(reference(f"alphatensor_factorizations_{ring}.npz"))}
        for ring in ("f2", "r")
    )
    assert len(modulo_2) == 20 and len(real) == 93
    assert {s.ring for s in modulo_2.values()} == {"F2"}
    assert {s.ring for s in real.values()} == {"Z", "Q"}
    assert modulo_2[4, 4, 4].rank == 47 and modulo_2[5, 5, 5].rank == 96
    assert real[4, 4, 4].rank == 49 and real[5, 5, 5].rank == 98 and real[3, 4, 5].rank == 47


def multiplies(document, n, m, p):
    """Multiply two matrices with the products of an FMM document, as its format says."""
    u, v, w = (np.array(document[key]) for key in "uvw")
    rng = np.random.default_rng(0)
    X, Y = rng.integers(-9, 10, (n, m)), rng.integers(-9, 10, (m, p))
    transposed_product = ((u @ X.ravel()) * (v @ Y.ravel())) @ w
    return bool((transposed_product.reshape(p, n).T == X @ Y).all())


def test_fmm_files_mean_what_the_format_says(reference, tmp_path):
    path = tmp_path / "file"
    write_fmm(path, best_scheme(2, 3, 4))
    written = json.loads(path.read_text())
    assert written["n"] == [2, 3, 4] and written["m"] == 20 and written["z2"] is False
    assert multiplies(written, 2, 3, 4)
    assert multiplies(json.loads(reference("3x4x5_m47_ZT.json").read_text()), 3, 4, 5)


@pytest.mark.parametrize("key", "uvw")
@pytest.mark.parametrize("name", JSON_FILES)
def test_a_wrong_coefficient_in_a_collected_file_is_named(reference, tmp_path, name, key):
    document = json.loads(reference(name).read_text())
    document[key][3][0] += 1
    path = tmp_path / name
    path.write_text(json.dumps(document))
    with pytest.raises(SchemeError, match=rf"^File {name}: Scheme <.*{EQUATION}"):
        read_scheme_file(path)


@pytest.mark.parametrize("format", FILE_FORMATS)
@pytest.mark.parametrize("s", [best_scheme(2, 2, 3), rational(best_scheme(2, 3, 2), [1, 2])])
def test_a_wrong_coefficient_is_refused_in_each_format(tmp_path, format, s):
    path = tmp_path / "file"
    for factor in "UVW":
        changed = getattr(s, factor).copy()
        changed[1, np.flatnonzero(changed[1])[0]] *= -1
        write_scheme_file(path, [replace(s, **{factor: changed})], format)
        with pytest.raises(SchemeError, match=EQUATION) as refusal:
            read_scheme_file(path)
        places = {"wordtensor": "number 0 of file", "alphatensor": "'2,", "sms": "file_L.sms"}
        assert places.get(format, "file") in str(refusal.value)
        with pytest.raises(SchemeError, match=EQUATION):
            from_tensorly(to_tensorly(replace(s, **{factor: changed})), *s.shape)


@settings(max_examples=40, deadline=None)
@given(s=real_schemes(), format=st.sampled_from(FILE_FORMATS))
def test_round_trip(tmp_path_factory, s, format):
    path = tmp_path_factory.mktemp("round") / "no_extension"
    write_scheme_file(path, [s], format)
    (t,) = read_scheme_file(path)
    if s.characteristic == 2 and t.characteristic == 0:
        # Most formats do not say it: 0 and 1 that hold over Z are read over Z.
        assert format not in SAY_ALL
        t = replace(t, characteristic=2)
    assert same(s, t)
    assert (format in SAY_ALL) == (s.provenance == t.provenance)
    assert set(path.parent.iterdir()) == set(format_named(format).targets(path))


@pytest.mark.parametrize("format", FILE_FORMATS)
def test_every_scheme_of_the_package_goes_through_every_format(tmp_path, format):
    path = tmp_path / "scheme"
    for s in load_schemes():
        if s.division == "R":
            write_scheme_file(path, [s], format)
            (t,) = read_scheme_file(path)
            assert same(s, t)
        elif format != "wordtensor":
            with pytest.raises(SchemeError, match="schemes over R"):
                write_scheme_file(path, [s], format)


@settings(max_examples=25, deadline=None)
@given(s=real_schemes(), product=st.sampled_from(["plain", "transposed"]))
def test_round_trip_through_tensorly(s, product):
    if s.characteristic == 2:
        with pytest.raises(SchemeError, match="lift it first"):
            to_tensorly(s)
        return
    assert same(s, from_tensorly(to_tensorly(s, product=product), *s.shape, product=product))


@pytest.mark.parametrize("division", "CH")
def test_algebras_go_where_the_format_allows(tmp_path, division):
    s = best_scheme(2, 1, 2, division)
    path = tmp_path / "file"
    write_scheme_file(path, [s, standard_scheme(1, 2, 1)])
    assert same(read_scheme_file(path)[0], s)
    for product in ("plain", "transposed"):
        cp = to_tensorly(s, product=product)
        assert same(s, from_tensorly(cp, 2, 1, 2, division=division, product=product))
    for format in WRITTEN_FORMATS[1:]:
        with pytest.raises(SchemeError, match="over R"):
            write_scheme_file(path, [s], format)
    assert same(read_scheme_file(path)[0], s)


def test_normalised_and_noisy_factors_are_rounded():
    from tensorly.cp_tensor import cp_normalize

    rng = np.random.default_rng(0)
    for s in (best_scheme(3, 3, 3), best_scheme(1, 1, 1, "H")):
        weights, factors = cp_normalize(to_tensorly(s))
        noisy = [factor + 1e-9 * rng.standard_normal(factor.shape) for factor in factors]
        t = from_tensorly((weights, noisy), *s.shape, division=s.division)
        assert t.rank == s.rank and t.check() is t
    assert from_tensorly((None, list(best_scheme(2, 2, 2).as_float())), 2, 2, 2).rank == 7


def test_tensorly_refusals():
    s = best_scheme(2, 2, 2)
    weights, factors = to_tensorly(s)
    with pytest.raises(SchemeError, match="must have shapes"):
        from_tensorly((weights, factors), 2, 2, 3)
    with pytest.raises(SchemeError, match="finite"):
        from_tensorly((weights * np.nan, factors), 2, 2, 2)
    with pytest.raises(SchemeError, match="'plain' or 'transposed'"):
        from_tensorly((weights, factors), 2, 2, 2, product="z")
    with pytest.raises(SchemeError, match="'R', 'C' or 'H'"):
        from_tensorly((weights, factors), 2, 2, 2, division="O")
    with pytest.raises(SchemeError, match="CPTensor"):
        from_tensorly(3, 2, 2, 2)
    with pytest.raises(SchemeError, match=EQUATION):
        from_tensorly((weights, [f + 0.3 for f in factors]), 2, 2, 2, largest_denominator=3)
    with pytest.raises(SchemeError, match=EQUATION):
        from_tensorly(to_tensorly(s, product="transposed"), 2, 2, 2)


def test_modulo_2_needs_bits_or_to_be_said(tmp_path):
    """A sign that is lost must not turn a scheme over Z into one modulo 2 unnoticed."""
    s = best_scheme(2, 2, 2)
    U = s.U.copy()
    U[tuple(np.argwhere(U == -1)[0] if (U == -1).any() else np.argwhere(U == 1)[0])] *= -1
    wrong = replace(s, U=U)
    path = tmp_path / "file"
    for format, read in (("alphatensor", read_alphatensor), ("fmm", read_fmm)):
        write_scheme_file(path, [wrong], format)
        with pytest.raises(SchemeError, match=EQUATION):
            read_scheme_file(path)
        read(path, characteristic=2)
        write_scheme_file(path, [replace(s, characteristic=2)], format)
        assert read_scheme_file(path)[0].ring == "F2"
        with pytest.raises(SchemeError, match=EQUATION):
            read(path, characteristic=0)


def test_the_flag_z2_decides(tmp_path):
    path = tmp_path / "file"
    write_fmm(path, replace(best_scheme(2, 2, 2), characteristic=2))
    bits = json.loads(path.read_text())
    assert bits.pop("z2") is True
    path.write_text(json.dumps(bits))
    assert read_scheme_file(path)[0].ring == "F2"
    path.write_text(json.dumps(bits | {"z2": False}))
    with pytest.raises(SchemeError, match=EQUATION):
        read_scheme_file(path)
    write_fmm(path, standard_scheme(2, 1, 2))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"z2": True}))
    assert read_scheme_file(path)[0].ring == "F2"
    assert read_fmm(path, characteristic=0).ring == "Z"


def test_alphatensor_files_are_read_by_numpy(tmp_path):
    path = tmp_path / "file.npz"
    s, t = best_scheme(2, 2, 2), best_scheme(2, 3, 4)
    write_alphatensor(path, [s, t])
    with np.load(path, allow_pickle=True) as archive:
        assert archive.files == ["2,2,2", "2,3,4"]
        u, v, w = archive["2,3,4"]
        assert archive["2,2,2"].shape == (3, 4, 7)
    T = np.einsum("ar,br,cr->abc", u, v, w).reshape(2, 3, 3, 4, 4, 2)
    expected = np.einsum("ai,bj,ck->abjcki", np.eye(2), np.eye(3), np.eye(4))
    assert (T == expected).all()


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("s.tex", b"\\begin{align*}"), ("s.py", b'"""A 2 x 2'), ("s.m", b"{"),
        ("s.mpl", b"Tensor:="), ("s.json", b"{"), ("s.EXP", b"("), ("s.txt", b""),
        ("s.npz", b"PK"), ("s", b"PK"),
    ],
)  # fmt: skip
def test_the_ending_decides_and_one_scheme_is_enough(tmp_path, name, begins):
    path, s = tmp_path / name, best_scheme(2, 2, 2)
    write_scheme_file(path, s)
    assert path.read_bytes().startswith(begins)
    again = tmp_path / "again"
    write_scheme_file(again, [s], format_of(path).name)
    assert path.suffix == ".npz" or again.read_bytes() == path.read_bytes()
    if path.suffix not in (".tex", ".py"):
        assert same(read_scheme_file(path)[0], s)


def test_unknown_endings_and_other_things_are_refused(tmp_path):
    path, s = tmp_path / "s.xyz", best_scheme(2, 2, 2)
    with pytest.raises(SchemeError, match=r"'\.xyz'.*\.npz \(wordtensor\).*\.tex \(latex\)"):
        write_scheme_file(path, s)
    for format in ("tex", "foo"):
        with pytest.raises(SchemeError, match=f"'format' must be one of .*'latex'.*not '{format}'"):
            write_scheme_file(path, s, format)
    with pytest.raises(SchemeError, match="must be a Scheme or several, and holds '3'"):
        write_scheme_file(path, [s, 3])
    with pytest.raises(SchemeError, match="must be a Scheme or several, not 3"):
        write_scheme_file(path, 3)
    assert not list(tmp_path.iterdir())
    write_scheme_file(path, s, "exp")
    assert same(read_scheme_file(path)[0], s)


def test_an_equation_is_named_in_both_countings():
    s = standard_scheme(3, 2, 11)
    with pytest.raises(SchemeError) as refusal:
        replace(s, U=s.U * (np.arange(6) != 3)[:, None]).check()
    named = "x[1,1]*y[1,0] in z[1,0] (entry 3,11,11), a2_2*b2_1 in c2_1 of the product"
    assert named in str(refusal.value)


def test_writing_refuses_and_leaves_what_was_there(tmp_path):
    path, s = tmp_path / "file", best_scheme(2, 2, 2)
    write_scheme_file(path, [s])
    before = path.read_bytes()
    with pytest.raises(SchemeError, match="one of"):
        write_scheme_file(path, [s], "xml")
    with pytest.raises(SchemeError, match="holds one scheme"):
        write_scheme_file(path, [s, s], "fmm")
    with pytest.raises(SchemeError, match="twice"):
        write_alphatensor(path, [s, s])
    with pytest.raises(SchemeError, match="float64"):
        write_alphatensor(path, [rational(s, [1, 2**11 + 1])])
    with pytest.raises(FileFormatError, match="Cannot write"):
        write_fmm(tmp_path / "no" / "folder", s)
    with pytest.raises(FileFormatError, match="Cannot read"):
        read_scheme_file(tmp_path / "missing")
    with pytest.raises(FileFormatError, match="Cannot read"):
        read_scheme_file(tmp_path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["file"]


def test_fractions_get_a_common_denominator():
    numerators, denominator = common_numerators(
        [Fraction(1, 2), Fraction(1, 3)], np.array([[0, 1]])
    )
    assert numerators.tolist() == [[3, 2]]
    assert denominator == 6


def test_floating_point_numbers_are_rounded_to_fractions():
    numerators, denominator = rounded(np.array([[0.5, 1 / 3]]), 10)
    assert numerators.tolist() == [[3, 2]]
    assert denominator == 6
