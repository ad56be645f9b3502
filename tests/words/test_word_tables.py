"""Tables of values: formulas against plain Python, laws of loops and quasigroups, wrong input."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.errors import TableError
from wordtensor.words import ValueTable, value_table

# The smallest loop that is no group.
LOOP5 = [[0, 1, 2, 3, 4], [1, 0, 3, 4, 2], [2, 4, 0, 1, 3], [3, 2, 4, 0, 1], [4, 3, 1, 2, 0]]


def chein_double(G):
    """Return the Moufang loop M(G, 2): the elements g and gu of Chein (1974)."""
    n, mul, inv = G.order, G.cayley, G.inverse
    table = np.empty((2 * n, 2 * n), dtype=int)
    for g, h in product(range(n), repeat=2):
        table[g, h] = mul[g, h]
        table[g, n + h] = n + mul[h, g]
        table[n + g, h] = n + mul[g, inv[h]]
        table[n + g, n + h] = mul[inv[h], g]
    return table


def octonion_units():
    """Return the loop of the units ±1, ±e1, ..., ±e7, by the oriented lines of the Fano plane."""
    unit = {(0, k): (1, k) for k in range(8)} | {(k, 0): (1, k) for k in range(8)}
    unit |= {(k, k): (-1, 0) for k in range(1, 8)}
    for i in range(7):
        line = [1 + (i + k) % 7 for k in (0, 1, 3)]
        for k in range(3):
            a, b, c = (line[(k + j) % 3] for j in range(3))
            unit[a, b], unit[b, a] = (1, c), (-1, c)
    elements = [(sign, k) for sign in (1, -1) for k in range(8)]
    place = {element: at for at, element in enumerate(elements)}

    def times(p, q):
        sign, k = unit[p[1], q[1]]
        return place[p[0] * q[0] * sign, k]

    return [[times(p, q) for q in elements] for p in elements]


def is_moufang(table):
    """Tell whether x(y(xz)) = ((xy)x)z for all elements."""
    t, elements = np.asarray(table), range(len(table))
    return all(
        t[x, t[y, t[x, z]]] == t[t[t[x, y], x], z] for x, y, z in product(elements, repeat=3)
    )


# The operations of Power et al. (2022), Appendix A.1.1, in Python.
FORMULAS = {
    "x+y mod 11": lambda x, y: x + y,
    "x - y mod 11": lambda x, y: x - y,
    "x^2 + y^2 mod 11": lambda x, y: x**2 + y**2,
    "x² + xy + y² (mod 11)": lambda x, y: x**2 + x * y + y**2,
    "(x**2 + x*y + y**2 + x) % 11": lambda x, y: x**2 + x * y + y**2 + x,
    "x^3 + x*y^2 + y mod 11": lambda x, y: x**3 + x * y**2 + y,
    "-2(x+3)^3y - 7 mod (11)": lambda x, y: -2 * (x + 3) ** 3 * y - 7,
    "a^2b mod 11": lambda x, y: x**2 * y,
}


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_those_of_python(text):
    table = value_table(text)
    assert table.shape == (11, 11, 11)
    wanted = [[FORMULAS[text](x, y) % 11 for y in range(11)] for x in range(11)]
    assert table.values.tolist() == wanted


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=1, max_size=4), st.integers(2, 12))
@settings(max_examples=60, deadline=None)
def test_polynomials_are_those_of_python(terms, m):
    text = " + ".join(f"{c}*x^{i}*y^{j}" for c, i, j in terms)
    values = value_table(f"{text} mod {m}").values
    for x, y in product(range(m), repeat=2):
        assert values[x, y] == sum(c * x**i * y**j for c, i, j in terms) % m


@pytest.mark.parametrize("text", ["x/y mod 13", "a*b^-1 mod 13", "x y^(-1) (mod 13)"])
def test_a_quotient_leaves_out_the_column_of_zero_and_says_so(text):
    table = value_table(text)
    assert table.shape == (13, 12, 13)
    assert table.columns == tuple(map(str, range(1, 13)))
    for x, y in product(range(13), range(1, 13)):
        assert table.values[x, y - 1] * y % 13 == x
    assert table.notes == (f"column 0 left out, where {text} divides by 0",)
    assert value_table("1/x + y mod 5").shape == (4, 5, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x^2 + y^2", "has no modulus"),
        ("x/y mod 10", "division needs a prime modulus, and 10 is none"),
        ("x/(x+y) mod 7", "divides by 0 where the first letter is 0 and the second 0"),
        ("x/0 mod 7", "divides by 0 everywhere"),
        ("x + z mod 7", "letter 'z' is neither x nor y"),
        ("x + mod 7", "missing at the end"),
        ("(x + y mod 7", "')' is missing"),
        ("x) + y mod 7", "unexpected ')'"),
        ("x^y mod 7", "an exponent must be an integer"),
        ("x^2^2 mod 7", "two exponents in a row"),
        ("x & y mod 7", "unexpected '&'"),
        ("x + y mod 1", "from 2 to 5040"),
        ("x + y mod 99999999999999999999999", "from 2 to 5040"),
        ("x^9999999999999999999 mod 7", "an exponent must be"),
        ("x+" * 400 + "y mod 7", "at most 300 characters"),
        ("(" * 40 + "x" + ")" * 40 + " mod 7", "nested more than 30 deep"),
        ("__import__('os') mod 7", "a letter or a number is missing before '_'"),
    ],
)
def test_wrong_formulas_are_refused_in_one_line(text, said):
    with pytest.raises(TableError) as error:
        value_table(text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_large_exponents_are_fast():
    assert value_table(f"x^{10**17} mod 5").values.tolist() == [[0] * 5] + [[1] * 5] * 4


def test_kinds():
    M12, O16 = chein_double(wt.group("S3")), octonion_units()
    assert is_moufang(M12)
    assert is_moufang(O16)
    for table in (LOOP5, M12, O16):
        made = value_table(table)
        assert (made.kind, made.identity, made.is_latin) == ("loop", 0, True)
        assert not made.is_associative
        assert made.group() is None
    for name in ("C3", "S3", "Q8"):
        G = wt.group(name)
        made = value_table(G.cayley)
        assert (made.kind, made.group(), made.is_associative) == ("group", G, True)
        assert made.is_commutative == (name == "C3")
    assert value_table("x - y mod 5").kind == "quasigroup"
    assert value_table("x*y mod 6").kind == "operation"
    assert value_table("x*y mod 6").is_associative
    assert value_table("x*y mod 6").identity == 1
    assert value_table("x/y mod 5").kind == "table"


@pytest.mark.parametrize("name", ["C3", "S3", "Q8"])
def test_a_group_has_the_tensor_of_its_product(name):
    T, made = wt.word_tensor("a*b", name), value_table(wt.group(name).cayley)
    assert np.array_equal(made.to_dense(), T.to_dense())
    assert np.array_equal(made.coords, T.coords)
    assert np.array_equal(made.core().tensor, T.core().tensor)


def test_a_rectangular_table():
    table = value_table([[0, 1], [1, 0], [2, 2]], "three", size=4)
    assert table.shape == (3, 2, 4)
    dense = table.to_dense(int)
    assert dense.sum() == table.nnz == 6
    assert dense[tuple(table.coords)].tolist() == [1] * 6
    assert table.core().shape == (3, 2, 3)
    assert table == value_table([[0, 1], [1, 0], [2, 2]], size=4)
    assert table != value_table([[0, 1], [1, 0], [2, 2]])
    assert len({table, value_table(table)}) == 1
    with pytest.raises(ValueError, match="read-only"):
        table.values[0, 0] = 1


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: value_table([[0, 1], [2]]), "rows of one length"),
        (lambda: value_table([[0.5]]), "matrix of integers"),
        (lambda: value_table([]), "at least one row"),
        (lambda: value_table([[0, -1]]), "Entry -1 at row 0, column 1"),
        (lambda: value_table([[0, 3]], size=3), "Entry 3 at row 0, column 1"),
        (lambda: value_table([[0]], size=10**9), "1 to 5040"),
        (lambda: ValueTable("t", [[0, 1]], 2, rows=("a", "b")), "'rows' must have 1 different"),
        (lambda: ValueTable("t", [[0, 1]], 2, labels=("a", "a")), "of them 1 different"),
        (lambda: ValueTable("t", [[0, 1]], 2, labels=(1, 2)), "must be a text"),
    ],
)
def test_wrong_tables_are_refused(made, said):
    with pytest.raises(TableError, match=said):
        made()


def test_zeros_before_a_number_make_a_label(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("00,01,10,11\n01,00,11,10\n10,11,00,01\n11,10,01,00\n")
    table = wt.value_table(path)
    assert table.labels == ("00", "01", "10", "11")
    assert np.array_equal(table.values, wt.group("V4").cayley)
    path.write_text("0,00,01,1\n00,01,1,0\n01,1,0,00\n1,0,00,01\n")
    assert wt.value_table(path).kind == "group"
    path.write_text("0,00\n01,1\n")
    with pytest.raises(TableError, match="numbers and texts"):
        wt.value_table(path)
