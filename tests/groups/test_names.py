"""Names to groups: every family, canonical names, and what is refused."""

import re
import sys

import pytest

from wordtensor.errors import GroupError
from wordtensor.groups import Group, element_orders, group, is_abelian

CANONICAL = {
    "z12": "C12",
    " C 12 ": "C12",
    "C_12": "C12",
    "d5 X z2": "D5 x C2",
    "D5×C2": "D5 x C2",
    "k4": "V4",
    "dic3": "Dic3",
    "q16": "Q16",
    "sd16": "SD16",
    "sl(2, 3)": "SL(2,3)",
    "SL2(3)": "SL(2,3)",
    "psl(2,7)": "PSL(2,7)",
    "m5(2)": "M5(2)",
    "heis(3)": "Heis(3)",
    "Z7:Z3": "C7:C3",
    "C7 ⋊ C3": "C7:C3",
    "C7:C3[2]": "C7:C3",
    "C7:C3[4]": "C7:C3[4]",
    "C15:C2[4]": "C15:C2[4]",
    "C3:C4[2]": "C3:C4[2]",
    "Z2^3": "C2^3",
    "C2^1": "C2",
    "((S3))": "S3",
    "(C2 x C3) x (C5 x C1)": "C2 x C3 x C5 x C1",
    "(C2xC3)^2": "(C2 x C3)^2",
    "C2^2^2": "(C2^2)^2",
    "C7:C3 x C2": "(C7:C3) x C2",
    "(C7:C3)^2": "(C7:C3)^2",
    "C7:C3[2]^2": "(C7:C3)^2",
    "(C2^2)": "C2^2",
    "SmallGroup(4,2)^2": "V4^2",
    "smallgroup(21,1)": "C7:C3",
    "SmallGroup(6,1) x C5": "S3 x C5",
    "SmallGroup(24,3)": "SL(2,3)",
}


@pytest.mark.parametrize(("given", "canonical"), CANONICAL.items())
def test_canonical_names_give_the_same_group_again(given, canonical):
    G = group(given)
    assert G.name == canonical
    assert group(G.name).name == G.name and group(G.name) == G


FAMILIES = {
    "C1": 1, "C3": 3, "D1": 2, "D2": 4, "D5": 10, "Dic1": 4, "Dic3": 12, "Q8": 8, "Q32": 32,
    "SD16": 16, "SD32": 32, "V4": 4, "S1": 1, "S2": 2, "S5": 120, "A1": 1, "A2": 1, "A3": 3,
    "A5": 60, "SL(2,2)": 6, "SL(2,5)": 120, "GL(2,3)": 48, "GL(2,5)": 480, "PSL(2,2)": 6,
    "PSL(2,3)": 12, "PSL(2,11)": 660, "PGL(2,2)": 6, "PGL(2,5)": 120, "M3(2)": 8, "M5(2)": 32,
    "M3(3)": 27, "M4(3)": 81, "Heis(2)": 8, "Heis(5)": 125, "C5:C4": 20, "C9:C6": 54,
    "C5:C1": 5, "C8:C2[3]": 16, "C4:C4[3]": 16, "D4 x Q8": 64, "C3^4": 81,
}  # fmt: skip


@pytest.mark.parametrize(("name", "order"), FAMILIES.items())
def test_every_family_makes_a_group_of_its_order(name, order):
    G = group(name)
    assert G.order == order and G.identity == 0
    assert len(set(G.labels)) == order
    assert Group.from_cayley(G.cayley) == G  # associativity, inverses and all else, checked
    assert (G.inverse == Group.from_cayley(G.cayley).inverse).all()


def power(G, g, k):
    result = G.identity
    for _ in range(k):
        result = G.cayley[result, g]
    return result


@pytest.mark.parametrize(
    ("name", "n", "k", "r", "t"),
    [("D5", 5, 2, 4, 0), ("Dic3", 6, 2, 5, 3), ("Q16", 8, 2, 7, 4), ("SD16", 8, 2, 3, 0),
     ("M5(2)", 16, 2, 9, 0), ("M3(3)", 9, 3, 4, 0), ("C7:C3", 7, 3, 2, 0), ("C13:C3", 13, 3, 3, 0),
     ("C15:C2[11]", 15, 2, 11, 0), ("C3:C4[2]", 3, 4, 2, 0)],
)  # fmt: skip
def test_presentations(name, n, k, r, t):
    """x^n = 1, y^k = x^t, y x y^-1 = x^r, where x has index 1 and y index n."""
    G = group(name)
    x, y = 1, n
    assert element_orders(G)[x] == n
    assert power(G, y, k) == power(G, x, t)
    assert G.cayley[G.cayley[y, x], G.inverse[y]] == power(G, x, r)
    assert power(G, y, 1) not in {power(G, x, i) for i in range(n)}


def test_quaternions_multiply_as_hamilton_says():
    G = group("Q8")
    i, j, k = (G.labels.index(letter) for letter in "ijk")
    minus = G.labels.index("-1")
    assert G.cayley[i, j] == k and G.cayley[j, k] == i and G.cayley[k, i] == j
    assert G.cayley[j, i] == G.labels.index("-k") and G.cayley[i, i] == minus


def test_products_are_componentwise():
    G, H = group("S3"), group("C4")
    P = group("S3 x C4")
    assert P.labels[5] == "((2 3), x)"
    for a in range(24):
        for b in range(24):
            left, right = G.cayley[a // 4, b // 4], H.cayley[a % 4, b % 4]
            assert P.cayley[a, b] == left * 4 + right
    assert is_abelian(group("C4 x C6")) and not is_abelian(P)


def test_a_group_passes_through():
    G = group("Q8")
    assert group(G) is G


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("S8", r"^S8 has order 40320, above the limit of 5040 \(its table would take 6.06 GiB\)"),
        ("A8", "order 20160, above"),
        ("C100000", "order 100000, above"),
        ("D3000", "order 6000, above"),
        ("S1000000", "above the limit"),
        ("M100000(2)", "above the limit"),
        ("C2^13", "order 8192, above"),
        ("C2^999999999", "above the limit"),
        ("S7 x C2", "^S7 x C2 has order 10080, above"),
        ("S6 x S6 x S6 x S6 x S6", "above the limit"),
        ("GL(2,11)", "order 13200, above"),
        ("SmallGroup(6000,1)", "order 6000, above"),
        ("C1^99", "at most 12"),
        ("C0", "at least 1"),
        ("D0", "at least 1"),
        ("S0", "at least 1"),
        ("Q12", "power of 2.*Dic3"),
        ("Q4", "power of 2"),
        ("SD8", "power of 2"),
        ("SL(2,4)", "prime"),
        ("GL(2,1)", "at least 2"),
        ("Heis(4)", "prime"),
        ("M5(4)", "prime"),
        ("M2(2)", "at least 3"),
        ("C15:C2", r"ambiguous: write C15:C2\[4\], C15:C2\[11\] or C15:C2\[14\]"),
        ("C15:C2[2]", r"one of \[1, 4, 11, 14\]"),
        ("C15:C2[16]", r"one of \[1, 4, 11, 14\]"),
        ("C5:C3", "write C5 x C3"),
        ("C3:C4", r"write C3:C4\[r\] with r among \[2\]"),
        ("(C4xC2):C2", "only known between cyclic groups"),
        ("C7:C3:C2", "only known between cyclic groups"),
        ("Q8:C2", "only known between cyclic groups"),
        ("foo", 'There is no group named "foo"\\. Allowed are Cn or Zn, .*parentheses\\.$'),
        ("SM(2,3)", 'did you mean "SL'),
        ("Dihedral5", 'did you mean "D5"'),
        ("PSK(2,7)", 'did you mean "PSL\\(2,7\\)"'),
        ("Quaternions", 'did you mean "Q8"'),
        ("Diic3", 'did you mean "Dic3"'),
        ("C٣", "There is no group named"),
        ("C-3", "There is no group named"),
        ("C2.5", "There is no group named"),
        ("", "empty"),
        ("  ", "empty"),
        ("()", "empty"),
        ("S3 x", "factor is missing"),
        ("x", "factor is missing"),
        ("(S3", "do not match"),
        ("S3)", "do not match"),
        (")(", "do not match"),
        ("C2^0", "positive"),
        ("C2^-1", "positive"),
        ("C2^", "positive"),
        ("C2^(2)", "positive"),
        ("(C2)(C3)", 'no group named "\\(C2\\)\\(C3\\)"\\. Allowed'),
        ("C" + "9" * 20, "9 digits"),
        ("C2" + " x C2" * 100, "200 letters"),
        ("(" * 150 + "C2" + ")" * 50, "do not match|200"),
        ("SmallGroup(0,1)", "at least 1"),
        ("SmallGroup(16,15)", "14 groups of order 16"),
        ("SmallGroup(8,0)", "5 groups of order 8"),
    ],
)
def test_refused_names(name, message):
    with pytest.raises(GroupError, match=message):
        group(name)


@pytest.mark.parametrize("value", [None, 5, 3.5, b"S3", ["S3"], [[0, 1], [1, 0]]])
def test_refused_types(value):
    with pytest.raises(GroupError, match="a name or a Group"):
        group(value)


def test_deep_parentheses_are_read():
    assert group("(" * 90 + "C2" + ")" * 90).order == 2


def test_without_gap_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "passagemath_gap", None)
    with pytest.raises(GroupError, match=r"pip install wordtensor\[gap\]"):
        group("SmallGroup(100,3)")


def test_with_gap_any_small_group_is_made():
    pytest.importorskip("passagemath_gap")
    G = group("SmallGroup(16,3)")
    assert G.order == 16 and Group.from_cayley(G.cayley) == G
    with pytest.raises(GroupError, match="16 groups of order 100"):
        group("SmallGroup(100,17)")


@pytest.mark.parametrize("name", ["Hol(8)", "Quaternion12", "Sym9"])
def test_no_name_is_suggested_that_would_be_refused(name):
    with pytest.raises(GroupError) as refusal:
        group(name)
    meant = re.search(r'did you mean "([^"]+)"', str(refusal.value))
    assert meant is None or group(meant.group(1)).order > 0
