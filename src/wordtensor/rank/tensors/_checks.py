"""What `verify` checks of a solved tensor: it trusts the entries and nothing else."""

from collections.abc import Iterator

import numpy as np

from ...bounds import Bound
from .._accuracy import TOLERANCE
from .._check import Check, differing
from .._plan import check_choices
from ._tensor_bounds import is_proved_by
from .decomposition import TensorDecomposition, relative_error, terms_of
from .plan import plan_tensor

# Errors that differ by this factor, or by this much, are the same up to rounding.
_SAME_ERROR, _ROUNDING_ERROR = 100.0, 1e-12


def tensor_checks(d: TensorDecomposition) -> tuple[float, list[Check]]:
    """Return the largest relative error, and everything else that holds or does not."""
    check_choices(d.field, d.seed)
    error = float("inf")
    if all(bool(np.isfinite(factor).all()) for factor in d.factors):
        error = relative_error(d.tensor, d.factors)
    x, y, z = d.tensor.shape
    text = f"compared all {x} x {y} x {z} entries with the sum of {d.rank} rank-one terms"
    checks = [Check(text, error <= TOLERANCE), *_claims(d, error)]
    if all(check.holds for check in checks):
        checks += list(_bound_checks(d))
    return error, checks


def _claims(d: TensorDecomposition, error: float) -> Iterator[Check]:
    """Check the numbers that are stated beside the factors."""
    small, large = sorted((d.residual, error))
    if large > _SAME_ERROR * small + _ROUNDING_ERROR:
        yield differing(d.version, f"the error is said to be {d.residual:.1e}", "residual")
    if d.field == "real" and any(np.iscomplexobj(factor) for factor in d.factors):
        yield Check("the field is real, but the factors are complex", False)
    edges = [0, *(block.columns[1] for block in d.blocks)]
    tiled = [block.columns[0] for block in d.blocks] == edges[:-1] and edges[-1] == d.rank
    counts = f"{len(d.blocks)} blocks with {edges[-1]} terms"
    yield Check(f"{counts}, lower bound {d.lower_bound}", tiled and d.lower_bound <= d.rank)
    exact = terms_of(d.tensor, d.factors, [block.radicand for block in d.blocks]) is not None
    exact = exact or not d.rank
    numerical = any(block.status == "numerical" for block in d.blocks)
    found = "exact" if exact else "numerical" if numerical else "structural"
    yield Check(f"status {d.status!r}, found to be {found!r}", d.status == found)
    if found == "structural":  # what makes them so is not in the file
        text = "not checked: that blocks are by known terms and no others, as their records say"
        yield Check(text, not_checked=("status", "blocks.strategy", "blocks.status"))
    yield Check(
        f"not checked: how it was found, which is said to be with effort {d.effort!r}, seed "
        f"{d.seed}, by version {d.version or '?'} in {d.seconds:.3g} s; the bounds and the "
        "notes of single blocks",
        not_checked=(
            "effort",
            "seed",
            "version",
            "seconds",
            "interrupted",
            "blocks.note",
            "blocks.lower_bound",
            "blocks.reason",
        ),
    )


def _bound_checks(d: TensorDecomposition) -> Iterator[Check]:
    """Prove the bounds again: from their data, or from the structure of the tensor."""
    plan = plan_tensor(d.tensor, field=d.field, seed=d.seed)
    again = set(plan.bounds)
    for bound in d.bounds:
        text = f"at least {bound.value}: {bound.reason}"
        if bound.data is not None:
            proved = Bound.of(bound.data) == bound and is_proved_by(bound.data, d.tensor, d.field)
            yield Check(text, proved)
        elif bound in again:
            yield Check(text)
        else:
            yield differing(d.version, f"not proved again: {text}", "bounds")
