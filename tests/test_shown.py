"""What values show in a notebook: what they print, as HTML that nobody can inject into."""

from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

import wordtensor as wt
from wordtensor._shown import Shown, Table, facts, shown
from wordtensor.atlas import default_atlas, lookup
from wordtensor.compare import compare, compare_table
from wordtensor.irreps import real_characters, real_irreps
from wordtensor.margins import margin_optimum
from wordtensor.rank import judge_width, plan_tensor, verify
from wordtensor.schemes import ComplexScheme, best_scheme

CASES = [("a*b", "C3"), ("a*b*a", "Q8"), ("a*b", "C4:C4"), ("a*b", "SL(2,3)")]
EVIL = "<script>alert(1)</script>"
ALLOWED = {
    "div", "p", "br", "strong", "table", "thead", "tbody", "tr", "td", "th", "details", "summary",
}  # fmt: skip


class Tree(HTMLParser):
    """Refuses what is not nested, or not ours, and keeps the text."""

    def __init__(self):
        super().__init__()
        self.open, self.texts, self.rows = [], [], []

    def handle_starttag(self, tag, attrs):
        assert tag in ALLOWED
        assert {name for name, _ in attrs} <= {"class", "style"}
        assert all(value.startswith("text-align:") for name, value in attrs if name == "style")
        # A paragraph has no blocks in it.
        assert "p" not in self.open or tag in {"br", "strong"}
        if tag == "tr":
            self.rows.append(0)
        if tag in {"td", "th"}:
            self.rows[-1] += 1
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def text_of(html):
    tree = Tree()
    tree.feed(html)
    tree.close()
    assert tree.open == []
    return " ".join(" ".join(tree.texts).split())


def shown_text(value):
    html = value._repr_html_()
    assert len(html) < 16_000
    return text_of(html)


def lines_of(value):
    """Return what a value prints, without its tables' spaces."""
    return [" ".join(line.split()) for line in str(value).splitlines() if line]


@pytest.mark.parametrize(("word", "name"), CASES)
def test_plans_and_decompositions_show_what_they_print(word, name):
    d = wt.decompose(word, name)
    for value in (wt.plan(word, name), d, verify(d)):
        text = shown_text(value)
        for line in lines_of(value):
            assert line in text
    assert f"rank {d.rank}" in shown_text(d)
    assert f"lower bound {d.lower_bound}" in shown_text(d)


@pytest.mark.parametrize(("word", "name"), CASES)
def test_widths_and_blocks(word, name):
    d = wt.decompose(word, name)
    for width in (1, d.lower_bound, d.rank + 1):
        verdict = judge_width(d, width)
        text = shown_text(verdict)
        assert verdict.answer in text
        assert " ".join(str(verdict).split()) in text
    for block in d.blocks:
        assert f"block {block.name}: rank {block.rank}" in shown_text(block)
        latex = block._repr_latex_()
        assert latex == block.as_block()._repr_latex_()
        assert latex[0] == latex[-1] == "$"
        assert all(str(size) in latex for size in block.sizes or block.shape)


def test_the_formula_of_a_block_says_where_its_entries_live():
    blocks = [b._repr_latex_() for b in wt.decompose("a*b", "Q8").blocks]
    assert blocks[0] == r"$\langle 1, 1, 1 \rangle$"
    assert blocks[-1] == r"$\langle 1, 1, 1 \rangle_{\mathbb{H}}$"


@pytest.mark.parametrize(("word", "name"), CASES[:3])
def test_comparisons_show_their_verdict(word, name):
    d = wt.decompose(word, name)
    c = compare(d.factors, word, name, decomposition=d)
    text = shown_text(c)
    assert c.verdict()
    for line in lines_of(c):
        assert line in text
    assert all(row[1] in text for row in c.ablation_rows()[1][:24])


def test_comparisons_with_tables_show_their_verdict():
    table = wt.value_table("x/y mod 5")
    d = wt.solve(table)
    c = compare_table(d.factors, table, decomposition=d)
    for value in (c, d, plan_tensor(table)):
        text = shown_text(value)
        for line in lines_of(value):
            assert line in text
    assert all(said in text_of(c._repr_html_()) for said in c.verdict())


def test_runs_show_how_they_ended():
    nets = pytest.importorskip("wordtensor.nets", reason="needs torch")
    run = nets.train(nets.TrainConfig(group="C3", width=12, steps=20))
    text = shown_text(run)
    for line in lines_of(run):
        assert line in text
    assert "It ended after all of its 20 steps." in text


@pytest.mark.parametrize("name", ["C3", "Q8", "C4:C4", "S4"])
def test_groups_count_what_the_functions_count(name):
    G = wt.group(name)
    text = shown_text(G)
    classes = len(wt.groups.conjugacy_classes(G).sizes)
    assert f"{G.name}: a group of order {G.order}" in text
    assert f"conjugacy classes {classes} centre order {len(wt.groups.centre(G))}: " in text
    assert f"exponent {wt.groups.exponent(G)} " in text
    orders = wt.groups.element_orders(G)
    for g in range(G.order):
        assert f"{G.labels[g]} {orders[g]} {G.labels[G.inverse[g]]}" in text


@pytest.mark.parametrize("name", ["C3", "Q8", "C4:C4"])
def test_irreps_say_what_they_are(name):
    table = real_characters(name)
    assert f"{len(table)} real irreps of {table.group.name}" in shown_text(table)
    for phi in real_irreps(name):
        text = shown_text(phi)
        assert f"Irrep {phi.label} of a group of order {phi.order}" in text
        assert f"real dimension {phi.dim} type {phi.type}" in text


def test_schemes_have_their_products():
    text = shown_text(best_scheme(2, 2, 2))
    assert "<2,2,2>: 7 products" in text
    assert "products of the standard algorithm 8" in text
    s = best_scheme(1, 1, 1)
    assert "m1 a11 b11" in shown_text(s)
    assert "c11 m1" in shown_text(s)
    complex_scheme = ComplexScheme((1, 1, 1), *np.array([[[[1, 0]]]] * 3))
    assert "<1,1,1> with complex coefficients: 1 products" in shown_text(complex_scheme)
    assert "up to 4 real ones" in shown_text(best_scheme(1, 1, 1, "C"))


def test_the_atlas_and_its_entries():
    entry = lookup("a*b", "S3")
    text = shown_text(entry)
    assert text.startswith("a*b over S3: rank 9 (settled)")
    for line in lines_of(entry):
        assert line in text
    settled = sum(each.is_settled for each in default_atlas())
    assert f"{settled} of {len(default_atlas())} entries are settled" in shown_text(default_atlas())


def test_margins_show_what_they_print():
    best = margin_optimum("Q8")
    for line in lines_of(best):
        assert line in shown_text(best)


@pytest.mark.parametrize(
    ("text", "formula"), [("a*b*a^-1", r"$a \, b \, a^{-1}$"), ("1", "$1$"), ("b^12", "$b^{12}$")]
)
def test_words_are_formulas(text, formula):
    assert wt.word(text)._repr_latex_() == formula


def test_a_long_word_stays_text():
    assert wt.word("(a*b)^31")._repr_latex_() is None


def test_labels_and_names_cannot_leave_their_place():
    labels = [EVIL, '"&amp;', "\u202ea\x1b"]
    table = wt.group("C3").cayley
    G = wt.Group.from_cayley(table, name=f"$x$</p>{EVIL}", labels=labels)
    d = wt.decompose("a*b", G)
    values = [G, d, wt.plan("a*b", G), judge_width(d, 3), real_characters(G)]
    values += [compare(d.factors, "a*b", G, decomposition=d, name=EVIL)]
    for value in values:
        html = value._repr_html_()
        assert "<script" not in html
        assert "alert(1)" in html
        text_of(html)
        assert html.startswith('<div class="mathjax_ignore')
        assert not {"\x1b", "\u202e"} & set(unescape(html))


class Long(Shown):
    def _parts(self):
        return ["title", Table(["k"], [[k] for k in range(100)]), "the end"]

    def _folded(self):
        return [Table(["a", "b"], [["x", 1]], about="more")]


def test_long_tables_are_folded_and_cut():
    html = Long()._repr_html_()
    assert html.count("<details>") == 2
    assert "<summary>100 rows</summary>" in html
    assert html.count("<tr>") == 25 + 2
    assert "and 76 more" in text_of(html)
    assert "more" not in str(Long())
    assert len(str(Long()).splitlines()) == 103


def test_lines_make_paragraphs():
    html = shown(["title", "one", "two", "", "three", facts([("key", 1)]), "four"])
    assert "<p>one<br>two</p><p>three</p><table>" in html
    assert html.endswith("</table><p>four</p></div>")
    assert text_of(html) == "title one two three key 1 four"


def test_nothing_endless_is_shown():
    html = shown(["x" * 10_000])
    assert len(html) < 1200
