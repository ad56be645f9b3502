"""The methods of ``wordtensor schemes search``: which options they take, and how they are run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from ..errors import SchemeError

if TYPE_CHECKING:
    from ..schemes import Registry, Scheme

__all__ = ["MethodName", "Outcome", "Request", "check_request", "run_search"]

MethodName = Literal["flips", "symmetric", "numerical"]

_SECONDS: Final = 60.0
_STARTS: Final = 20

# Options that are not for every method.
_TAKEN_BY: Final[dict[str, tuple[MethodName, ...]]] = {
    "division": ("flips", "numerical"),
    "ring": ("flips",),
    "start": ("flips",),
    "walkers": ("flips",),
    "steps": ("flips",),
    "device": ("flips",),
    "seconds": ("flips", "symmetric"),
    "flips": ("flips", "symmetric"),
    "plus_after": ("flips", "symmetric"),
    "margin": ("flips", "symmetric"),
    "signs_only": ("flips", "symmetric"),
    "checkpoint": ("flips", "symmetric"),
    "fixed": ("symmetric",),
    "reflected": ("symmetric",),
    "patience": ("symmetric",),
    "starts": ("numerical",),
}


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; None where the method's own default holds."""

    sizes: tuple[int, int, int]
    rank: int | None
    method: MethodName
    division: Literal["R", "C", "H"]
    ring: Literal["F2", "F3", "Z"]
    seed: int
    seconds: float | None
    flips: int | None
    start: str
    walkers: int | None
    steps: int | None
    plus_after: int | None
    margin: int | None
    signs_only: bool
    device: str
    fixed: int | None
    reflected: bool
    patience: int | None
    starts: int | None
    checkpoint: Path | None
    progress: bool

    @property
    def limit(self) -> float | None:
        """Seconds; none if the flips are counted."""
        return _SECONDS if self.seconds is None and self.flips is None else self.seconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a method came to, in words and for JSON."""

    scheme: "Scheme | None"
    interrupted: bool
    seconds: float
    effort: str
    reached: str
    values: dict[str, Any]


def check_request(request: Request, given: Iterable[str]) -> None:
    """Refuse what the method cannot do, before any work is paid for.

    Parameters
    ----------
    request : Request
        What is asked for.
    given : iterable of str
        Names of the options that are on the command line.

    Raises
    ------
    SchemeError
        If an option is for another method, or the sizes are.

    Examples
    --------
    >>> _option("signs_only")
    '--signs-only'
    """
    method, sizes = request.method, "<{},{},{}>".format(*request.sizes)
    for name in given:
        methods = _TAKEN_BY.get(name, (method,))
        if method not in methods:
            raise SchemeError(
                f"{_option(name)} is not for --method {method}; it goes with --method "
                f"{' or '.join(methods)}"
            )
    if method == "symmetric" and len(set(request.sizes)) > 1:
        raise SchemeError(
            f"--method symmetric needs three equal sizes, not {sizes}; try --method flips"
        )
    if method == "numerical" and request.rank is None:
        raise SchemeError("--method numerical needs --rank: the number of terms to look for")
    if method == "flips":
        _check_lengths(request, sizes)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _check_lengths(request: Request, sizes: str) -> None:
    """Refuse sizes that do not fit into machine words: their schemes may not fit into memory."""
    from ..schemes import DIMENSIONS
    from ..schemes.flips._terms import LONGEST

    n, m, p = request.sizes
    length = max(n * m, m * p, n * p) * DIMENSIONS[request.division]
    if length > LONGEST[request.ring]:
        raise SchemeError(
            f"{sizes} over {request.division} is too large: a matrix has {length} entries, and "
            f"walks over {request.ring} take up to {LONGEST[request.ring]}; decompose and export "
            "build larger schemes from smaller ones"
        )


def run_search(
    request: Request, registry: "Registry", on_scheme: "Callable[[Scheme], None] | None"
) -> Outcome:
    """Search with the method that is asked for.

    Parameters
    ----------
    request : Request
        Checked by `check_request`.
    registry : Registry
        Where walks start.
    on_scheme : callable, optional
        Is given every exact scheme that is shorter than the best so far, at once.

    Returns
    -------
    Outcome
        Also after Ctrl-C.
    """
    run = {"flips": _by_flips, "symmetric": _symmetric, "numerical": _numerical}[request.method]
    return run(request, registry, on_scheme)


def _by_flips(
    request: Request, registry: "Registry", on_scheme: "Callable[[Scheme], None] | None"
) -> Outcome:
    from ..schemes.search import search_scheme

    result = search_scheme(
        *request.sizes,
        request.rank,
        division=request.division,
        ring=request.ring,
        seed=request.seed,
        seconds=request.limit,
        flips=request.flips,
        start=request.start,
        walkers=request.walkers,
        steps=request.steps,
        plus_after=request.plus_after,
        margin=request.margin,
        signs_only=request.signs_only,
        registry=registry,
        checkpoint=request.checkpoint,
        device=request.device,
        progress=request.progress,
        on_scheme=on_scheme,
    )
    return Outcome(
        result.scheme,
        result.interrupted,
        result.seconds,
        f"{result.flips:.3g} flips in {result.seconds:.1f} s",
        f"rank {result.rank_in_ring} reached",
        {
            "walked_in": request.ring,
            "rank_in_ring": result.rank_in_ring,
            "flips": result.flips,
            "seed": result.seed,
        },
    )


def _symmetric(
    request: Request, registry: "Registry", on_scheme: "Callable[[Scheme], None] | None"
) -> Outcome:
    from ..schemes.symmetric.search import symmetric_search

    names = ("plus_after", "margin", "patience")
    chosen = {name: getattr(request, name) for name in names}
    result = symmetric_search(
        request.sizes[0],
        request.rank,
        fixed=request.fixed,
        reflected=request.reflected,
        seed=request.seed,
        seconds=request.limit,
        flips=request.flips,
        signs_only=request.signs_only,
        checkpoint=request.checkpoint,
        progress=request.progress,
        on_scheme=on_scheme,
        **{name: value for name, value in chosen.items() if value is not None},
    )
    return Outcome(
        result.scheme,
        result.interrupted,
        result.seconds,
        f"{result.flips:.3g} flips of orbits in {result.seconds:.1f} s",
        f"rank {result.rank_mod_2} reached",
        {
            "walked_in": "F2",
            "rank_in_ring": result.rank_mod_2,
            "flips": result.flips,
            "seed": result.seed,
        },
    )


def _numerical(
    request: Request, registry: "Registry", on_scheme: "Callable[[Scheme], None] | None"
) -> Outcome:
    from ..schemes import NumericalOptions, numerical_search

    options = NumericalOptions(
        division=request.division,
        seed=request.seed,
        starts=_STARTS if request.starts is None else request.starts,
    )
    result = numerical_search(
        *request.sizes,
        request.rank or 0,
        options,
        progress=request.progress,
        on_scheme=on_scheme,
    )
    return Outcome(
        result.scheme,
        result.interrupted,
        result.seconds,
        f"{result.starts} starts in {result.seconds:.1f} s",
        f"smallest residual {result.residual:.1e}, {result.solutions} numerical solutions",
        {
            "starts": result.starts,
            "solutions": result.solutions,
            "residual": result.residual,
            "seed": result.seed,
        },
    )
