"""Schemes as people write them: braces, expressions, sparse matrices, reduced JSON, bare arrays."""

import json
import zipfile
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import FileFormatError, SchemeError, WordTensorError
from wordtensor.schemes import (
    best_scheme,
    read_scheme_file,
    standard_scheme,
    write_scheme_file,
)
from wordtensor.schemes.formats._algebra import value
from wordtensor.schemes.formats.files import readings_of

BRACES = """{
  {{{1,0},{0,1}},{{1,0},{0,1}},{{1,0},{0,1}}},
  {{{0,0},{1,1}},{{1,0},{0,0}},{{0,1},{0,-1}}},
  {{{1,0},{0,0}},{{0,1},{0,-1}},{{0,0},{1,1}}},
  {{{0,0},{0,1}},{{-1,0},{1,0}},{{1,1},{0,0}}},
  {{{1,1},{0,0}},{{0,0},{0,1}},{{-1,0},{1,0}}},
  {{{-1,0},{1,0}},{{1,1},{0,0}},{{0,0},{0,1}}},
  {{{0,1},{0,-1}},{{0,0},{1,1}},{{1,0},{0,0}}}
}"""
EXPRESSIONS = """(a11+a22)*(b11+b22)*(c11+c22)
(a21+a22)*b11*(c12-c22)
a11*(b12-b22)*(c21+c22)
a22*(b21-b11)*(c11+c12)
(a11+a12)*b22*(c21-c11)
(a21-a11)*(b11+b12)*c22
(a12-a22)*(b21+b22)*c11
"""
NAMED = """M1 = (A11 + A22)(B11 + B22);
M2 = (A21 + A22) B11;
M3 = A11 (B12 - B22);
M4 = A22 (B21 - B11);
M5 = (A11 + A12) B22;
M6 = (A21 - A11)(B11 + B12);
M7 = (A12 - A22)(B21 + B22);
C11 = M1 + M4 - M5 + M7;
C12 = M3 + M5;
C21 = M2 + M4;
C22 = M1 - M2 + M3 + M6;
"""
WINOGRAD = """# fifteen additions, with sums that have names
s1 = a21 + a22
s2 = s1 - a11
s3 = a11 - a21
s4 = a12 - s2
t1 = b12 - b11
t2 = b22 - t1
t3 = b22 - b12
t4 = t2 - b21
p1 := a11*b11
p2 := a12*b21
p3 := s4*b22
p4 := a22*t4
p5 := s1*t1
p6 := s2*t2
p7 := s3*t3
u1 = p1 + p6
u2 = u1 + p7
u3 = u1 + p5
c_{11} = p1 + p2
c_{12} = u3 + p3
c_{21} = u2 - p4
c_{22} = u2 + p5
"""
SUM = """(a_1_1+a_2_2)*(b_1_1+b_2_2)*(c_1_1+c_2_2) +
(a_2_1+a_2_2)*b_1_1*(c_1_2-c_2_2)
+ a_1_1*(b_1_2-b_2_2)*(c_2_1
  +c_2_2) + a_2_2*(b_2_1-b_1_1)*(c_1_1+c_1_2)  // still the same sum
+(a_1_1+a_1_2)*b_2_2*(c_2_1-c_1_1) + (a_2_1-a_1_1)*(b_1_1+b_1_2)*c_2_2 -
2*(a_2_2-a_1_2)/2*(b_2_1+b_2_2)*c_1_1
"""
TRANSPOSED = "third factor indexed by the transposed product"
PLAIN = "third factor indexed by the product"


def write(tmp_path, text, name="scheme.txt"):
    path = tmp_path / name
    path.write_text(text)
    return path


def maple(text):
    return text.replace("{", "[").replace("}", "]")


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (BRACES, TRANSPOSED),
        ("(* Strassen,\n 1969 *) strassen = " + BRACES + ";\n", TRANSPOSED),
        (maple(BRACES), TRANSPOSED),
        ("S := " + maple(BRACES) + ":\n", TRANSPOSED),
        (BRACES.replace("1", "1.0").replace("{0,", '{"0/3",'), TRANSPOSED),
        (EXPRESSIONS, TRANSPOSED),
        (EXPRESSIONS.upper().replace("*", " * ").replace("\n", ";\r\n"), TRANSPOSED),
        (EXPRESSIONS.replace("*", " "), TRANSPOSED),
        (NAMED, PLAIN),
        (WINOGRAD, PLAIN),
        (SUM, TRANSPOSED),
    ],
    ids=range(11),
)
def test_strassen_in_every_notation(tmp_path, text, note):
    (read,) = readings_of(write(tmp_path, text))
    assert (read.scheme.shape, read.scheme.rank, read.scheme.ring) == ((2, 2, 2), 7, "Z")
    assert read.scheme.check() is read.scheme
    assert read.note == note
    assert read.scheme.provenance == f"read from scheme.txt, {note}"


def test_additions_are_counted_as_a_file_with_named_sums_writes_them(tmp_path):
    """Winograd's variant takes 15; sums in place are counted each, numbers and signs are not."""
    signs = WINOGRAD.replace("s1 = a21 + a22", "s1 = -(-a21 - 2*a22/(1 + 1))")
    for text, written in (
        (WINOGRAD, 15),
        (signs, 15),
        (NAMED, 18),
        (WINOGRAD.replace("p5 := s1*t1", "p5 := (a21 + a22)*t1"), 16),
        (EXPRESSIONS, None),
    ):
        (read,) = readings_of(write(tmp_path, text))
        assert read.additions == written
        assert read.scheme.additions() == (24 if "s3" in text else 18)


def test_both_conventions_are_the_same_scheme(tmp_path):
    turned = EXPRESSIONS.replace("c12", "c?").replace("c21", "c12").replace("c?", "c21")
    (s,), (t,) = (readings_of(write(tmp_path, text)) for text in (EXPRESSIONS, turned))
    assert (s.note, t.note) == (TRANSPOSED, PLAIN)
    assert all((getattr(s.scheme, k) == getattr(t.scheme, k)).all() for k in "UVW")


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 2, 3), (3, 3, 3), (1, 3, 2), (2, 3, 1)])
def test_fmm_files_of_the_product_itself_are_read_as_that(tmp_path, sizes):
    s = best_scheme(*sizes)
    rows = {key: factor.T.tolist() for key, factor in zip("uvw", (s.U, s.V, s.W), strict=True)}
    path = write(tmp_path, json.dumps({"n": list(sizes), "m": s.rank, **rows}))
    ((t, note, _),) = readings_of(path)
    assert (t.W == s.W).all()
    assert note == ("" if 1 in (s.n, s.p) else PLAIN)


@pytest.mark.parametrize("written", ["a1_11", "a_1_11", "a[1,11]", "a_{1,11}", "a[1][11]", "A1,11"])
def test_indices_of_several_digits(tmp_path, written):
    lines = [f"a1_{j}*b{j}_1*c11" for j in range(1, 12)]
    text = "\n".join(lines).replace("a1_11", written)
    (s,) = read_scheme_file(write(tmp_path, text))
    assert (s.shape, s.rank) == ((1, 11, 1), 11)


def test_indices_without_a_mark_are_read_where_only_one_meaning_fits(tmp_path):
    text = "\n".join(f"a1{j}*b{j}1*c11" for j in range(1, 12))
    with pytest.raises(FileFormatError, match=r"line 11: a111 may be a\[1,11\] or a\[11,1\]"):
        read_scheme_file(write(tmp_path, text))
    (s,) = read_scheme_file(tmp_path / "scheme.txt", sizes=(1, 11, 1))
    assert s.shape == (1, 11, 1)
    with pytest.raises(FileFormatError, match=r"for sizes 1,1,1, not \(2, 2, 2\)"):
        read_scheme_file(write(tmp_path, "a11*b11*c11"), sizes=(2, 2, 2))
    # b1010 is [10,10] alone, since no index begins with 0.
    many = "\n".join(f"a1{j}*b{j}{k}*c{k}1" for j in range(1, 11) for k in range(1, 11))
    (s,) = read_scheme_file(write(tmp_path, many))
    assert (s.shape, s.rank) == ((1, 10, 10), 100)


def test_indices_from_zero(tmp_path):
    text = "a00*b[0,0]*c0_0\na01*b10*c00\n"
    ((s, note, _),) = readings_of(write(tmp_path, text))
    assert (s.shape, s.rank, note) == ((1, 2, 1), 2, "indices from 0")


def test_an_fmm_file_with_fresh_variables(tmp_path):
    """The example of the format's own page, which goes on with fresh variables in fresh ones."""

    def form(*entries):
        return [{"index": index, "value": 1} for index in entries]

    document = {
        "n": [2, 2, 2],
        "m": 7,
        "z2": True,
        "complexity": {"naive": 24, "reduced": 15},
        "u_fresh": [form(2, 3), form(1, 4)],
        "v_fresh": [form(2, 3), form(1, 4)],
        "w_fresh": [form(2, 3), form(0, 7)],
        "u": [form(4), form(2), form(1), form(5), form(0), form(0, 5), form(1, 3)],
        "v": [form(4), form(0, 5), form(2), form(5), form(0), form(1), form(1, 3)],
        "w": [form(2, 4), form(1, 6, 7), form(5, 8), form(6, 8)],
    }
    ((s, note, additions),) = readings_of(write(tmp_path, json.dumps(document)))
    assert (s.shape, s.rank, s.ring) == ((2, 2, 2), 7, "F2")
    assert (note, additions) == (TRANSPOSED, 15)
    document["u_fresh"][0][0]["index"] = 4
    with pytest.raises(FileFormatError, match=r"'u'.*_fresh, row 1: index 4 is none of 0 to 3"):
        read_scheme_file(write(tmp_path, json.dumps(document)))
    document["u_fresh"][0][0]["index"] = 1
    with pytest.raises(SchemeError, match="fails the equation"):
        read_scheme_file(write(tmp_path, json.dumps(document)))


def test_fresh_variables_do_not_grow_without_bound(tmp_path):
    doubled = [[{"index": k, "value": 2}] for k in range(100)]
    document = {"n": [1, 1, 1], "m": 1, "v_fresh": [], "w_fresh": [], "u_fresh": doubled}
    row = [[{"index": 0, "value": 1}]]
    path = write(tmp_path, json.dumps(document | {"u": row, "v": row, "w": row}))
    with pytest.raises(FileFormatError, match=r"row 63: a coefficient has 2\^63 or more"):
        read_scheme_file(path)


@pytest.mark.parametrize("axes", [(0, 0, 0), (1, 1, 1), (0, 0, 1), (1, 1, 0), (0, 1, 0)])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("ending", ["npz", "json"])
def test_bare_arrays_of_any_axes(tmp_path, axes, turned, ending):
    s = best_scheme(2, 3, 4)
    W = s.W.reshape(2, 4, -1).swapaxes(0, 1).reshape(8, -1) if turned else s.W
    arrays = [f if axis else f.T for f, axis in zip((s.U, s.V, W), axes, strict=True)]
    path = tmp_path / f"scheme.{ending}"
    if ending == "npz":
        np.savez(path, **dict(zip("uvw", [a.astype(float) for a in arrays], strict=True)))
    else:
        named = {k: a.tolist() for k, a in zip("UVW", arrays, strict=True)}
        path.write_text(json.dumps(named if turned else list(named.values())))
    ((t, note, _),) = readings_of(path)
    assert all((getattr(t, k) == getattr(s, k)).all() for k in "UVW")
    assert note == f"sizes 2,3,4 found from the shapes; {TRANSPOSED if turned else PLAIN}"
    (t,) = read_scheme_file(path, sizes=(2, 3, 4))
    with pytest.raises(FileFormatError, match="the given sizes 4,3,2"):
        read_scheme_file(path, sizes=(4, 3, 2))


def test_one_array_of_all_three_and_floats(tmp_path):
    s = best_scheme(2, 2, 2)
    path = tmp_path / "scheme.npy"
    thirds = np.array([s.U / 3, s.V * 1.0, s.W * 3.0])
    np.save(path, thirds)
    (t,) = read_scheme_file(path)
    assert t.denominators == (3, 1, 1) and t.rank == 7
    np.save(path, thirds.astype(np.float32))
    assert read_scheme_file(path)[0].denominators == (3, 1, 1)
    np.save(path, thirds + 1e-4 * np.pi)
    with pytest.raises(FileFormatError, match=r"U, entry \[0, 0\]: .* is no fraction with a denom"):
        read_scheme_file(path)
    np.save(path, np.array([1, None], dtype=object), allow_pickle=True)
    with pytest.raises(FileFormatError, match=r"scheme\.npy"):
        read_scheme_file(path)


def test_three_sparse_files_by_any_name(tmp_path):
    s = best_scheme(2, 2, 3)
    write_scheme_file(tmp_path / "x.sms", [s], "sms")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x_L.sms", "x_P.sms", "x_R.sms"]
    for name in ("x.sms", "x", "x_L.sms", "x_R.sms", "x_P.sms", "."):
        ((t, note, _),) = readings_of(tmp_path / name)
        assert (t.W == s.W).all()
        assert note.startswith("read from x_L.sms, x_R.sms, x_P.sms; ") and PLAIN in note
    (tmp_path / "x_L.sms").write_text("# by hand\n" + (tmp_path / "x_L.sms").read_text())
    assert (read_scheme_file(tmp_path)[0].U == s.U).all()
    (tmp_path / "x_P.sms").rename(tmp_path / "y_P.sms")
    with pytest.raises(FileFormatError, match=r"x_L.sms has no x_P.sms beside it; a scheme is"):
        read_scheme_file(tmp_path)


@settings(max_examples=60, deadline=None)
@given(
    st.fractions(-9999, 9999, max_denominator=1000),
    st.sampled_from(["{}", "{}*1", "({})/1", "0+{}"]),
)
def test_numbers_and_what_maple_leaves_of_them(number, written):
    assert value(written.format(number)) == number
    assert value(f"{float(Fraction(round(number * 8), 8))}") == Fraction(round(number * 8), 8)


def edited(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


SPARSE = {"L": "1 1 M\n1 1 1\n0 0 0\n", "R": "1 1 M\n1 1 1\n0 0 0\n", "P": "1 1 M\n1 1 1\n0 0 0\n"}
WRONG = {
    "braces.m: a letter": (edited(BRACES, "{0,1}", "{0,x}"), "row 2, entry 2: 'x' is not"),
    "braces.m: an empty entry": (edited(BRACES, "{0,1}", "{0,}"), "term 1, first.*'' is not"),
    "braces.m: a long row": (edited(BRACES, "{0,1}", "{0,1,0}"), "first matrix, row 2 has 3"),
    "braces.m: rows": (edited(BRACES, "{{0,0},", "{{0,0},{0,0},"), "term 2, first.* 3 rows"),
    "braces.m: two matrices": (edited(BRACES, ",{{0,1},{0,-1}}}", "}"), "term 2 has 2 matrices"),
    "braces.m: cut": (BRACES[:-30], "ends inside of a list"),
    "braces.m: no comma": (edited(BRACES, "}}},\n", "}}}\n"), "line 3: '{' is out of place"),
    "braces.m: two lists": (BRACES + BRACES, "line 9: '{' is out of place"),
    "braces.m: too deep": ("{" + BRACES + "}", "is out of place"),
    "braces.m: a flat list": ("{{1,2},{3,4}}", "is a list nested 2 deep"),
    "braces.m: decimal": (edited(BRACES, "1", "0.1234567"), "0.1234567 is no fraction with"),
    "braces.m: a wrong sign": (edited(BRACES, "-1", "1"), "fails the equation.*of 2 readings"),
    "x.exp: a bracket": (edited(EXPRESSIONS, "b11*(c12", "b11)*(c12"), "line 2: '\\)' stands"),
    "x.exp: cut": (EXPRESSIONS[:-8] + "*(b21+", "line 7: the end of the line stands where"),
    "x.exp: two factors": (edited(EXPRESSIONS, "*c22", ""), "line 6 has 2 sums to multiply"),
    "x.exp: mixed letters": (edited(EXPRESSIONS, "b21+b22", "b21+a22"), "line 7: .*, not a, b"),
    "x.exp: a stranger": (edited(EXPRESSIONS, "a21-a11", "a21-x"), "line 6: .*, not a, x"),
    "x.exp: a missing entry": (EXPRESSIONS.replace("b12", "b11"), r"b\[1,2\] never occurs"),
    "x.exp: division by a sum": (EXPRESSIONS[:-1] + "/(a11+a12)", "line 7: only numbers"),
    "x.exp: division by 0": (EXPRESSIONS[:-1] + "/0", "line 7: only numbers other than 0"),
    "x.exp: a sign": (EXPRESSIONS.replace("(a11", "(a11 & ", 1), "line 1: '&' is not understood"),
    "x.exp: one term less": (EXPRESSIONS.partition("\n")[2], "fails the equation of x"),
    "x.exp: no such product": (NAMED.replace("+ M7", "+ M8"), "line 8: M8 is used, but not said"),
    "x.exp: twice": (NAMED.replace("M2 =", "M1 ="), "line 2: M1 is there twice"),
    "x_L.sms: no header": (SPARSE | {"R": "1 1 1\n0 0 0\n"}, "x_R.sms does not begin with"),
    "x_L.sms: no end": (SPARSE | {"P": "1 1 M\n1 1 1\n"}, "x_P.sms does not end with '0 0 0'"),
    "x_L.sms: outside": (SPARSE | {"L": "1 1 M\n\n1 2 1\n0 0 0\n"}, "line 3: row 1, column 2"),
    "x_L.sms: a letter": (SPARSE | {"L": "1 1 M\n1 1 X\n0 0 0\n"}, "line 2: '1 1 X' is not .*'X'"),
    "x_L.sms: shapes": (SPARSE | {"L": "2 1 M\n1 1 1\n0 0 0\n"}, "shapes 2x1, 1x1, 1x1; for"),
    "x.json: no keys": ('{"a": 1}', "JSON object without the keys n, m, u, v and w"),
    "x.json: a row": ('{"U": [[1]], "V": [[1], [1, 2]], "W": [[1]]}', "'V', row 2 has 2 entries"),
    "x.json: true": ('{"U": [[true]], "V": [[1]], "W": [[1]]}', "'U', row 1 has 'True' in it"),
    "x.txt: too short": ("2 2 2 7\n1 0 0 1\n", "7 terms, so 84 numbers must follow, not 4"),
    "x.txt: prose": ("Strassen, 1969\n", "begins with 'Strassen, 1969.*in no format of schemes"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_in_one_line(tmp_path, case):
    content, message = WRONG[case]
    name = case.partition(":")[0]
    if isinstance(content, str):
        write(tmp_path, content, name)
    else:
        for part, text in content.items():
            write(tmp_path, text, f"x_{part}.sms")
    with pytest.raises(WordTensorError, match=message) as refusal:
        read_scheme_file(tmp_path / name)
    said = str(refusal.value)
    assert "\n" not in said and len(said) < 400
    assert name.partition(".")[0].partition("_")[0] in said


def run(path, name="multiply"):
    """Run a module that was written."""
    space = {}
    exec(compile(path.read_text(), path.name, "exec"), space)
    return space[name]


@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 2, 2), (1, 3, 2), (1, 11, 1), (3, 4, 5)])
def test_the_function_of_python_multiplies(tmp_path, sizes):
    s = best_scheme(*sizes)
    halves = replace(s, U=s.U * 2, denominators=(2, 1, 1))
    n, m, p = sizes
    rng = np.random.default_rng(0)
    A, B = rng.integers(-99, 99, (n, m)), rng.integers(-99, 99, (m, p))
    for scheme in (s, halves):
        path = tmp_path / "multiply.py"
        write_scheme_file(path, [scheme], "python")
        assert (np.array(run(path)(A.tolist(), B.tolist())) == A @ B).all()
        assert (np.array(run(path)(A, B)) == A @ B).all()
    with pytest.raises(SchemeError, match="holds modulo 2 only"):
        write_scheme_file(path, [replace(s, characteristic=2)], "python")


def test_latex_says_the_products_and_the_entries(tmp_path):
    path = tmp_path / "scheme.tex"
    s = standard_scheme(1, 2, 1)
    write_scheme_file(path, [replace(s, U=s.U * [[1, -3]], W=s.W, denominators=(2, 1, 1))], "latex")
    assert path.read_text() == (
        "\\begin{align*}\n"
        "m_{1} &= (\\tfrac{1}{2}\\,a_{11})\\,b_{11} \\\\\n"
        "m_{2} &= (-\\tfrac{3}{2}\\,a_{12})\\,b_{21} \\\\\n"
        "c_{11} &= m_{1} + m_{2}\n"
        "\\end{align*}\n"
    )
    with pytest.raises(FileFormatError, match="is not understood"):
        read_scheme_file(path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("\u2212", "-"),
        ("\u00d7", "*"),
        ("\u00b7", "*"),
        ("\u2297", "*"),
        ("\r", "\n"),
        ("% x\n(a11+a22)", "(a11+a22)"),
        ("(.5*a11*2+.50*2*a22)", "(a11+a22)"),
    ],
)
def test_signs_lines_and_decimals_in_other_forms(tmp_path, written, meant):
    path = tmp_path / "s.exp"
    path.write_text(EXPRESSIONS.replace(meant, written), encoding="utf-8", newline="")
    assert read_scheme_file(path)[0].rank == 7


def test_an_archive_whose_member_is_no_array_is_refused(tmp_path):
    path = tmp_path / "plain.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for name in "UVW":
            archive.writestr(f"{name}.npy", b"no array")
    with pytest.raises(FileFormatError, match=r"plain\.npz"):
        read_scheme_file(path)
