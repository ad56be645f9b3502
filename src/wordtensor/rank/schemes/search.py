"""Command ``python -m wordtensor.rank.schemes.search N M P --rank R``: look for a scheme."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import SchemeError
from .compose import join, standard_scheme
from .flips import flip_search
from .lift import from_masks, to_masks
from .registry import Registry, best_scheme, default_registry
from .scheme import Scheme
from .store import read_schemes, save_schemes

__all__ = ["main", "search_scheme", "starting_schemes"]

# Smaller schemes wander this many flips before they are extended; far worse starts are left out.
_WANDER, _VARIANTS, _SPREAD = 200_000, 8, 4
_STARTS = ("all", "best", "extend", "standard")


def starting_schemes(
    n: int, m: int, p: int, division: str, how: str, registry: Registry
) -> list[Scheme]:
    """Return the schemes that a search may start from.

    Parameters
    ----------
    n, m, p : int
        Sizes.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    how : {"all", "best", "extend", "standard"}
        The best scheme of the registry, those of smaller sizes extended by a standard slice, the
        standard scheme, or all of them.
    registry : Registry
        Where to look.

    Returns
    -------
    list of Scheme
        In a fixed order.

    Raises
    ------
    SchemeError
        If ``how`` is unknown.
    """
    if how not in _STARTS:
        raise SchemeError(f"Argument 'start' must be one of {', '.join(_STARTS)}, not {how!r}.")
    found = []
    if how in ("all", "extend"):
        for axis, size in zip("nmp", (n, m, p), strict=True):
            if size > 1:
                small = {"n": n, "m": m, "p": p} | {axis: size - 1}
                slice_ = {"n": n, "m": m, "p": p} | {axis: 1}
                core = best_scheme(**small, division=division, registry=registry)
                found.append(join(core, standard_scheme(**slice_, division=division), axis))
    if how in ("all", "best"):
        found.append(best_scheme(n, m, p, division, registry=registry))
    if how in ("all", "standard"):
        found.append(standard_scheme(n, m, p, division))
    return found


def _wandered(s: Scheme, rng: np.random.Generator) -> Scheme:
    """Return another scheme modulo 2 of the same rank, reached by flips; entries are 0 and 1."""
    from . import _kernels

    masks = to_masks(s)
    rank = masks.shape[1]
    best, last = _kernels.walk(masks, _WANDER, _WANDER // 4, 1, 0, int(rng.integers(2**31)))
    reached = last if last.shape[1] <= rank else best
    return Scheme(s.shape, *from_masks(reached, *s.shape, s.division), division=s.division)


def _starts(
    n: int, m: int, p: int, division: str, how: str, registry: Registry, seed: int
) -> list[NDArray[np.int64]]:
    """Return starting schemes modulo 2; smaller schemes wander before they are extended."""
    rng = np.random.default_rng(seed)
    found = [s for s in starting_schemes(n, m, p, division, how, registry) if _is_odd(s)]
    sizes = {"n": n, "m": m, "p": p}
    for axis in "nmp" * (how in ("all", "extend")):
        core = sizes | {axis: sizes[axis] - 1}
        if not core[axis]:
            continue
        small = best_scheme(**core, division=division, registry=registry)
        slab = standard_scheme(**(sizes | {axis: 1}), division=division)
        if _is_odd(small):
            found += [join(_wandered(small, rng), slab, axis) for _ in range(_VARIANTS)]
    masks = [to_masks(s) for s in found]
    least = min((start.shape[1] for start in masks), default=0)
    return [start for start in masks if start.shape[1] <= least + _SPREAD]


def _is_odd(s: Scheme) -> bool:
    return all(d % 2 for d in s.denominators)


def search_scheme(
    n: int,
    m: int,
    p: int,
    rank: int,
    *,
    division: str = "R",
    seed: int = 0,
    seconds: float = 60.0,
    start: str = "all",
    plus_after: int = 2_000,
    signs_only: bool = False,
    registry: Registry | None = None,
) -> Scheme | None:
    """Search in the flip graph modulo 2, lift what is found, and check it exactly.

    Parameters
    ----------
    n, m, p : int
        Sizes.
    rank : int
        Stop here.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    seed : int
        Seed of all randomness.
    seconds : float
        Stop after this time.
    start : {"all", "best", "extend", "standard"}
        As in `starting_schemes`.
    plus_after, signs_only
        As in `flip_search`.
    registry : Registry, optional
        Where starting schemes come from; by default the schemes of the package.

    Returns
    -------
    Scheme or None
        The best exact scheme found, with its provenance.
    """
    registry = default_registry() if registry is None else registry
    starts = _starts(n, m, p, division, start, registry, seed)
    result = flip_search(
        starts,
        n,
        m,
        p,
        rank,
        division=division,
        seed=seed,
        seconds=seconds,
        plus_after=plus_after,
        signs_only=signs_only,
    )
    if result.scheme is None:
        return None
    ranks = ", ".join(str(value) for value in sorted({start.shape[1] for start in starts}))
    how = (
        f"flip graph modulo 2 and lifting: python -m wordtensor.rank.schemes.search {n} {m} {p} "
        f"--rank {rank} --division {division} --seed {seed} --seconds {seconds:g} --start {start} "
        f"--plus-after {plus_after}{' --signs-only' if signs_only else ''}; "
        f"{result.seconds:.1f} s from schemes of rank {ranks}"
    )
    return replace(result.scheme, provenance=how).check()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wordtensor.rank.schemes.search")
    for name in ("n", "m", "p"):
        parser.add_argument(name, type=int)
    parser.add_argument("--rank", type=int, required=True, help="stop at this rank")
    parser.add_argument("--division", default="R", choices=("R", "C", "H"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--start", default="all", choices=_STARTS)
    parser.add_argument("--plus-after", type=int, default=2_000)
    parser.add_argument("--signs-only", action="store_true", help="coefficients -1, 0, 1")
    parser.add_argument("--registry", type=Path, help="file of schemes to start from")
    parser.add_argument("--out", type=Path, help="write the scheme to this file")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program; by default that of the process.

    Returns
    -------
    int
        0 if the rank was reached, 1 if not, 2 if the arguments cannot be used.
    """
    options = _parser().parse_args(arguments)
    try:
        registry = Registry(read_schemes(options.registry)) if options.registry else None
        found = search_scheme(
            options.n,
            options.m,
            options.p,
            options.rank,
            division=options.division,
            seed=options.seed,
            seconds=options.seconds,
            start=options.start,
            plus_after=options.plus_after,
            signs_only=options.signs_only,
            registry=registry,
        )
    except SchemeError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if found is None:
        sys.stdout.write("nothing found\n")
        return 1
    sys.stdout.write(f"{found!r}\n{found.provenance}\n")
    if options.out is not None:
        save_schemes(options.out, [found])
    return 0 if found.rank <= options.rank else 1


if __name__ == "__main__":
    sys.exit(main())
