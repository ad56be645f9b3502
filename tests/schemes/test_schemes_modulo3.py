"""Schemes over F_3: what holds modulo 3 is never taken for more, and is lifted exactly or not."""

from dataclasses import replace

import numpy as np
import pytest

from wordtensor.errors import SchemeError
from wordtensor.schemes import (
    Registry,
    Scheme,
    best_scheme,
    join,
    kronecker,
    read_schemes,
    rotated,
    save_schemes,
    standard_scheme,
    write_scheme_file,
)
from wordtensor.schemes.flips._starts import starting_terms
from wordtensor.schemes.lifting.lift import lift_scheme
from wordtensor.schemes.matrix_product import dense_product_tensor

EMPTY = Registry(())


def modulo_3(s):
    return replace(s, characteristic=3)


def test_schemes_with_odd_denominators_may_start():
    s = best_scheme(2, 2, 2)
    halves = Scheme((2, 2, 2), 5 * s.U, 2 * s.V, s.W, (5, 2, 1)).check()
    thirds = Scheme((2, 2, 2), 3 * s.U, s.V, s.W, (3, 1, 1)).check()
    (terms,) = starting_terms(2, 2, 2, "R", "best", Registry((thirds,)), "F2", 0)
    want = dense_product_tensor(2, 2, 2) % 2
    assert (np.einsum("ir,jr,kr->ijk", *terms.factors((4, 4, 4))) % 2 == want).all()
    assert terms.rank == 7
    assert starting_terms(2, 2, 2, "R", "best", Registry((halves,)), "F2", 0) == []
    assert (modulo_3(halves).U == modulo_3(s).U).all()
    assert (modulo_3(halves).V == modulo_3(s).V).all()
    with pytest.raises(SchemeError, match=r"not be divisible by 3, .* no 1/3"):
        modulo_3(thirds)


def test_schemes_over_f3(tmp_path):
    s, path = modulo_3(best_scheme(2, 2, 2)), tmp_path / "a.npz"
    for t in (rotated(s), kronecker(s, s), join(s, modulo_3(standard_scheme(2, 2, 1)), "p")):
        assert t.check().ring == "F3" and t.characteristic == 3
    save_schemes(path, [s])
    assert read_schemes(path)[0].check().ring == "F3"
    with pytest.raises(SchemeError, match="modulo 3"):
        Scheme(s.shape, s.U[:, :6], s.V[:, :6], s.W[:, :6], characteristic=3).check()
    with pytest.raises(SchemeError, match="cannot be combined"):
        kronecker(s, replace(s, characteristic=2))
    with pytest.raises(SchemeError, match="lift_scheme"):
        s.as_float()
    with pytest.raises(SchemeError, match="modulo 3 only"):
        EMPTY.with_scheme(s)
    with pytest.raises(SchemeError, match="nothing to lift"):
        lift_scheme(best_scheme(2, 2, 2))
    for format in ("fmm", "alphatensor"):
        with pytest.raises(SchemeError, match="R and F_2"):
            write_scheme_file(tmp_path / f"a.{format}", [s], format)
