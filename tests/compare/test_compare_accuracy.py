"""Certificates of accuracy against all logits in exact arithmetic."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.compare import AccuracyCertificate, accuracy_certificate, network
from wordtensor.compare._evaluation import evaluate
from wordtensor.compare._fibre_bound import fibre_bound
from wordtensor.compare._forms import Lookups
from wordtensor.compare._readout_bound import readout_bound
from wordtensor.errors import ComparisonError
from wordtensor.groups import Group
from wordtensor.nets import MarginNet, OneLayerTransformer

FOLDER = Path(__file__).parents[3] / "shared" / "reference" / "released_nets"
needs_nets = pytest.mark.skipif(
    not FOLDER.exists(), reason="the released networks are not part of a user's clone"
)
# Cyclic, over C but not R (Q8), symmetric, and words that take values unequally often.
CASES = [("a*b", "C3"), ("a*b", "Q8"), ("a*b", "S3"), ("a^2*b", "C4"), ("a*b*a^-1", "D4")]
EXACT = {
    "product": lambda u, v: u * v,
    "square": lambda u, v: (u + v) ** 2,
    "relu": lambda u, v: max(u + v, 0),
    "abs": lambda u, v: abs(u + v),
}


def exact_masks(net, table):
    """Return which pairs are right, and wrong, ties apart, in fractions."""
    form, fractions = net.form, lambda array: [list(map(Fraction, row)) for row in array.tolist()]
    bias = (
        [Fraction(0)] * net.width if form.bias is None else list(map(Fraction, form.bias.tolist()))
    )
    offset = [0] * net.order if form.offset is None else list(map(Fraction, form.offset.tolist()))
    L, R, W = fractions(form.left), fractions(form.right), fractions(form.readout.T)
    right, wrong = np.zeros((2, *table.shape), dtype=bool)
    for a, u in enumerate(L):
        for b, v in enumerate(R):
            h = [EXACT[form.combination](x, y + s) for x, y, s in zip(u, v, bias, strict=True)]
            logits = [
                sum(map(lambda x, y: x * y, h, w), start=o) for w, o in zip(W, offset, strict=True)
            ]
            answer = logits.pop(int(table[a, b]))
            right[a, b] = all(x < answer for x in logits)
            wrong[a, b] = any(x > answer for x in logits)
    return right, wrong


def exact_counts(net, table):
    """Count right and wrong pairs, ties apart, in fractions."""
    return tuple(int(mask.sum()) for mask in exact_masks(net, table))


def by_structure(net, table):
    """Return the pairs that each structure proves, whatever it costs."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wordtensor.compare._fibre_bound.full_cost", lambda net: 10**15)
        patch.setattr("wordtensor.compare._readout_bound.full_cost", lambda net: 10**15)
        with np.errstate(over="ignore", invalid="ignore"):
            by_rows, readout = fibre_bound(net, table), readout_bound(net, table)
    if by_rows is not None:
        decided, possible = by_rows
        found += [decided.right.sum(), table.size - possible.sum()]
    return [int(each) for each in found + ([] if readout is None else [readout.right.sum()])]


def random_net(rng, n, width, combination, *, biased=False):
    left, right = rng.normal(size=(2, n, width))
    bias = rng.normal(size=width) if biased and combination != "product" else None
    offset = rng.normal(size=n) if biased else None
    form = Lookups(left, right, rng.normal(size=(width, n)), combination, bias, offset)
    return wt.compare.Network("lookups", {"left": left, "right": right}, form)


@settings(max_examples=25, deadline=None)
@given(
    case=st.sampled_from(CASES[:4]),
    combination=st.sampled_from(sorted(EXACT)),
    biased=st.booleans(),
    width=st.integers(1, 7),
    seed=st.integers(0, 10**6),
)
def test_random_nets_are_not_promised_more_than_they_are(case, combination, biased, width, seed):
    T = wt.word_tensor(*case)
    net = random_net(np.random.default_rng(seed), T.order, width, combination, biased=biased)
    right, wrong = exact_counts(net, T.table)
    found = accuracy_certificate(net, T)
    assert (found.right, found.wrong) == (right, wrong)
    assert all(each <= right for each in by_structure(net, T.table))
    assert accuracy_certificate(net, T, evaluate=False).right <= right


@settings(max_examples=25, deadline=None)
@given(
    case=st.sampled_from(CASES),
    noise=st.sampled_from([0.0, 1e-9, 1e-3, 0.03, 0.1, 0.2, 0.5]),
    seed=st.integers(0, 10**6),
)
def test_noisy_exact_nets_are_not_promised_more_than_they_are(case, noise, seed):
    rng = np.random.default_rng(seed)
    d = wt.decompose(*case)
    factors = [F + noise * rng.normal(size=F.shape) for F in d.factors]
    order = rng.permutation(d.group.order)
    G = Group.from_cayley(np.argsort(order)[d.group.cayley[np.ix_(order, order)]])
    T = wt.word_tensor(case[0], G)
    net = network([F[order] for F in factors])
    right, wrong = exact_counts(net, T.table)
    found = accuracy_certificate(net, T)
    assert (found.right, found.wrong) == (right, wrong)
    proved = by_structure(net, T.table)
    assert len(proved) >= 2 and all(each <= right for each in proved)
    if noise <= 1e-3:
        assert proved[:2] == [right, right] == [T.nnz, T.nnz]


@pytest.mark.parametrize(
    "noise, least, cost", [(0.0, 576, 0.6), (0.003, 576, 0.95), (0.01, 400, 0.95)]
)
def test_norms_of_rows_prove_a_net_of_s4(noise, least, cost):
    d, rng = wt.decompose("a*b", "S4"), np.random.default_rng(1)
    factors = [F + noise * rng.normal(size=F.shape) for F in d.factors]
    found = accuracy_certificate(factors, wt.word_tensor("a*b", "S4"), evaluate=False)
    assert found.method == "fibres" and found.evaluated == 0
    assert least <= found.right <= 576 and found.cost < cost


def test_squares_of_sums_are_trilinear():
    T = wt.word_tensor("a*b", "S4")
    U, V, W = wt.decompose("a*b", "S4").factors
    left, right = np.hstack([U, U]), np.hstack([V, -V])
    net = network(
        {"left": left, "right": right, "readout": np.vstack([W.T, -W.T])}, activation="square"
    )
    proved = by_structure(net, T.table)
    assert proved[:2] == [576, 576]
    assert accuracy_certificate(net, T).accuracy == 1


def test_few_dimensions_of_a_readout_prove_relu_neurons():
    # relu(cos(x - p) + cos(y - p)) over phases p has a second harmonic in x + y - 2 p.
    angle, phase = 2 * np.pi * np.arange(61) / 61, 2 * np.pi * np.arange(32) / 32
    left = np.hstack([np.cos(f * angle[:, None] - phase) for f in (1, 4)])
    readout = np.vstack([np.cos(f * angle - 2 * phase[:, None]) for f in (1, 4)])
    net = network({"left": left, "right": left.copy(), "readout": readout}, activation="relu")
    found = accuracy_certificate(net, wt.word_tensor("a*b", "C61"), evaluate=False)
    assert (found.method, found.accuracy, found.evaluated) == ("readout", 1, 0)
    assert found.cost < 0.5 and found.deviation < 1e-9


@pytest.mark.parametrize("word, name", [("a*b", "S3"), ("a*b", "Q8"), ("a*b*a^-1", "D4")])
@pytest.mark.parametrize("height, wrong", [(0.5, 0), (1.01, 1), (1.2, 1), (1.5, 1)])
def test_norms_of_rows_see_a_single_wrong_pair(word, name, height, wrong):
    T = wt.word_tensor(word, name)
    n = T.order
    spike = [np.eye(n)[:, [k]] for k in (1, 2, int(T.table[1, 2] + 1) % n)]
    spike[2] *= height
    terms = zip(wt.decompose(word, name).factors, spike, strict=True)
    net = network([np.hstack([F, x]) for F, x in terms])
    assert exact_counts(net, T.table) == (n * n - wrong, wrong)
    pairs, rows, readout = by_structure(net, T.table)
    # The row of the wrong pair may lose more pairs, and no other row loses any.
    assert n * n - n <= pairs <= rows <= n * n - wrong and readout <= n * n - wrong
    assert wrong or rows == n * n


@pytest.mark.parametrize("height, wrong", [(0.02, 0), (1.9, 1), (2.5, 1)])
def test_what_few_dimensions_leave_out_is_not_forgotten(height, wrong):
    # Four dimensions of two frequencies, and a large neuron with a small readout on one pair.
    T, angle = wt.word_tensor("a*b", "C13"), 2 * np.pi * np.arange(13) / 13
    waves = np.stack([f(k * angle) for k in (1, 5) for f in (np.cos, np.sin)])
    hidden = np.zeros((13, 13, 5))
    hidden[..., :4] = waves.T[T.table]
    hidden[2, 3, 4] = 100.0
    readout = np.vstack([waves, height / 100 * np.eye(13)[6]])
    net = network({"hidden": hidden, "readout": readout})
    gap = net.logits()[2, 3, 5] - net.logits()[2, 3, 6]
    assert (gap < 0) == bool(wrong) and accuracy_certificate(net, T).wrong == wrong
    [proved] = by_structure(net, T.table)
    assert 100 < proved <= 169 - wrong


def test_rounding_is_more_than_what_decides():
    # Large terms cancel exactly, and what is left of them in floats outweighs all the others.
    rng, T = np.random.default_rng(0), wt.word_tensor("a*b", "S3")
    small, large = rng.normal(size=(3, 6, 4)), 1e3 * rng.normal(size=(3, 6, 8))
    for scale in (1e-6, 1e-3, 1.0):
        U, V = (np.hstack([scale * small[k], large[k], large[k]]) for k in (0, 1))
        W = np.hstack([scale * small[2], large[2], -large[2]])
        net = network((U, V, W))
        right, wrong = exact_masks(net, T.table)
        found = evaluate(net, T.table, np.ones((6, 6), dtype=bool))
        assert not (found.right & ~right).any() and not (found.wrong & ~wrong).any()
        assert (found.right | found.wrong).any() == (scale == 1.0)
        assert all(each <= right.sum() for each in by_structure(net, T.table))


def test_ties_and_nets_on_their_edge_are_left_open():
    C3 = wt.word_tensor("a*b", "C3")
    zeros = np.zeros((3, 2))
    tied = accuracy_certificate((zeros, zeros, zeros), C3)
    assert (tied.right, tied.wrong, tied.is_exact) == (0, 0, False)
    # The right logit is 1 + 2^-53, which rounds to the wrong one's 1.
    logits = np.ones((3, 3, 3))
    assert accuracy_certificate(logits, C3).right == 0
    sums = np.ones((3, 2)), np.ones((3, 2)), np.array([[1, 2.0**-53], [1, 0], [1, 0]])
    assert accuracy_certificate(sums, C3).right == 0


@pytest.mark.parametrize("scale, right", [(1e-40, 36), (1e-120, 0), (1e60, 36), (1e110, 0)])
def test_what_overflows_or_vanishes_is_not_promised(scale, right):
    T = wt.word_tensor("a*b", "S3")
    factors = [scale * F for F in wt.decompose("a*b", "S3").factors]
    assert accuracy_certificate(factors, T).right == right
    assert all(each <= right for each in by_structure(network(factors), T.table))


@pytest.mark.parametrize("name", ["C3", "Q8", "S3"])
def test_a_bound_that_is_not_known_is_infinite(name):
    T = wt.word_tensor("a*b", name)
    U, V, W = wt.decompose("a*b", name).factors
    found = accuracy_certificate((1e200 * U, 1e200 * V, W), T)
    assert found.allowance == np.inf and found.right == found.wrong == 0
    assert found.to_dict()["allowance"] is None
    assert "Some logits are too large for double precision" in str(found)


@pytest.mark.parametrize("name", ["C3", "Q8", "S3"])
def test_what_was_not_looked_at_is_not_told(name):
    T = wt.word_tensor("a*b", name)
    factors = np.random.default_rng(0).standard_normal((3, T.order, 40))
    found = accuracy_certificate(tuple(factors), T, evaluate=False)
    assert (found.method, found.right, found.evaluated) == ("evaluation", 0, 0)
    assert str(found) == (
        "Nothing is proved. No structure that is cheaper to look at was found, and no logits were "
        "to be computed."
    )


def test_one_pair_is_told_in_the_singular():
    found = accuracy_certificate((np.ones((1, 1)),) * 3, wt.word_tensor("a*b", "C1"))
    assert str(found).startswith("Proved: it is right on the one pair of a*b over C1.")


def test_other_sources_are_evaluated_and_say_what_they_rest_on():
    T = wt.word_tensor("a*b", "S3")
    found = accuracy_certificate(np.eye(6)[T.table], T)
    assert (found.method, found.accuracy, found.assumes) == ("evaluation", 1, "")
    found = accuracy_certificate(OneLayerTransformer(6, 5, 8, 2, 4, seed=1), T)
    assert "attention" in found.assumes and found.verdict()[-1].endswith("which is not proved.")
    rng = np.random.default_rng(0)
    assert "sigmoid" in accuracy_certificate(random_net(rng, 6, 4, "sigmoid"), T).assumes
    assert accuracy_certificate(random_net(rng, 6, 4, "relu"), T).assumes == ""
    assert accuracy_certificate(MarginNet(6, 5, seed=1), T).assumes == ""


def test_one_element_and_another_group():
    ones = np.ones((1, 1))
    assert accuracy_certificate((ones, ones, ones), wt.word_tensor("a", "C1")).accuracy == 1
    with pytest.raises(ComparisonError):
        accuracy_certificate(wt.decompose("a*b", "S3").factors, wt.word_tensor("a*b", "C3"))


def test_a_certificate_is_a_value():
    T = wt.word_tensor("a*b", "S4")
    found = accuracy_certificate(wt.decompose("a*b", "S4").factors, T)
    assert isinstance(found, AccuracyCertificate)
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (told["accuracy"], told["right"], told["method"]) == ("1", 576, "fibres")
    assert told["verdict"] == str(found).split("\n") == found.verdict()


@needs_nets
@pytest.mark.parametrize(
    "name, method",
    [("C113_MLP_seed1", "readout"), ("S5_MLP_seed2", "readout"), ("A5_MLP_seed1", "evaluation")],
)
def test_released_nets_are_right_on_all_pairs(name, method):
    with np.load(FOLDER / f"group_{name.split('_')[0]}.npz") as archive:
        T = wt.word_tensor("a*b", Group.from_cayley(archive["cayley"]))
    found = accuracy_certificate(FOLDER / f"{name}.npz", T)
    assert (found.accuracy, found.method, found.assumes) == (1, method, "")
    assert found.cost < 0.5 or method == "evaluation"
