"""What a result claims is checked, and complex terms are never more than real ones."""

import dataclasses

import numpy as np
import pytest

from wordtensor.bounds import Bound
from wordtensor.cores import Store
from wordtensor.errors import WordTensorError
from wordtensor.groups import group
from wordtensor.rank import decompose, load, plan, verify


@pytest.fixture(scope="module")
def product():
    return decompose("a*b", "S4")


@pytest.mark.parametrize("claim", [{"bounds": (Bound(55, "x"),)}, {"status": "structural"}])
def test_false_claims_are_caught(product, claim):
    assert verify(product).ok
    assert not verify(dataclasses.replace(product, **claim)).ok


def test_irrational_terms_are_not_exact():
    d = decompose("a*b", "C7")
    assert d.status == "structural" and verify(d).ok
    assert not verify(dataclasses.replace(d, status="exact")).ok


@pytest.fixture
def numerical(monkeypatch):
    monkeypatch.setattr("wordtensor.rank._exact.round_terms", lambda *_, **__: None)
    return decompose("[a,b]", "S3", store=Store())


def test_a_numerical_block_is_not_structural(numerical):
    d = numerical
    assert d.status == "numerical"
    assert verify(d).ok
    assert not d.is_optimal  # its terms only meet a tolerance
    assert not verify(dataclasses.replace(d, status="structural")).ok


def test_a_numerical_block_is_not_exact(numerical):
    general = next(k for k, block in enumerate(numerical.blocks) if block.sizes is None)
    blocks = list(numerical.blocks)
    blocks[general] = dataclasses.replace(blocks[general], status="exact", radicand=1)
    claimed = dataclasses.replace(numerical, status="structural", blocks=tuple(blocks))
    check = verify(claimed)
    assert not check.ok
    assert "said to be exact" in str(check)
    assert not verify(dataclasses.replace(claimed, status="exact")).ok


@pytest.mark.parametrize("text, name", [("[a,b]", "S3"), ("a*b*a", "Q8"), ("a*b*a", "Dic3")])
def test_blocks_from_the_solver_become_exact(text, name):
    d = decompose(text, name, method="direct sum", store=Store())
    assert d.status == "exact"
    check = verify(d)
    assert check.ok
    for block in d.blocks:
        if block.sizes is None:
            assert (block.status, block.strategy) == ("exact", "solver")
            assert block.radicand >= 1


def test_exact_factors_are_checked_in_integers():
    d = decompose("a", "Q8")
    assert d.status == "exact"
    check = verify(d)
    assert check.ok
    assert any("integers" in line for line in check.checks)


@pytest.mark.parametrize("text, name", [("a*b*a*b", "A4"), ("a^3*b", "Dic3")])
def test_an_exact_block_beside_complex_ones_is_checked(text, name):
    d = decompose(text, name, field="complex")
    number, block = next((k, b) for k, b in enumerate(d.blocks) if b.status == "exact")
    assert np.iscomplexobj(d.factors[0])
    assert verify(d).ok
    # With another phase for each column the sum is the same, but no longer rational.
    phases = np.exp(1j * np.arange(d.rank))
    phases[: block.columns[0]] = phases[block.columns[1] :] = 1.0
    U, V, W = d.factors
    found = verify(dataclasses.replace(d, factors=(U * phases, V / phases, W)))
    assert not found.ok
    assert f"block {number}, {block.name}: its terms are said to be exact" in str(found)


def test_what_is_no_number_is_not_exact():
    d = decompose("a*b*a", "D5")
    U, V, W = (np.full_like(factor, np.nan) for factor in d.factors)
    for factors in ((U, *d.factors[1:]), (*d.factors[:2], W), (d.factors[0], V, d.factors[2])):
        found = verify(dataclasses.replace(d, factors=factors))
        assert not found.ok
        assert "status 'exact', but the factors are not" in str(found)


def test_factors_of_another_shape_are_refused(product):
    U, V, W = product.factors
    with pytest.raises(WordTensorError, match="shape"):
        verify(dataclasses.replace(product, factors=(U[:, :5], V, W)))
    with pytest.raises(WordTensorError, match="shape"):
        verify(dataclasses.replace(product, group=group("A4")))


def test_files_can_be_verified(product, tmp_path):
    path = tmp_path / "d.npz"
    product.save(path)
    assert verify(path).ok
    assert verify(str(path)).ok
    for other in (3, None):
        with pytest.raises(WordTensorError):
            verify(other)
        with pytest.raises(WordTensorError):
            load(other)


@pytest.mark.parametrize("text, name", [("a*b*a", "S3"), ("a^2*b", "S3"), ("[a,b]", "Dic3")])
def test_complex_terms_are_never_more(text, name):
    real, over_c = decompose(text, name), decompose(text, name, field="complex")
    assert over_c.rank <= real.rank
    assert verify(over_c).ok
    assert np.iscomplexobj(over_c.factors[0]) or over_c.status in ("numerical", "exact")


@pytest.mark.parametrize("options", [{"field": "x"}, {"seed": -1}, {"seed": 1.5}])
def test_plans_refuse_what_decompose_refuses(options):
    with pytest.raises(WordTensorError, match=next(iter(options))):
        plan("a*b", "S3", **options)


@pytest.mark.parametrize("limit", ["x", True, float("inf"), float("nan"), 0, -1])
def test_time_limits_are_finite_positive_numbers(limit):
    with pytest.raises(WordTensorError, match="time_limit"):
        decompose("a*b", "S3", effort="search", time_limit=limit)


def test_progress_is_written_to_a_pipe(capsys):
    decompose("a*b*a", "S3", progress=True, store=Store())
    written = capsys.readouterr()
    assert "terms for this block" in written.err
    assert written.out == ""
