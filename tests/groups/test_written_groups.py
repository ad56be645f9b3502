"""Generators and presentations in the notations of others, as texts, files and objects."""

import json
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.errors import GroupError, MissingExtraError, OrderLimitError
from wordtensor.groups import Group, group, isomorphism, read_group
from wordtensor.groups._foreign import plain_generators

S3_TEXTS = [
    "Group([ (1,2,3), (1,2) ])",
    "Group((1,2,3),(1,2));",
    "G := Group([ (1,2,3),\n  (1,2) ]);",
    "gap> Group( [ (1,2,3), (1,2) ] );",
    "<(1,2,3),(1,2)>",
    "< (1 2 3), (1 2) >",
    "⟨(1,2,3), (1,2)⟩",
    "PermutationGroup([[(1,2,3)],[(1,2)]])",
    "PermutationGroup([(1,2,3),(1,2)])",
    "Permutation Group with generators [(1,2), (1,2,3)]",
    "[(1,2,3),(1,2)]",
    "(1,2,3), (1,2)",
    "(1,2,3)\n(1,2)\n",
    "# two generators\n(1 2 3) # a rotation\n(1 2)\n",
    "Group([PermList([2,3,1]), (1,2)])",
    "[PermList([2,3,1]), PermList([2,1])]",
    "PermutationGroup([\n    (2)(0 1),\n    (0 1 2)])",
    "[Permutation(0, 1, 2), Permutation(2)(0, 1)]",
    "PermutationGroup([Permutation([1, 2, 0]), Permutation([[0, 1]])])",
    "[[1, 2, 0], [1, 0, 2]]",
    "[[2,3,1],[2,1,3]]",
    "1 2 0\n1 0 2\n",
    "[1 2 0]\n[1 0 2]\n",
]


@pytest.mark.parametrize("text", S3_TEXTS)
def test_generators_are_read_however_they_are_written(text, tmp_path, caplog):
    (tmp_path / "g.txt").write_text(text)
    assert read_group(tmp_path / "g.txt") == group("S3")
    if text[0] in "1#":
        return  # rows of numbers and comments stand in files
    caplog.clear()
    G = group(text)
    assert G == group("S3") and group(G.name) == G
    from_another = any(sign in text for sign in ("PermList", "0", "[["))
    assert bool(re.search("count(ed|s)? from", caplog.text)) == (from_another and "[[(" not in text)


@pytest.mark.parametrize(
    ("content", "order"),
    [
        ({"generators": ["(1,2,3)", "(1,2)"]}, 6),
        ({"generators": [[1, 2, 0], [1, 0, 2]], "name": "mine"}, 6),
        ({"generators": [[2, 3, 1]]}, 3),
        ({"generators": [[[1, 2, 3], [4, 5]], [[1, 2]]]}, 12),
        ({"generators": "Group([ (1,2,3,4) ])"}, 4),
        ({"presentation": "<x, y | x^4, y^2, x y x y>"}, 8),
        (["(1,2,3)(4,5)"], 6),
        ([[1, 2, 3, 0]], 4),
    ],
)
def test_generators_in_json(content, order, tmp_path):
    (tmp_path / "g.json").write_text(json.dumps(content))
    G = read_group(tmp_path / "g.json")
    assert G.order == order
    assert G.name == ("mine" if "name" in content else "g")


def test_products_go_from_right_to_left():
    """(p*q)(i) = p(q(i)): (1 2 3)(1 2) takes 1 to 3."""
    G = group("Group([ (1,2,3), (1,2) ])")
    p, q = G.labels.index("(1 2 3)"), G.labels.index("(1 2)")
    assert G.labels[G.cayley[p, q]] == "(1 3)"


PRESENTED = {
    "<x,y | x^16, y^2, y*x*y^-1*x^-9>": "M5(2)",
    "<x,y | x^2 = y^3 = (x*y)^5 = 1>": "A5",
    "<x, y | x^4, x^2 = y^2, y x y^{-1} = x^(-1)>": "Q8",
    "<a,b|a^7,b^3,baB = a^2>": "C7:C3",
    "<a, b | a^4, b^2, [a,b]>": "C4 x C2",
    "⟨ r, s | r^5, s^2, (rs)^2 ⟩": "D5",
    "Group<x | x^3>": "C3",
    "<x1, x2 | x1^2, x2^2, (x1*x2)^4>": "D4",
    "<x | x>": "C1",
    "<x, y : x³ = y² = 1, yxy = x⁻¹>": "S3",
    "<r, s | r**4, s**2, (r*s)**2>": "D4",
    "<x, y | x^3, y^3, (xy)^3, (xY)^3>": "Heis(3)",
}


@pytest.mark.parametrize(("text", "name"), PRESENTED.items())
def test_presentations_give_the_group_by_words(text, name):
    G = group(text)
    assert isomorphism(G, group(name)) is not None
    assert G.labels[0] == "1" and G.identity == 0
    assert group(G.name) == G and group(G.name).labels == G.labels
    # Every label is a word that gives its element.
    place = {label: k for k, label in enumerate(G.labels)}
    for k, label in enumerate(G.labels):
        product = 0
        for part in label.split("*") if label != "1" else []:
            letter, _, power = part.partition("^")
            times = int(power or 1)
            one = place.get(letter, 0)
            one = one if times > 0 else int(G.inverse[one])
            for _ in range(abs(times)):
                product = int(G.cayley[product, one])
        assert product == k


@pytest.mark.parametrize("text", ["<x | >", "<x, y | x^2>"])
def test_an_infinite_group_ends_with_one_sentence(text):
    with pytest.raises(GroupError, match="is infinite, or not found within 6000 cosets") as refusal:
        group(text)
    assert "\n" not in str(refusal.value)


def test_without_sympy_the_error_names_the_extra(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "sympy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(MissingExtraError, match=r"wordtensor\[presentations\]"):
        Group.from_presentation("<x | x^3>")


def test_names_do_not_import_sympy():
    code = "import sys, wordtensor as wt; wt.group('S4'); wt.group('<(1,2)>'); "
    code += "print('sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_groups_and_permutations_of_sympy():
    from sympy.combinatorics import Permutation, PermutationGroup
    from sympy.combinatorics.named_groups import DihedralGroup, SymmetricGroup

    assert wt.group(SymmetricGroup(4)) == wt.group("S4")
    assert wt.group(DihedralGroup(8)).order == 16
    pair = [Permutation(0, 1), Permutation(0, 1, 2)]
    assert Group.from_permutations(pair) == wt.group(PermutationGroup(pair)) == wt.group("S3")
    assert Group.from_permutations([*pair, "(1 2)"]) == wt.group("S3")
    assert wt.group(PermutationGroup([Permutation([0])])).order == 1
    for text in (str(PermutationGroup(pair)), repr(PermutationGroup(pair)), str(pair)):
        assert wt.group(text) == wt.group("S3")


def test_other_values_of_sympy_are_refused_by_name():
    from sympy.combinatorics import Cycle, Permutation
    from sympy.combinatorics.named_groups import SymmetricGroup

    with pytest.raises(GroupError, match="Cycle"):
        Group.from_permutations([Cycle(0, 1)])
    with pytest.raises(GroupError, match="PermutationGroup of sympy is no permutation"):
        Group.from_permutations([SymmetricGroup(3)])
    with pytest.raises(OrderLimitError):
        wt.group(SymmetricGroup(8))
    assert wt.group(Permutation(0, 1, 2)).order == 3


def test_groups_of_gap():
    pytest.importorskip("passagemath_gap")
    from sage.libs.gap.libgap import libgap

    assert wt.group(libgap.eval("Group((1,2,3),(1,2))")) == wt.group("S3")
    quaternions = wt.group(libgap.eval("SmallGroup(8,4)"))
    assert isomorphism(quaternions, wt.group("Q8")) is not None
    assert Group.from_permutations([libgap.eval("(1,2)"), libgap.eval("(1,2,3)")]).order == 6
    with pytest.raises(GroupError, match="infinite"):
        wt.group(libgap.eval("FreeGroup(2)"))


def test_plain_generators_pass_through():
    rows = [[1, 2, 0], "(1 2)"]
    assert plain_generators(rows) is rows
    assert plain_generators(SimpleNamespace(generators=[])) == SimpleNamespace(generators=[])


REFUSED = {
    "Group([ (1,2,x) ])": r"at 'x' in line 1: points are numbers.*write for example Group",
    "Group([ (1,2), (1,2,3)": "at the end in line 1: a bracket is not closed",
    "Group([ (1,2) ]); H := Group([ (1,3) ]);": "';' in line 1: one group alone",
    "Group([\n (1,2),\n (1;3) ])": "at ';' in line 3",
    "Group()": "needs at least one|neither cycles|no generators",
    "Group([ (1,2)(2,3) ])": "a point twice",
    "(123)": r'"\(1 2 3\)" or "\(1,2,3\)"',
    "Group([ (0,1), (5041,2) ])": r"points must be 1\.\.5040",
    "Group([ (1,2), 3 ])": "Generator 1 is neither cycles nor a list of images",
    "[[0, 0, 1]]": "square|not a permutation",
    "[PermList([2,2,1])]": "not a permutation of 0..2",
    "Group([" + "(1,2)," * 6000 + "])": "There are 6000 generators; at most 5040",
    "PermList": "PermList needs its brackets|no group named",
    "Group([[[[[[[[[[(1,2)]]]]]]]]]])": "nested too deeply",
    "[[0,1,2],[1,2,0],[2,1,0]]": "twice, in row 0 as well",
    "<x, y | x^2": "A presentation is written as <x, y |",
    "<x, x | x^2>": "different names; one is there twice",
    "<x y | x^2>": "'x y' is none",
    "<x, 2 | x^2>": "'2' is none",
    "<x | x^2, z>": "at 'z', after 'x\\^2,': 'z' is not made of the generators",
    "<x | x^>": "at the end, after 'x\\^': an exponent is a whole number",
    "<x | (x^2>": r"'\)' is missing",
    "<x | [x]>": "',' is missing",
    "<x | x^2) >": "a comma or = stands between relations",
    "<x | x^3 + 1>": "at '\\+'",
    "<x, y | x^2^3, y>": "two exponents in a row",
    "<x, y | yx^2^3, y>": "two exponents in a row",
    "<x, y; x^2>": "A presentation is written as",
    "<x | x^999999>": "longer than 10000 letters",
    "<x | " + "(" * 60 + "x" + ")" * 60 + ">": "nested too deeply",
}


@pytest.mark.parametrize(("text", "message"), REFUSED.items())
def test_what_is_no_group_is_refused_in_one_line(text, message, tmp_path):
    with pytest.raises(GroupError, match=message) as refusal:
        group(text)
    assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 300
    (tmp_path / "g.txt").write_text(text)
    with pytest.raises(GroupError, match=r"g\.txt"):
        read_group(tmp_path / "g.txt")


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="Group<>[](){}123,; \n|xy^-=*0PermList#'\"", max_size=40))
def test_no_text_gives_anything_but_a_group_or_a_sentence(text):
    for written in (text, f"Group({text})", f"<x | {text}>"):
        try:
            G = group(written)
        except GroupError as error:
            assert "\n" not in str(error)
        else:
            assert Group.from_cayley(G.cayley) == G


FREE = {
    'F := FreeGroup("x","y");\nG := F / [ F.1^4, F.2^2,\n  (F.1*F.2)^2 ];\n': "D4",
    'F := FreeGroup("a", "b");; b:=F.1;; a:=F.2;;\nr := [a^2, b^3, (a*b)^2];; G := F/r;\n': "S3",
    "F := FreeGroup(2);;\nG := F/[F.1^4, F.1^2*F.2^-2, F.2*F.1*F.2^-1*F.1];;\nSize(G);\n": "Q8",
    'gap> F := FreeGroup("x");;\ngap> AssignGeneratorVariables(F);;\ngap> G := F/[x^3];\n': "C3",
}


@pytest.mark.parametrize("text", FREE)
def test_quotients_of_free_groups_are_presentations(text, tmp_path):
    (tmp_path / "fp.g").write_text(text)
    G = read_group(tmp_path / "fp.g")
    assert isomorphism(G, group(FREE[text])) is not None
    assert group(text) == G


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('F := FreeGroup("x");', "no quotient of the free group F"),
        ('F := FreeGroup("x"); G := F/[F.2];', "1 generators, and none of number 2"),
        ('F := FreeGroup("x"); x := Random(F); G := F/[x];', "'x := Random\\(F\\)' is not read"),
        ('F := FreeGroup("x"); G := F/[Comm(F.1, F.1)];', "'Comm' is not made of the generators"),
        ("F := FreeGroup(x); G := F/[F.1];", "are not read"),
        ('F := FreeGroup("x"); G := F/[];', "is infinite"),
    ],
)
def test_other_statements_beside_a_free_group_are_refused(text, said):
    with pytest.raises(GroupError, match=said):
        group(text)


@pytest.mark.parametrize(
    "text",
    [
        "<pc group of size 24 with 4 generators>",
        "<fp group on the generators [ x, y ]>",
        "<permutation group of size 24 with 2 generators>",
        "gap> <group with 2 generators>;",
        "Group(<fp, no generators known>)",
        "Group( [ f1, f2 ] )",
        "[ f1, f2, f3 ]",
    ],
)
def test_what_gap_prints_of_no_certain_group_is_answered_with_what_to_print(text, tmp_path):
    (tmp_path / "g.txt").write_text(text)
    for read in (lambda: group(text), lambda: read_group(tmp_path / "g.txt")):
        with pytest.raises(GroupError, match=r"MultiplicationTable\(G\), IdGroup"):
            read()


def test_relators_alone_need_their_generators():
    with pytest.raises(GroupError, match=r"need their generators; write for example <x, y \|"):
        group("[ x^4, y^2, x*y*x*y ]")


@pytest.mark.parametrize(
    "text",
    [
        "M := [ [ 1, 2 ], [ 2, 1 ] ];;\nDisplay(M);\n",
        "M := [[1,2],[2,1]];; Print(M); Size(M);",
        "G := Group((1,2));;\ngap> Display(G);;\n",
    ],
)
def test_commands_that_print_a_group_are_left_out(text, tmp_path):
    (tmp_path / "m.g").write_text(text)
    assert read_group(tmp_path / "m.g").order == 2
    with pytest.raises(GroupError):
        group(text + "Foo(M);")


@pytest.mark.parametrize("table", [[[0, 1, 2], [1, 2, 0], [2, 0, 1]], [["e", "a"], ["a", "e"]]])
@pytest.mark.parametrize("dtype", [None, object])
def test_an_array_in_the_place_of_a_group_is_its_table(table, dtype):
    G = group(np.array(table, dtype=dtype))
    assert isomorphism(G, group(f"C{len(table)}")) is not None


@pytest.mark.parametrize(
    "array",
    [np.zeros((2, 3), int), np.array(3), np.array([[None]]), np.array([[b"e"]]), np.ones((2, 2)),
     np.zeros((0, 0)), np.array(["e"]), np.array([[0.5]]), np.array([["e", 2.5], [2.5, "e"]], "O")],
)  # fmt: skip
def test_other_arrays_are_no_group(array):
    with pytest.raises(GroupError):
        group(array)
