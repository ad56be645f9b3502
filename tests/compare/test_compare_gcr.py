"""GCR metrics against a plain computation with whole cubes, and their properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.compare import character_similarity, gcr_metrics, learned_order, network
from wordtensor.compare._forward import row_blocks
from wordtensor.compare._losses import accuracy, cross_entropies
from wordtensor.compare.similarity import quotient_sums
from wordtensor.errors import ComparisonError
from wordtensor.irreps import real_irreps

GROUPS = ["C3", "Q8", "S3", "C7:C3", "D4"]
WORDS = ["a*b", "a*b*a^-1", "a^2*b", "[a,b]"]


def random_net(n, width, seed, activation="relu"):
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal((n, width)) for _ in range(3)]
    return network(tuple(weights), activation=activation)


def projector(matrices):
    """Orthogonal projector on the columns spanned by entries of matrices, (P, d, d)."""
    left, sizes, _ = np.linalg.svd(matrices.reshape(len(matrices), -1), full_matrices=False)
    Q = left[:, sizes > 1e-9 * sizes[0]]
    return lambda M: Q @ (Q.T @ M)


def mean_loss(logits, targets):
    top = logits.max(1, keepdims=True)
    total = np.log(np.exp(logits - top).sum(1)) + top[:, 0]
    return float((total - logits[np.arange(len(logits)), targets]).mean())


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("word", WORDS)
def test_every_metric_is_that_of_the_definition(name, word):
    G = wt.group(name)
    n, table = G.order, wt.word_tensor(word, name).table
    net = random_net(n, 7, seed=1)
    rng = np.random.default_rng(2)
    mask = rng.random((n, n)) < 0.5
    m = gcr_metrics(net, G, mask, word=word, key_similarity=-1.0)
    irreps = real_irreps(G)
    assert m.key_irreps == tuple(range(1, len(irreps)))

    pairs = np.array([(a, b) for a in range(n) for b in range(n)])
    values = table.ravel()
    L, R, W = net.form.left, net.form.right, net.readout
    H = np.maximum(L[pairs[:, 0]] + R[pairs[:, 1]], 0)
    logits = H @ W
    centred = logits - logits.mean(1, keepdims=True)
    chosen = mask.ravel()
    centred_H = H - H.mean(0)
    restricted = np.zeros_like(H)
    explained, hidden, hidden_xy = 0.0, 0.0, 0.0
    for phi in irreps[1:]:
        X = phi.character[G.cayley[values][:, G.inverse]]
        similarity = np.vdot(centred, X) / np.linalg.norm(centred) / np.linalg.norm(X)
        assert m.logit_similarity[phi.index] == pytest.approx(similarity, abs=1e-12)
        explained += similarity**2
        along = similarity * np.linalg.norm(centred) / np.linalg.norm(X) * X
        assert m.logit_restricted_loss[phi.index] == pytest.approx(mean_loss(along, values))
        assert m.logit_excluded_loss[phi.index] == pytest.approx(
            mean_loss((centred - along)[chosen], values[chosen])
        )
        total = np.square(centred_H).sum()
        project = projector(phi.matrices[values])
        parts = [projector(phi.matrices[pairs[:, k]])(centred_H) for k in range(2)]
        shares = [np.square(part).sum() / total for part in (*parts, project(centred_H))]
        assert m.hidden_x[phi.index] == pytest.approx(shares[0], abs=1e-12)
        assert m.hidden_y[phi.index] == pytest.approx(shares[1], abs=1e-12)
        hidden += sum(shares)
        hidden_xy += shares[2]
        restricted += project(H)
        assert m.hidden_restricted_loss[phi.index] == pytest.approx(
            mean_loss(project(H) @ W, values)
        )
        assert m.hidden_excluded_loss[phi.index] == pytest.approx(
            mean_loss(((H - project(H)) @ W)[chosen], values[chosen])
        )
    assert m.percent_logits_explained == pytest.approx(explained)
    if word == "a*b":  # for other words, see the joint space below
        assert m.percent_hidden_explained == pytest.approx(hidden)
        assert m.percent_hidden_xy_explained == pytest.approx(hidden_xy)
    assert m.total_hidden_restricted_loss == pytest.approx(mean_loss(restricted @ W, values))
    assert m.total_hidden_excluded_loss == pytest.approx(
        mean_loss(((H - restricted) @ W)[chosen], values[chosen])
    )
    assert m.train_loss == pytest.approx(mean_loss(logits[chosen], values[chosen]))
    assert m.test_loss == pytest.approx(mean_loss(logits[~chosen], values[~chosen]))
    assert m.train_pairs == chosen.sum()


@pytest.mark.parametrize("name", ["C3", "Q8", "S4", "C7:C3", "M5(2)"])
def test_exact_nets_are_explained_whole(name):
    d = wt.decompose("a*b", name)
    m = gcr_metrics(d.factors, name)
    assert m.percent_logits_explained == pytest.approx(1)
    assert m.all_accuracy == 1
    assert m.percent_unembed_explained + m.unembed[0] == pytest.approx(1)
    assert len(m.key_irreps) == len(real_irreps(wt.group(name))) - 1
    # The tensor is sum_phi weight chi_phi: cosines are known in closed form.
    for phi in real_irreps(wt.group(name))[1:]:
        norm = phi.weight * np.linalg.norm(phi.character)
        assert m.logit_similarity[phi.index] == pytest.approx(
            norm / np.sqrt(1 - 1 / wt.group(name).order)
        )


def test_s6_has_all_eleven_irreps():
    G = wt.group("S6")
    chosen = np.random.default_rng(0).standard_normal((G.order, 2))
    m = gcr_metrics((chosen, chosen, chosen), G)
    assert len(m.irreps) == 11
    assert set(m.logit_similarity) == set(range(1, 11))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(GROUPS), st.integers(0, 10**6))
def test_pieces_of_rows_do_not_matter(name, seed):
    """The blockwise similarity is that of `character_similarity` on the whole cube."""
    G = wt.group(name)
    net = random_net(G.order, 3, seed, "square")
    m = gcr_metrics(net, G)
    whole = character_similarity(G, net.logits(), G.cayley, real_irreps(G))
    assert [m.logit_similarity[k] for k in m.logit_similarity] == pytest.approx(whole[1:])
    pieces = list(row_blocks(net))
    assert pieces[0].start == 0 and pieces[-1].stop == G.order


@pytest.mark.parametrize(("name", "size"), [("S4", 1), ("Q8", 3 * 8 * 8**2)])
def test_pieces_of_irreps_do_not_matter(name, size, monkeypatch):
    net = random_net(wt.group(name).order, 4, seed=0)
    whole = gcr_metrics(net, name).to_dict()
    monkeypatch.setattr("wordtensor.compare._part_losses._PARTS", size)
    pieces = gcr_metrics(net, name).to_dict()
    for metric in (name for name in whole if "loss" in name):
        np.testing.assert_allclose(pieces[metric], whole[metric], rtol=1e-12)


def test_scaling_logits_does_not_change_shares():
    U, V, W = (np.random.default_rng(k).standard_normal((8, 5)) for k in range(3))
    first, second = gcr_metrics((U, V, W), "Q8"), gcr_metrics((U, V, 7 * W), "Q8")
    assert first.percent_logits_explained == pytest.approx(second.percent_logits_explained)
    assert first.percent_hidden_explained == pytest.approx(second.percent_hidden_explained)
    assert first.all_loss != pytest.approx(second.all_loss)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.ones((6, 5), dtype=bool), "shape"),
        (np.ones((6, 6)), "boolean"),
        (np.zeros((6, 6), dtype=bool), "empty"),
        ([[True], [True, False]], "different lengths"),
    ],
)
def test_masks_that_are_none_are_refused(mask, message):
    d = wt.decompose("a*b", "S3")
    with pytest.raises(ComparisonError, match=message):
        gcr_metrics(d.factors, "S3", mask)


def test_a_net_of_another_group_is_refused():
    with pytest.raises(ComparisonError, match="6 elements"):
        gcr_metrics(wt.decompose("a*b", "S3").factors, "D4")


def test_logits_whose_squares_overflow_are_refused():
    U, V, W = wt.decompose("a*b", "S3").factors
    with pytest.raises(ComparisonError, match="overflow"):
        gcr_metrics((1e100 * U, 1e100 * V, W), "S3")


@pytest.mark.parametrize("given", ["net", ("first", "net"), (1, "net", 2)])
def test_checkpoints_are_pairs_of_step_and_net(given):
    with pytest.raises(ComparisonError, match="pair"):
        learned_order([given], "S3")


def test_every_irrep_is_learned_at_the_first_checkpoint_that_shows_it():
    d = wt.decompose("a*b", "S3")
    nothing = tuple(np.zeros((6, 1)) for _ in range(3))
    found = learned_order([(5, d.factors), (0, nothing), (9, d.factors)], "S3")
    assert found.steps.tolist() == [0, 5, 9]
    # Both are above the threshold at step 5, and at none before: a tie, and no order.
    assert (found.similarities[1, 1:] > 0.05).all()
    assert found.order == ((1, 5), (2, 5))
    assert found.order_rows() == [["1Rb = 2R", "5"]]
    assert str(found).startswith("1Rb = 2R (5); irreps joined by = are first seen at the same")
    early = tuple(F[:, :2] for F in d.factors)
    apart = learned_order([(5, d.factors), (0, early)], "S3")
    assert (apart.order, str(apart)) == (((1, 0), (2, 5)), "1Rb (0), then 2R (5)")
    # Key by 0.005, learned by 0.05: an irrep between the two comes last, without a step.
    U, V, W = d.factors
    scale = np.array([1, 0.05, *[1] * 7])
    assert learned_order([(0, (U, V, W * scale))], "S3").order == ((2, 0), (1, None))
    with pytest.raises(ComparisonError, match="no checkpoints"):
        learned_order([], "S3")


def test_checkpoints_may_be_state_dicts_whose_activation_is_stated():
    rng = np.random.default_rng(0)
    states = [
        (step, {"0.weight": rng.normal(size=(20, 12)), "2.weight": rng.normal(size=(6, 20))})
        for step in (0, 10)
    ]
    found = learned_order(states, "S3", activation="relu")
    for row, (_, state) in zip(found.similarities, states, strict=True):
        stated = network(state, activation="relu")
        assert row.tolist() == pytest.approx(
            character_similarity(
                wt.group("S3"), stated.logits(), wt.group("S3").cayley, real_irreps("S3")
            ).tolist()
        )
    c = wt.compare.compare(states[1][1], "a*b", "S3", activation="relu", checkpoints=states)
    assert c.order.steps.tolist() == [0, 10]
    with pytest.raises(ComparisonError, match="activation"):
        learned_order(states, "S3")


def test_tiny_cross_entropies_are_not_rounded_to_zero():
    logits = np.array([[50.0, 0.0], [0.0, 0.0]])
    assert cross_entropies(logits, np.array([0, 0])).tolist() == [
        1.9287498479639178e-22,
        0.6931471805599453,
    ]


def test_a_tie_counts_as_a_share():
    assert accuracy(np.array([[1.0, 0.0], [1.0, 1.0]]), [0, 0]) == 0.75


def test_centred_logits_are_summed_by_quotients():
    sums, square = quotient_sums(wt.group("C3"), np.eye(3), [0, 1, 2])
    assert sums.round(6).tolist() == [2.0, -1.0, -1.0]
    assert round(square, 6) == 2.0


@pytest.mark.parametrize("name", ["C3", "Q8", "S3", "A4"])
@pytest.mark.parametrize("w", ["a*b", "a*b*a^-1", "a^2*b", "[a,b]", "a*b*a", "a"])
def test_the_share_of_the_neurons_is_that_of_the_joint_space(name, w):
    """Oracle: least squares of the activations on all entries of all three, pair by pair."""
    G = wt.group(name)
    rng = np.random.default_rng(7)
    net = network(tuple(rng.standard_normal((3, G.order, 5))))
    m = gcr_metrics(net, G, word=w, key_similarity=-1.0)
    assert m.key_irreps
    table = wt.word_tensor(w, G).table
    a, b = np.divmod(np.arange(G.order**2), G.order)
    H = net.hidden().reshape(-1, net.width)
    H = H - H.mean(0)
    for found, places in (
        (m.percent_hidden_explained, (a, b, table.ravel())),
        (m.percent_hidden_xy_explained, (table.ravel(),)),
    ):
        matrices = [wt.real_irreps(G)[k].matrices.reshape(G.order, -1) for k in m.key_irreps]
        X = np.hstack([each[place] for each in matrices for place in places])
        rest = H - X @ np.linalg.lstsq(X, H, rcond=1e-10)[0]
        expected = 1 - np.square(rest).sum() / np.square(H).sum()
        assert found == pytest.approx(expected, abs=1e-9)
        assert found <= 1 + 1e-12
    if w == "a*b":
        parts = (m.hidden_x, m.hidden_y, m.hidden_xy)
        separate = sum(part[list(m.key_irreps)].sum() for part in parts)
        assert m.percent_hidden_explained == pytest.approx(separate, abs=1e-12)


@pytest.mark.parametrize("name", ["C3", "Q8", "S3"])
def test_scores_are_of_all_pairs_where_training_pairs_are_not_known(name):
    n = wt.group(name).order
    net = random_net(n, 8, 0)
    mask = np.zeros((n, n), dtype=bool)
    mask[0] = True
    for known, pairs in ((None, "all"), (mask, "training")):
        names = [row[0] for row in gcr_metrics(net, name, known).summary_rows()]
        assert f"excluded cross entropy, {pairs} pairs" in names
        assert ("accuracy on training, test pairs" in names) == (pairs == "training")
        assert any("training" in row for row in names) == (pairs == "training")


def test_irreps_have_their_common_names_beside_their_labels():
    m = gcr_metrics(wt.decompose("a*b", "S3").factors, "S3")
    heads, rows = m.irrep_rows()
    assert heads[:2] == ["irrep", "name"]
    assert [row[:2] for row in rows] == [
        ["1Ra", "trivial"], ["1Rb *", "sign"], ["2R *", "standard"],
    ]  # fmt: skip
    assert m.to_dict()["names"] == ["trivial", "sign", "standard"]
