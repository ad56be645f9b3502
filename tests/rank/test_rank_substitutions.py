"""Words that are functions of simpler ones."""

import numpy as np
import pytest

from wordtensor.cores import Store
from wordtensor.groups import group
from wordtensor.rank import decompose, plan, verify
from wordtensor.rank._substitutions import substitutions
from wordtensor.words import word, word_table


def rebuilt(found):
    """Return the table of w = h(u(f(a), g(b)))."""
    return found.h[found.table[found.f[:, None], found.g]]


def test_a_square_is_a_function_of_its_root():
    G = group("S4")
    w = word("a*b*a*b")
    found = {s.name: s for s in substitutions(w, word_table(w, G), G)}
    assert "a*b" in found
    np.testing.assert_array_equal(found["a*b"].h[found["a*b"].table], word_table(w, G))


def test_substitutions_are_proper_functions_and_differ():
    G = group("Q8")
    w = word("a*b*a*b")
    table = word_table(w, G)
    found = list(substitutions(w, table, G))
    assert found
    assert len({s.table.tobytes() for s in found}) == len(found)
    for s in found:
        np.testing.assert_array_equal(rebuilt(s), table)
        used = s.h[s.h >= 0]
        assert min(np.unique(m).size - m.size for m in (s.f, s.g, used)) < 0


def test_a_word_is_not_called_a_function_of_itself():
    G = group("S3")
    assert list(substitutions(word("a*b"), G.cayley, G)) == []


def test_roots_are_found_in_products_of_roots():
    G = group("S4")
    w = word("[a,b]^2")
    assert str(word("[a,b]")) in {s.name for s in substitutions(w, word_table(w, G), G)}


@pytest.mark.parametrize("name", ["C3", "C6", "S3", "Q8", "D6", "Dic3", "A4", "C4xC2"])
@pytest.mark.parametrize(
    "text", ["a^2*b^2", "a^3*b", "b*a^2*b", "[a,b]^2", "a^2*b*a^-2", "a*b^4*a"]
)
def test_every_substitution_is_one(name, text):
    G = group(name)
    w = word(text)
    table = word_table(w, G)
    for found in substitutions(w, table, G):
        np.testing.assert_array_equal(rebuilt(found), table)


@pytest.mark.parametrize("text", ["a^2*(b*a*b^2)^3*a^-2", "a^2*(b*a^13*b^-10)^3*a^10"])
def test_roots_are_found_of_what_is_left_of_a_word(text):
    G = group("S4")  # of exponent 12
    w = word(text)
    names = {s.name for s in substitutions(w, word_table(w, G), G)}
    assert "a^2*b*a*b^2*a^-2" in names


def test_candidates_do_not_depend_on_the_spelling():
    G = group("A4")
    spelled = ["a^2*b^3*a", "a^-4*b^-3*a^7", "a^8*b^3*a^-5"]
    found = [
        sorted(s.name for s in substitutions(word(t), word_table(word(t), G), G)) for t in spelled
    ]
    assert found[0] == found[1] == found[2] != []


def test_a_word_that_does_not_see_the_centre_is_one_over_the_quotient():
    for name, rank in (("D6", 9), ("D8", 11)):
        assert plan("a*b*a*b", name, store=Store()).upper == rank
        assert verify(decompose("a*b*a*b", name, method="substitution")).ok


def test_powers_of_letters_need_no_more_than_they_reach():
    assert plan("a^3*b^2", "A4", store=Store()).upper == 12  # the Klein group acts on the squares
    assert plan("b*a^2*b", "A4", store=Store()).upper == 22
