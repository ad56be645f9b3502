"""Alignment of a neuron's three coefficients, and how neurons spread over irreps."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.compare import alignment, compare, network
from wordtensor.compare._product_form import product_form
from wordtensor.compare._rank_one import alignment_of
from wordtensor.errors import ComparisonError
from wordtensor.groups import Group
from wordtensor.irreps import isotypic_projector, isotypic_spaces, real_irreps
from wordtensor.margins import max_margin_factors

RELEASED = Path(__file__).parents[3] / "shared" / "reference" / "released_nets"
# Types R, C and H; SmallGroup(16,6) does not split.
GROUPS = ["C3", "C5", "Q8", "S3", "C7:C3", "SmallGroup(16,6)"]

needs_nets = pytest.mark.skipif(
    not RELEASED.exists(), reason="the released networks are not part of a user's clone"
)


def random_factors(n, width, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(rng.standard_normal((n, width)) for _ in range(3))


def in_irrep(G, phi, rng, width, aligned):
    """Return random neurons in one irrep: rank one, with fitting vectors if they are aligned."""
    d = phi.dim
    x, y, other, z = rng.standard_normal((4, width, d))
    inner = y if aligned else other
    u, v, w = (
        np.einsum("ri,gij,rj->gr", left, phi.matrices, right)
        for left, right in ((x, y), (inner, z), (x, z))
    )
    return u, v, w


@pytest.mark.parametrize("name", GROUPS)
def test_it_is_the_word_tensor_between_unit_functions(name):
    G = wt.group(name)
    U, V, W = random_factors(G.order, 8)
    found = alignment((U, V, W), "a*b", G)
    T = wt.word_tensor("a*b", G).to_dense()
    irreps = real_irreps(G)
    projectors = [isotypic_projector(G, phi) for phi in irreps]
    for r in range(8):
        k = int(found.irrep[r])
        parts = [projectors[k] @ F[:, r] for F in (U, V, W)]
        value = np.einsum("abc,a,b,c->", T, *parts)
        size = np.prod([np.linalg.norm(part) for part in parts])
        expected = value / (size * np.sqrt(G.order / irreps[k].dim))
        assert found.signs[r] * found.values[r] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", GROUPS)
def test_it_is_one_just_for_fitting_vectors(name):
    G = wt.group(name)
    rng = np.random.default_rng(1)
    for phi in real_irreps(G):
        fitting = alignment(in_irrep(G, phi, rng, 6, aligned=True), "a*b", G)
        np.testing.assert_allclose(fitting.values, 1, atol=1e-9)
        values = alignment(in_irrep(G, phi, rng, 6, aligned=False), "a*b", G).values
        assert values.max() <= 1
        if phi.dim > 1:
            assert values.min() < 0.999


@pytest.mark.parametrize("name", [*GROUPS, "S4", "A5"])
def test_neurons_of_the_largest_margin_are_aligned(name):
    found = alignment(max_margin_factors(name), "a*b", name)
    np.testing.assert_allclose(found.values, 1, atol=1e-9)
    assert found.living.all() and (found.signs == 1).all()
    # Entries of matrices have basis vectors as axes, each as often.
    assert all(test.p_value > 0.1 for test in found.spread if "energy" not in test.about)


def test_strassens_products_are_not_aligned_and_the_standard_ones_are():
    G = wt.group("S3")
    phi = real_irreps(G)[2]
    i, j, k = (axis.ravel() for axis in np.mgrid[:2, :2, :2])
    entries = tuple(phi.matrices[:, p, q] for p, q in ((i, j), (j, k), (i, k)))
    np.testing.assert_allclose(alignment(entries, "a*b", G).values, 1, atol=1e-12)
    strassen = alignment(wt.decompose("a*b", G).factors, "a*b", G)
    assert strassen.irreps[2].neurons == 7
    assert strassen.values[strassen.irrep == 2].max() < 0.8


@pytest.mark.parametrize("name", ["C5", "Q8", "S3", "SmallGroup(16,6)"])
def test_random_coefficients_have_the_size_that_is_stated(name):
    G = wt.group(name)
    width = 2000
    for phi, P in ((phi, isotypic_projector(G, phi)) for phi in real_irreps(G)):
        factors = tuple(P @ F for F in random_factors(G.order, width, 3))
        found = alignment(factors, "a*b", G)
        assert (found.irrep == phi.index).all()
        size = np.sqrt(np.square(found.values).mean())
        assert size == pytest.approx(found.chance, rel=0.05)
        assert found.irreps[phi.index].opposed == int((found.signs[found.living] < 0).sum())


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(["C3", "Q8", "D4", "C7:C3"]), st.integers(0, 10**6))
def test_it_does_not_depend_on_names_scales_or_bases(name, seed):
    rng = np.random.default_rng(seed)
    G = wt.group(name)
    factors = random_factors(G.order, 7, seed)
    found = alignment(factors, "a*b", G)
    # Another order of the elements, and other sizes and signs of the weights.
    order = rng.permutation(G.order)
    place = np.argsort(order)
    H = Group.from_cayley(place[G.cayley[np.ix_(order, order)]])
    scales = rng.standard_normal((3, 7))
    scaled = tuple(F[order] * s for F, s in zip(factors, scales, strict=True))
    other = alignment(scaled, "a*b", H)
    np.testing.assert_allclose(other.values, found.values, atol=1e-9)
    np.testing.assert_allclose(other.signs, found.signs * np.sign(scales.prod(0)))
    # Another basis of every irrep.
    net, T = network(factors), wt.word_tensor("a*b", G)
    based = alignment_of(net, T, isotypic_spaces(G, seed=5), np.ones(7, dtype=bool), 0)
    np.testing.assert_allclose(based.values, found.values, atol=1e-9)


@pytest.mark.parametrize("name", ["C5", "Q8", "S4"])
def test_tests_do_not_depend_on_the_basis(name):
    G = wt.group(name)
    phi = real_irreps(G)[-1]
    net = network(in_irrep(G, phi, np.random.default_rng(2), 30, aligned=True))
    T, active = wt.word_tensor("a*b", G), np.ones(30, dtype=bool)
    one, other = (
        alignment_of(net, T, isotypic_spaces(G, seed), active, 0).irreps[-1] for seed in (0, 9)
    )
    assert len(one.tests) >= 3
    for test, again in zip(one.tests, other.tests, strict=True):
        assert test.statistic == pytest.approx(again.statistic, rel=1e-7)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("a*b", "S3"), ("b*a", "Q8"), ("a*b^-1", "S4"), ("a^-1*b", "C3"), ("a*b*a", "C5"),
        ("b^3*a", "Q8"), ("a*b*a*b", "C7:C3"), ("a^2*b", "C7:C3"), ("a^3*b", "SmallGroup(16,6)"),
    ],
)  # fmt: skip
def test_words_that_are_the_product_under_other_names_are_read_as_it(word, name):
    G = wt.group(name)
    T = wt.word_tensor(word, G)
    form = product_form(T)
    alpha, beta, gamma = form.names
    np.testing.assert_array_equal(gamma[T.table], G.cayley[np.ix_(alpha, beta)])
    U, V, W = max_margin_factors(name)
    found = alignment((U[alpha], V[beta], W[gamma]), word, G)
    np.testing.assert_allclose(found.values, 1, atol=1e-9)


@pytest.mark.parametrize(
    ("word", "name"), [("a*b*a^-1", "S3"), ("a^2*b", "C4"), ("a*b*a^-1*b^-1", "Q8")]
)
def test_other_words_have_none_and_it_is_said(word, name):
    G = wt.group(name)
    factors = wt.decompose(word, G).factors
    with pytest.raises(ComparisonError, match="become the product once"):
        alignment(factors, word, G)
    c = compare(factors, word, G)
    assert c.alignment is None and c.to_dict()["alignment"] is None
    assert any("no alignment of coefficients" in note for note in c.notes)


def test_given_activations_have_none():
    G = wt.group("S3")
    net = network(wt.decompose("a*b", G).factors)
    given_activations = {"hidden": net.hidden(), "readout": net.readout}
    with pytest.raises(ComparisonError, match="what a and b bring"):
        alignment(given_activations, "a*b", G)


def test_a_comparison_shows_it():
    d = wt.decompose("a*b", "Q8")
    c = compare(d.factors, "a*b", "Q8", decomposition=d)
    assert c.alignment.irreps[4].label == "4H"
    shown = json.loads(json.dumps(c.to_dict()))["alignment"]
    assert shown["irreps"][4]["neurons"] == 8
    np.testing.assert_allclose(np.abs(shown["alignment_of_neuron"]), c.alignment.values, atol=1e-12)
    assert "mean alignment" in c.full_text()
    assert "Alignment of coefficients" in str(wt.report.comparison_html(c))


@pytest.mark.parametrize("name", ["C5", "Q8", "S3", "C7:C3"])
def test_sentences_name_just_the_small_p_values_of_the_table(name):
    G, rng = wt.group(name), np.random.default_rng(0)
    exact = wt.decompose("a*b", G).factors
    for net in (exact, in_irrep(G, real_irreps(G)[-1], rng, 9, aligned=True)):
        found = alignment(net, "a*b", G)
        text = "\n".join(found.conclusions())
        for test in found.choice:
            before = text.split(test.about.removeprefix("irreps, "))[0]
            refused = before.endswith("but not ") or "were not chosen at random" in before
            assert refused == (test.p_value < 0.05)
        unlikely = [test for test in found.spread if test.p_value < 0.05]
        for test in found.spread:
            assert (f"{test.about} (p " in text) == (test in unlikely)
        assert ("nothing speaks against uniform" in text) == (bool(found.spread) and not unlikely)
        assert text.count("the level 0.05") == bool(found.choice) + bool(found.spread)


def test_axes_in_perfect_balance_are_said_to_be():
    text = str(alignment(max_margin_factors("S3"), "a*b", "S3"))
    assert "More evenly spread than at random, since p is above 0.99: axis x (Bingham)" in text


def test_a_word_without_alignment_says_which_words_have_one():
    with pytest.raises(ComparisonError, match=r"as a\*b\^-1 does, and a\*b\*a does not"):
        alignment(wt.decompose("a*b*a", "D5").factors, "a*b*a", "D5")


def test_random_weights_say_nothing():
    net = network(random_factors(24, 40, 4), activation="relu")
    found = alignment(net, "a*b", "S4")
    assert found.living.sum() == 0
    assert np.isnan(found.mean) and np.isnan(found.chance) and found.spread == ()
    assert "None of the 40 active neurons" in str(found)
    assert found.to_dict()["mean"] is None


def released(name):
    with np.load(RELEASED / f"group_{name.split('_')[0]}.npz") as archive:
        G = Group.from_cayley(archive["cayley"], name.split("_")[0])
    return alignment(RELEASED / f"{name}.npz", "a*b", G)


@needs_nets
def test_released_cyclic_net_has_uniform_phases_in_few_irreps():
    found = released("C113_MLP_seed1")
    assert found.values[found.living].min() > 0.99
    assert all(test.p_value > 0.05 for test in found.spread)
    assert found.choice[0].p_value < 0.001


@needs_nets
@pytest.mark.parametrize("name", ["D59_MLP_seed1", "A5_MLP_seed1", "S5_MLP_seed2", "S5_T_seed1"])
def test_released_nets_share_the_inner_vector(name):
    found = released(name)
    assert found.mean > 0.98 and found.chance < 0.4
    p = {test.about: test.p_value for test in found.spread}
    assert p["axis y (Bingham)"] < 1e-6
    assert min(p["axis x (Bingham)"], p["axis z (Bingham)"]) > 0.05


@needs_nets
def test_released_nets_have_few_axes_that_are_spread_evenly():
    p = {test.about: test.p_value for test in released("S5_MLP_seed2").spread}
    # No draw of some hundreds is as uneven.
    assert max(p["axis x (energy)"], p["axis z (energy)"]) < 0.002
