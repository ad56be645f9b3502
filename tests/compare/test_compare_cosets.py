"""Coset concentration: by its definition, on functions made of cosets, noise and trained nets."""

import json
import statistics
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.compare._coset_table import coset_table
from wordtensor.compare.cosets import coset_concentration, random_concentration
from wordtensor.errors import ComparisonError
from wordtensor.groups import Group, group, subgroups
from wordtensor.irreps import real_irreps

FOLDER = Path(__file__).parents[3] / "shared" / "reference" / "released_nets"


def cosets(G, H, side):
    """The cosets of a subgroup as sets, by the definition."""
    table = G.cayley[:, H.elements] if side == "left" else G.cayley[H.elements].T
    return {frozenset(row) for row in table.tolist()}


def by_definition(G, f, H, side):
    """The sum over the cosets of the sample variances, over that of f."""
    within = sum(statistics.variance(f[g] for g in coset) for coset in cosets(G, H, side))
    return within / statistics.variance(f.tolist())


def on_cosets(G, H, side, values):
    """The function with these values on the cosets of H."""
    f = np.empty(G.order)
    for coset, value in zip(sorted(cosets(G, H, side), key=min), values, strict=True):
        f[list(coset)] = value
    return f


@pytest.mark.parametrize("name", ["S3", "Q8", "A4", "D5", "C7:C3"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_it_is_what_the_definition_says(name, side):
    G = group(name)
    functions = np.random.default_rng(0).standard_normal((5, G.order))
    found = coset_concentration(functions, G, side=side)
    for r, f in enumerate(functions):
        expected = [by_definition(G, f, H, side) for H in found.subgroups]
        assert found.least[r] == pytest.approx(min(expected), rel=1e-9)
        assert found.concentration[r] == pytest.approx(expected[found.chosen[r]], rel=1e-9)
        assert found.sides[r] == ("both" if found.subgroup(r).is_normal else side)


@pytest.mark.parametrize("name", ["S4", "M5(2)", "A5"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_functions_of_cosets_name_their_subgroup_and_side(name, side):
    G = group(name)
    rng = np.random.default_rng(1)
    proper = [H for H in subgroups(G) if 1 < H.order < G.order]
    functions = [on_cosets(G, H, side, rng.standard_normal(H.index)) for H in proper]
    found = coset_concentration(functions, G)
    assert found.concentration.max() < 1e-20
    for H, place, said in zip(proper, found.chosen, found.sides, strict=True):
        assert found.subgroups[place].elements.tolist() == H.elements.tolist()
        assert said == ("both" if H.is_normal else side)


def test_noise_on_top_does_not_change_the_subgroup():
    """Even noise that is itself constant on cosets of something smaller."""
    G = group("S4")
    rng = np.random.default_rng(2)
    large = next(H for H in subgroups(G) if H.order == 6)
    small = next(H for H in subgroups(G) if H.order == 3 and set(H.elements) <= set(large.elements))
    clean = on_cosets(G, large, "right", rng.standard_normal(large.index))
    noise = [rng.standard_normal(24), on_cosets(G, small, "right", rng.standard_normal(8))]
    for size in (1e-2, 1e-4):
        found = coset_concentration(clean + size * np.array(noise), G)
        assert (found.concentration < 100 * size**2).all()
        assert found.subgroup(0) is not None and found.subgroup(0).order == 6
    # Where it is above the tolerance, the smaller subgroup is the better description.
    assert coset_concentration(clean + 1e-2 * np.array(noise), G).subgroup(1).order == 3
    assert coset_concentration(clean + 1e-5 * np.array(noise), G).subgroup(1).order == 6


def test_one_coset_alone_has_no_side():
    """As gH = Kg with K conjugate to H, the left one is named."""
    G = group("S4")
    H = next(H for H in subgroups(G) if H.order == 6)
    for coset in cosets(G, H, "left"):
        f = np.isin(np.arange(24), list(coset)).astype(float)
        found = coset_concentration([f], G)
        assert (found.sides, found.subgroup(0).class_number) == (("left",), H.class_number)
        right = coset_concentration([f], G, side="right")
        assert right.concentration[0] < 1e-20
        assert right.subgroup(0).class_number == H.class_number


@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.integers(0, 100))
@settings(max_examples=30, deadline=None)
def test_scale_and_shift_do_not_matter(scale, shift, seed):
    G = group("A4")
    functions = np.random.default_rng(seed).standard_normal((4, 12))
    first = coset_concentration(functions, G)
    second = coset_concentration(shift - scale * functions, G)
    np.testing.assert_allclose(second.least, first.least, rtol=1e-6)
    assert np.array_equal(second.chosen, first.chosen) and second.sides == first.sides


def test_translates_read_conjugate_subgroups():
    """f(gx) stays constant on left cosets of H; f(xg) is so on those of g H g^-1."""
    G = group("S4")
    f = np.random.default_rng(3).standard_normal(24)
    first = coset_concentration([f], G, side="left")
    moved = coset_concentration(np.concatenate([f[G.cayley], f[G.cayley.T]]), G, side="left")
    np.testing.assert_allclose(moved.least, first.least[0])
    assert (moved.chosen[:24] == first.chosen[0]).all()
    assert (moved.class_numbers == first.class_numbers[0]).all()
    inverse = coset_concentration([f[G.inverse]], G, side="right")
    np.testing.assert_allclose(inverse.least, first.least)
    assert inverse.chosen[0] == first.chosen[0]


def test_random_functions_are_seldom_below_the_quantile():
    G = group("S4")
    null = random_concentration(G, 2000, seed=0)
    assert np.array_equal(null, np.sort(null)) and len(null) == 2000
    assert np.array_equal(null, random_concentration(G, 2000, seed=0))
    other = random_concentration(G, 2000, seed=1)
    share = (other < np.quantile(null, 0.05)).mean()
    assert 0.03 < share < 0.07


def test_chance_is_about_the_least_index():
    assert np.median(random_concentration(group("S5"), 200)) == pytest.approx(2, abs=0.05)
    assert random_concentration(group("S5"), 200).min() > 1.5
    assert np.median(random_concentration(group("A5"), 200)) == pytest.approx(4.6, abs=0.3)
    # One subgroup alone: the mean is its index.
    G = group("S4")
    one = [next(H for H in subgroups(G) if H.order == 3)]
    assert random_concentration(G, 2000, subgroups=one, side="left").mean() == pytest.approx(
        8, rel=0.02
    )


def test_functions_of_one_irrep_are_often_concentrated():
    """C < 1 is no evidence against irreps; constant on cosets they seldom are."""
    G = group("S5")
    for phi in real_irreps(G):
        null = random_concentration(G, 400, irrep=phi) if phi.dim > 1 else np.ones(1)
        assert (null < 1e-6).mean() < 0.02
    standard = random_concentration(G, 400, irrep=real_irreps(G)[2])
    assert (standard < 1).mean() > 0.9
    dihedral = random_concentration(group("D59"), 200, irrep=real_irreps(group("D59"))[2])
    assert dihedral.max() < 1


def test_functions_of_an_irrep_with_a_kernel_are_constant_on_its_cosets():
    G = group("S4")
    small = next(phi for phi in real_irreps(G) if phi.dim == 2)
    assert random_concentration(G, 50, irrep=small).max() < 1e-20


def test_dead_neurons_and_tiny_ones():
    G = group("S3")
    wave = np.array([1.0, -1, -1, 1, 1, -1])
    third = np.full(6, 1 / 3) * 3e7
    functions = [np.zeros(6), np.full(6, 1e300), third, wave * 1e-200, wave * 5e-324 * 2**20]
    found = coset_concentration(functions, G)
    assert found.constant.tolist() == [True, True, True, False, False]
    assert found.chosen.tolist()[:3] == [-1, -1, -1] and found.sides[:3] == ("", "", "")
    assert np.isnan(found.least[:3]).all() and found.subgroup(0) is None
    assert (found.least[3:] < 1e-20).all()
    assert found.class_numbers.tolist() == [-1, -1, -1, 2, 2]
    table = coset_table(found)
    assert (table.neurons, table.constant) == (5, 3)
    assert sum(row.neurons for row in table.rows) == 2 and table.shares == (1.0, 1.0, 1.0)


def test_a_group_of_prime_order_has_nothing_to_say():
    G = group("C5")
    found = coset_concentration(np.eye(5), G)
    assert np.isnan(found.least).all() and not found.constant.any()
    assert found.subgroups == () and found.class_numbers.tolist() == [-1] * 5
    null = random_concentration(G, 10)
    assert np.isnan(null).all()
    table = coset_table(found, null)
    assert table.null is None and table.rows == () and set(table.shares) == {0.0}
    assert repr(found) == "CosetConcentration(functions=5, median=none)"


def test_no_functions_at_all():
    found = coset_concentration(np.empty((0, 6)), group("S3"))
    assert len(found) == 0 and coset_table(found).to_dict()["neurons"] == 0


def test_the_table_adds_up_and_is_json():
    G = group("S4")
    rng = np.random.default_rng(4)
    H = next(H for H in subgroups(G) if H.order == 6)
    functions = [on_cosets(G, H, "right", rng.standard_normal(4)) for _ in range(7)]
    found = coset_concentration([*functions, *rng.standard_normal((3, 24))], G)
    table = coset_table(found, random_concentration(G), quantile=0.05)
    first = table.rows[0]
    assert (first.order, first.index, first.side, first.neurons) == (6, 4, "right", 7)
    assert first.below == (7,) * 4
    assert table.thresholds == (1e-6, 0.05, 1.0, table.null)
    assert sum(row.neurons for row in table.rows) == 10
    for k, share in enumerate(table.shares):
        assert share == sum(row.below[k] for row in table.rows) / 10
    assert json.loads(json.dumps(table.to_dict()))["rows"][0]["class_number"] == H.class_number
    assert str(table).splitlines()[1].split() == ["6", "4", str(H.class_number), "right", *"77777"]


def test_what_cannot_be_compared_is_refused():
    G = group("S3")
    for functions in (np.ones(6), np.ones((2, 5)), np.ones((2, 6), complex), [["a"] * 6]):
        with pytest.raises(ComparisonError, match="real, of shape"):
            coset_concentration(functions, G)
    with pytest.raises(ComparisonError, match="finite"):
        coset_concentration([[np.nan] * 6], G)
    with pytest.raises(ComparisonError, match="'side' must be one of"):
        coset_concentration(np.eye(6), G, side="top")
    with pytest.raises(ComparisonError, match="'factor' must be"):
        coset_concentration(np.eye(6), G, factor=0.5)
    with pytest.raises(ComparisonError, match="not all of a group of order 6"):
        coset_concentration(np.eye(6), G, subgroups(group("S4")))
    with pytest.raises(ComparisonError, match="'count' must be"):
        random_concentration(G, 0)
    with pytest.raises(ComparisonError, match="'irrep' must be an irrep of"):
        random_concentration(G, irrep=real_irreps(group("S4"))[1])
    with pytest.raises(ComparisonError, match="'quantile' must be"):
        coset_table(coset_concentration(np.eye(6), G), [1.0], quantile=2)


def released(name):
    """Return the concentrations of both inputs of a released MLP, and its group."""
    if not FOLDER.exists():
        pytest.skip("the released networks are not part of a user's clone")
    with np.load(FOLDER / f"group_{name.split('_')[0]}.npz") as archive:
        G = Group.from_cayley(archive["cayley"])
    with np.load(FOLDER / f"{name}.npz") as net:
        half = len(net["W"]) // 2
        lookups = net["W_x"] @ net["W"][:half], net["W_y"] @ net["W"][half:]
    return [coset_concentration(lookup.T, G) for lookup in lookups], G


def test_a_clean_net_reads_cosets_only():
    """S5, seed 2: cosets of S4, of S3 x S2 and of A5, to the rounding of single precision."""
    (left, right), G = released("S5_MLP_seed2")
    null = random_concentration(G, 200)
    for found, side in ((left, "right"), (right, "left")):
        table = coset_table(found, null)
        assert table.shares[0] > 0.99
        assert {(row.index, row.side) for row in table.rows[:3]} == {
            (5, side), (10, side), (2, "both"),
        }  # fmt: skip
        assert table.rows[0].index == 5 and table.rows[0].neurons > 100
    assert np.array_equal(left.class_numbers, right.class_numbers)


@pytest.mark.parametrize(("name", "least"), [("S5_MLP_seed1", 0.97), ("A5_MLP_seed1", 0.93)])
def test_the_other_nets_are_concentrated_but_not_all_constant(name, least):
    (left, right), G = released(name)
    null = random_concentration(G, 200)
    for found, side in ((left, "right"), (right, "left")):
        table = coset_table(found, null)
        assert 0.01 < table.shares[0] < 0.25
        assert table.shares[2] > least and table.shares[3] == 1
        clear = [said for said, c in zip(found.sides, found.least, strict=True) if c < 0.05]
        assert set(clear) <= {side, "both"}
    assert (left.class_numbers == right.class_numbers).mean() > 0.85


def test_subgroups_are_named_and_the_text_says_what_to_conclude():
    d = wt.decompose("a*b", "S4")
    c = wt.compare.compare(d.factors, "a*b", "S4", decomposition=d)
    named = {row.order: row.name for row in c.cosets[0].rows}
    assert named.items() <= {2: "C2", 3: "C3", 4: named.get(4), 6: "S3", 8: "D4", 12: "A4"}.items()
    assert str(c.cosets[0]).split()[0] == "subgroup"
    text = c.full_text()
    assert "Only C < 1e-06 speaks for cosets" in text and "over the left or over the right" in text
    assert f"The {c.boxes.width} active neurons occupy {len(c.boxes.boxes)} kind" in text
