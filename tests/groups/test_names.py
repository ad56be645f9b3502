"""Names to groups: every family, canonical names, and what is refused."""

import re
import sys

import numpy as np
import pytest

from wordtensor import memory_limit
from wordtensor.errors import GroupError, MemoryLimitError, OrderLimitError
from wordtensor.groups import (
    Group,
    element_orders,
    group,
    identify,
    is_abelian,
    isomorphism,
    power_map,
    subgroup,
)
from wordtensor.groups._catalogue import (
    small_group_count,
    small_group_generators,
    small_group_name,
)
from wordtensor.groups.families import gap_actions

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
    "QD16": "SD16",
    "SL(2,4)": "SL(2,4)",
    "PSL2(8)": "PSL(2,8)",
    "agl(1,8)": "AGL(1,8)",
    "F42": "C7:C6",
    "F56": "AGL(1,8)",
    "Hol(Z8)": "Hol(C8)",
    "es+(32)": "ES+(32)",
    "2^{1+4}_-": "ES-(32)",
    "2_+^(1+4)": "ES+(32)",
    "3^(1+2)+": "ES+(27)",
    "S3 wr C2": "S3 wr C2",
    "(C2 x C2) wr S2 x C3": "(C2 x C2) wr S2 x C3",
    "(S3 wr C2) x C2": "S3 wr C2 x C2",
    "C3:C4": "C3:C4[2]",
    "C2 x (C3 : C4)": "C2 x (C3:C4[2])",
    "C7:C9": "C7:C9[2]",
    "(C3 x C3) : C3": "Heis(3)",
    "C3 : Q8": "Dic6",
    "1": "C1",
    "1 x S3": "C1 x S3",
    "He3": "Heis(3)",
    "SmallGroup([24, 3])": "SL(2,3)",
    "(S3 x S3) : C2": "S3 wr C2",
    "Sym(4)": "S4",
    "Alt(5)": "A5",
    "C2h": "C2 x C2",
    "D3h": "D3 x C2",
    "D2d": "D4",
    "Td": "S4",
    "Oh": "S4 x C2",
    "Ih": "A5 x C2",
    "AbelianGroup([2,4])": "C2 x C4",
    "DihedralGroup(8)": "D4",
    "DihedralGroup(5)": "D5",
    "DicyclicGroup(12)": "Dic3",
    "F20": "C5:C4",
    "F21": "C7:C3",
    "GL(3,2)": "PSL(2,7)",
    "PSL(3,2)": "PSL(2,7)",
    "C3v": "D3",
    "CyclicGroup(6)": "C6",
    "Z/5Z x Z/2": "C5 x C2",
    "(C6 x C2) : C2": "SmallGroup(24,8)",
    "S₄ × C₂²": "S4 x C2^2",
    "D_{4}": "D4",
    "C2 ≀ S3": "C2 wr S3",
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
    "M3(3)": 27, "M4(3)": 81, "Heis(2)": 8, "Heis(5)": 125, "SL(2,4)": 60, "SL(2,8)": 504,
    "GL(2,4)": 180, "PSL(2,9)": 360,
    "PGL(2,4)": 60, "PGL(2,9)": 720, "SL(2,9)": 720, "AGL(1,9)": 72, "AGL(1,7)": 42, "Hol(C8)": 32,
    "ES+(8)": 8, "ES-(8)": 8, "ES+(32)": 32, "ES-(128)": 128, "ES+(27)": 27, "ES-(125)": 125,
    "ES-(243)": 243, "D4 wr C2": 128, "C2 wr A4": 192, "C1 wr S3": 6, "Hol(C1)": 1,
    "C5:C4": 20, "C9:C6": 54,
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


@pytest.mark.parametrize(
    ("name", "same"),
    [("SL(2,4)", "A5"), ("PSL(2,9)", "A6"), ("PGL(2,4)", "A5"), ("AGL(1,4)", "A4"),
     ("F20", "C5:C4"),
     ("ES+(8)", "D4"), ("ES-(8)", "Q8"), ("ES+(27)", "Heis(3)"), ("ES-(27)", "M3(3)"),
     ("C2 wr C2", "D4"), ("Hol(C5)", "C5:C4"), ("GL(2,4)", "A5 x C3"), ("C2 wr S3", "S4 x C2"),
     ("D3d", "S3 x C2"), ("C3:Q8", "Dic6"), ("2^{1+4}_+", "ES+(32)")],
)  # fmt: skip
def test_names_of_one_group(name, same):
    assert isomorphism(group(name), group(same)) is not None


@pytest.mark.parametrize(("sign", "squares"), [("+", 2 * (8 + 2)), ("-", 2 * (8 - 2))])
def test_extraspecial_groups_have_as_many_involutions_as_their_form_has_zeros(sign, squares):
    """A form of type + or - on F_2^(2n) has 2^(2n-1) +- 2^(n-1) zeros."""
    orders = element_orders(group(f"ES{sign}(32)"))
    assert sorted(set(orders.tolist())) == [1, 2, 4]
    assert (orders <= 2).sum() == squares
    assert len(derived(group(f"ES{sign}(32)"))) == 2


@pytest.mark.parametrize("name", ["DihedralGroup(8)", "DihedralGroup(5)", "DicyclicGroup(12)"])
def test_what_gap_counts_in_another_way_is_said(name, caplog):
    group(name)
    assert "GAP" in caplog.text and "order" in caplog.text


def test_gap_means_a_dihedral_group_of_that_order():
    assert group("DihedralGroup(8)").order == 8 and group("DicyclicGroup(12)").order == 12


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
        ("GL(2,1)", "at least 2"),
        ("SL(2,6)", "power of a prime number; given 6"),
        ("AGL(1,6)", "power of a prime number; given 6"),
        ("ES+(16)", "p\\^3, p\\^5"),
        ("ES-(24)", "power of a prime number; given 24"),
        ("2^{1+14}_+", "above the limit"),
        ("F30", "There is no group named"),
        ("F72", r"several Frobenius groups of order 72; \"AGL\(1,9\)\" is one"),
        ("S4 wr C3", "above the limit"),
        ("S3 wr D4", "must be Cn, Sn or An"),
        ("C2 wr C2^2", "two ways"),
        ("C5:C8", r"write C5:C8\[r\] with r among \[2, 3, 4\]"),
        (
            "(C8 x C2):C2",
            r"write SmallGroup\(32,5\), SmallGroup\(32,9\), .* or SmallGroup\(32,42\)",
        ),
        ("Dihedral8", r"8 in GAP and 16 elsewhere; write D4 \(of order 8\) or D8 \(of"),
        ("Dicyclic12", r"write Dic3 \(of order 12\) or Dic12 \(of order 48\)"),
        ("D0h", "at least 1"),
        ("Heis(4)", "prime"),
        ("M5(4)", "prime"),
        ("M2(2)", "at least 3"),
        ("C15:C2", r"ambiguous: write C15:C2\[4\], C15:C2\[11\] or C15:C2\[14\]"),
        ("C15:C2[2]", r"one of \[1, 4, 11, 14\]"),
        ("C15:C2[16]", r"one of \[1, 4, 11, 14\]"),
        ("C5:C3", "write C5 x C3"),
        ("C7:C3:C2", "only known between cyclic groups"),
        ("Q8:C2", "only known between cyclic groups"),
        ("foo", '^There is no group named "foo"\\. Write for example C12, .* or C2\\^3$'),
        ("Dihedral5", 'did you mean "D5" \\(of order 10\\)\\?$'),
        ("D5*Z2", 'did you mean the direct product "D5 x Z2" \\(of order 20\\)\\?$'),
        ("C2^2 * C3", 'the direct product "C2\\^2 x C3" \\(of order 12\\)\\?$'),
        ("Z2 + Z2·Z2", 'the direct product "Z2 x Z2 x Z2" \\(of order 8\\)\\?$'),
        ("(D5*Q8) x C2", 'the direct product "D5 x Q8" \\(of order 80\\)\\?$'),
        ("S3*foo", 'no group named "S3\\*foo"\\. Write'),
        ("Quaternions", 'did you mean "Q8" \\(of order 8\\)\\?$'),
        ("Diic3", 'did you mean "Dic3" \\(of order 12\\)\\?$'),
        ("M11", "Mathieu group M11 has order 7920, above"),
        ("C4.D8", "only known between cyclic groups"),
        ("C2^2 : C9", "only known between cyclic groups"),
        ("Z_7^*", "write C6$"),
        ("Z_8^*", "product of cyclic groups"),
        ("C7:C3^2", r'two ways; if all of it is raised, write "\(C7:C3\)\^2"'),
        ("(C4 x C2) : C2", r"write SmallGroup\(16,3\) or SmallGroup\(16,13\)"),
        ("D5 2", "broken by a space"),
        ("Z_2_3", "broken by a space"),
        ("C2^٣", "positive"),
        ("foo\x1b[31m\u202e", r'named "foo\\x1b\[31m\\u202e"'),
        ("y" * 150, "y{60}\\.\\.\\."),
        ("C1^12^12^12^12^12^12^12", "at most 4000 letters"),
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
        ("(C2)(C3)", 'no group named "\\(C2\\)\\(C3\\)"\\. Write'),
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
    with pytest.raises(GroupError, match="must be a name, a Group or an array"):
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


# Groups that people ask for, with their orders; none has a name here.
OTHERS = {
    "SU(2,3)": 24, "GU(2,3)": 96, "SO(3,3)": 24, "GO(3,3)": 48, "Sp(4,2)": 720, "PSU(3,2)": 72,
    "Hol(8)": 32, "SL(3,3)": 5616, "GL(4,2)": 20160,
    "J1": 175560, "Suz": None, "C4oD4": 16, "D4oC4": 16, "ES(27)": 27, "PSK(2,7)": None,
    "SM(2,3)": None, "Quaternion12": 12, "Sym9": 362880, "Dih7": 14, "Alt5": 60, "Cyclic9": 9,
    "C2v2": None, "Dic": None,
    "Klein": 4, "Klein7": None, "SL(5)": None, "SL(3,2,2)": None, "M(2)": None, "Z*": None,
}  # fmt: skip


@pytest.mark.parametrize(("name", "order"), OTHERS.items())
def test_a_suggestion_is_a_group_of_the_order_that_was_meant(name, order):
    with pytest.raises(GroupError) as refusal:
        group(name)
    meant = re.search(r'did you mean "([^"]+)" \(of order (\d+)\)', str(refusal.value))
    if meant:
        assert group(meant.group(1)).order == int(meant.group(2)) == order
        given, suggested = (re.findall(r"\d+", text) for text in (name, meant.group(1)))
        assert given == suggested or not given
    assert len(str(refusal.value)) < 240


@pytest.mark.parametrize("order", range(1, 64))
def test_every_name_of_the_catalogue_gives_that_very_group(order):
    for number in range(1, small_group_count(order) + 1):
        if small_group_name(order, number) or small_group_generators(order, number):
            G = group(f"SmallGroup({order},{number})")
            assert group(G.name).name == G.name
            assert group(G.name) == G


def derived(G):
    products = G.cayley[G.cayley, G.cayley[np.ix_(G.inverse, G.inverse)]]  # a b a^-1 b^-1
    return subgroup(G, np.unique(products))


@pytest.mark.parametrize(
    ("number", "commutators", "squares"), [((16, 3), 2, 4), ((16, 13), 2, 2), ((18, 4), 9, 9),
                                           ((24, 8), 6, 6)],
)  # fmt: skip
def test_small_groups_given_by_generators(number, commutators, squares):
    """The invariants of the catalogue's test do not tell (16,3) and (16,13): their quotients do."""
    G = group("SmallGroup({},{})".format(*number))
    assert len(derived(G)) == commutators
    # G / <squares> is the largest quotient of exponent 2: C2^2 and C2^3.
    assert len(subgroup(G, np.unique(power_map(G, 2)))) == squares


def test_all_groups_of_order_up_to_31_have_a_name_or_generators():
    for order in range(1, 32):
        for number in range(1, small_group_count(order) + 1):
            assert small_group_name(order, number) or small_group_generators(order, number)


@pytest.mark.parametrize("name", ["S7", "C5040", "D2520", "C2^12"])
def test_a_table_above_the_memory_limit_is_refused_before_it_is_made(name, monkeypatch):
    def made(*arguments, **options):
        raise AssertionError("it should not have come to this")

    monkeypatch.setattr(Group, "from_permutations", made)
    with memory_limit(0.01), pytest.raises(MemoryLimitError, match=r"table of .* would take about"):
        group(name)


@pytest.mark.parametrize("name", ["S8", "C2^13", "C100000", "S6 x S6", "SmallGroup(6000,1)", "M11"])
def test_what_is_too_large_has_a_class_of_its_own(name):
    with pytest.raises(OrderLimitError, match="above the limit of 5040"):
        group(name)


@pytest.mark.parametrize("name", ["S99999999999", "C0", "my own", "SL(2,6)", "C1^99"])
def test_what_is_no_name_is_not_called_too_large(name):
    with pytest.raises(GroupError) as refusal:
        group(name)
    assert type(refusal.value) is GroupError


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("C3 x D8", "D8 has order 16 here; GAP's D8 is D4 here"),
        ("C2 x C2 x D12", "D12 has order 24 here; GAP's D12 is D6 here"),
        ("D10 x D10", "GAP's D10 is D5 here"),
        ("C5 : C4", "C5:C4[2], here; GAP writes C5 : C4 of C5:C4[4] as well"),
        ("C2 x (C13 : C4)", "GAP writes C13 : C4 of C13:C4[12] as well"),
    ],
)
def test_what_gap_means_by_a_name_in_its_form_is_said(name, said, caplog):
    group(name)
    assert said in caplog.text and len(caplog.records) == 1


@pytest.mark.parametrize(
    "name",
    ["D8", "D8 x C2", "C3 x D4", "C3xD8", "V4 x D8", "C5:C4", "(C5:C4) x C3", "C3 x S3", "C7 : C3",
     "C3 : C4", "C7 : C6", "S3 x D5", "C2 x Q8", "SmallGroup(24,10)"],
)  # fmt: skip
def test_names_that_gap_does_not_print_or_that_mean_the_same_go_without_a_word(name, caplog):
    group(name)
    assert caplog.text == ""


# What GAP's StructureDescription prints so, for all such groups of order below 64.
GAP_SEMIDIRECT = {
    (3, 4): [(12, 1)], (4, 4): [(16, 4)], (8, 2): [(16, 6)], (16, 2): [(32, 17)],
    (5, 4): [(20, 1), (20, 3)], (13, 4): [(52, 1), (52, 3)], (5, 8): [(40, 1), (40, 3)],
    (7, 3): [(21, 1)], (12, 4): [(48, 13)], (15, 2): [], (12, 2): [], (9, 2): [],
}  # fmt: skip


@pytest.mark.parametrize(("m", "n"), GAP_SEMIDIRECT)
def test_which_semidirect_products_gap_describes_so(m, n):
    made = [identify(group(f"C{m}:C{n}[{r}]")) for r in gap_actions(m, n)]
    assert sorted((one.order, one.number) for one in made) == GAP_SEMIDIRECT[m, n]


def test_what_gap_means_by_an_ambiguous_name_is_in_the_error():
    with pytest.raises(GroupError, match=r"ambiguous.*; GAP's C8 : C2 is C8:C2\[5\]$"):
        group("C8 : C2")
    assert identify("C8:C2[5]").name == "M4(2)"


def test_idgroups_pairs_are_small_groups_and_two_points_are_permuted(caplog):
    assert group("[ 24, 12 ]") == group("SmallGroup(24,12)")
    assert "[ 24, 12 ]: it is read as SmallGroup(24,12)" in caplog.text
    assert group("[1, 0]").order == group("[2,1];").order == 2 and group("[1, 2]").order == 1


def test_a_file_in_the_place_of_a_group_is_answered_with_its_reader():
    with pytest.raises(GroupError, match=r'^"s4.csv" names a file.*wt.groups.read_group'):
        group("s4.csv")


@pytest.mark.parametrize("name", ["my_d5_group_v2.csv", "tables/D5.NPY", "no such.json"])
def test_the_name_of_a_file_is_told_who_reads_it(name):
    with pytest.raises(GroupError) as told:
        group(name)
    assert f'"{name}" names a file' in str(told.value) and "read_group" in str(told.value)
