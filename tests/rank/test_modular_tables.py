"""Tables of sums and products modulo n have as few terms as the cyclic group."""

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.rank.tensors import plan_tensor
from wordtensor.words import value_table


def route_names(table):
    return [route.name for part in plan_tensor(table).parts for route in part.routes]


@pytest.mark.parametrize(
    ("formula", "n"), [("x^2 + y^2 mod 31", 31), ("x^3 + 2*y^2 mod 29", 29), ("x^2 + y mod 12", 12)]
)
def test_sums_take_the_terms_of_the_cyclic_group(formula, n):
    assert plan_tensor(value_table(formula)).upper <= wt.decompose("a*b", f"C{n}").rank


@pytest.mark.parametrize("formula", ["x*y mod 13", "x^2*y mod 13", "5*x*y^3 mod 11"])
def test_products_take_those_of_the_units_and_two_for_zero(formula):
    d = wt.solve(value_table(formula))
    p = d.tensor.shape[2]
    assert d.rank <= wt.decompose("a*b", f"C{p - 1}").rank + 2
    assert wt.verify(d).ok


@pytest.mark.parametrize("seed", range(3))
def test_rows_and_columns_may_be_any_in_any_order(seed):
    rng = np.random.default_rng(seed)
    f, g = rng.integers(0, 23, 9), rng.integers(0, 23, 14)
    table = value_table((f[:, None] + g) % 23, size=23)
    assert "sums modulo 23" in route_names(table)
    f[2] = 0
    values = (f[:, None] * g) % 23
    assert "products modulo 23" in route_names(value_table(values, size=23))


def test_terms_of_sums_add_up():
    d = wt.solve(value_table("x^2 + 2*y mod 12"))
    assert d.rank <= wt.decompose("a*b", "C12").rank
    assert wt.verify(d).ok


def test_a_single_other_value_is_seen():
    values = value_table("x^2 + y^2 mod 11").values.copy()
    assert "sums modulo 11" in route_names(value_table(values))
    values[3, 4] = (values[3, 4] + 1) % 11
    assert "sums modulo 11" not in route_names(value_table(values))


@pytest.mark.parametrize("name", ["C3", "S3", "Q8"])
def test_a_groups_table_goes_its_own_way(name):
    table = value_table(wt.group(name).cayley)
    assert not any("modulo" in route for route in route_names(table))
    assert wt.solve(table).rank == wt.decompose("a*b", name).rank
