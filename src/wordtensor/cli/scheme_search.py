"""``wordtensor schemes search``: look for a scheme of smaller rank, and keep it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import typer

from .._interrupts import was_interrupted
from .._text import product_name
from ..errors import FileFormatError, SchemeError
from ._known_ranks import known_rank, lower_bound, read_known
from ._output import EXIT_FAILED, EXIT_INTERRUPTED, check_target, echo_json, say
from ._search_request import Request, check_request, takes_request

if TYPE_CHECKING:
    from ..schemes import FlipOptions, Registry, Scheme, SearchResult, SymmetricOptions


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a method came to, in words and for JSON."""

    scheme: "Scheme | None"
    interrupted: bool
    seconds: float
    effort: str
    values: dict[str, Any]


@takes_request
def search(context: typer.Context, **values: Any) -> None:
    """Look for an exact scheme of <N,M,P> of smaller rank.

    --method flips walks in the flip graph: any sizes.

    --method symmetric walks among schemes of <N,N,N> with cyclic symmetry.

    Ctrl-C ends the search and keeps the best so far; the exit code is 130.

    It is 1 if nothing exact was found, or not the rank that was asked for.
    """
    request = Request(**values)
    check_request(request, _given(context))
    _check_possible(request)
    _check_places(request)
    known = read_known(request.known, request.division, "ZT" if request.signs_only else "Q")
    best_known = known_rank(known, request.sizes)
    from ..schemes import best_rank, user_registry

    registry = user_registry()
    before = best_rank(*request.sizes, request.division, registry=registry)
    run = {"flips": _by_flips, "symmetric": _symmetric}[request.method]
    try:
        outcome = run(request, registry, partial(_keep_better, before) if request.store else None)
    except (KeyboardInterrupt, SystemError) as error:
        if not was_interrupted(error):
            raise
        first = "walks began: nothing was found or written"
        if request.seeds > 1:
            first = "first seed has ended"
        say(f"The search was interrupted before the {first}", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    told = {**_told(outcome, before, request), "best_known": best_known}
    if request.as_json:
        head = {"sizes": list(request.sizes), "division": request.division}
        echo_json({**head, "method": request.method, **told})
    else:
        say(_report(outcome, told, request))
        say(_conclusion(request, told))
        if outcome.interrupted:
            say(_going_on(request, told["kept"]))
    if outcome.interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)
    rank = request.rank
    if outcome.scheme is None or (rank is not None and outcome.scheme.rank > rank):
        raise typer.Exit(EXIT_FAILED)


def _given(context: typer.Context) -> list[str]:
    """Name the options that are on the command line."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return [name for name, source in sources.items() if source and source.name == "COMMANDLINE"]


def _check_possible(request: Request) -> None:
    """Refuse fewer products than there must be."""
    bound = lower_bound(request.sizes, request.division)
    if request.rank is not None and request.rank < bound.value:
        raise SchemeError(
            f"No scheme of {product_name(request.sizes, request.division)} has {request.rank} "
            f"products over the real numbers: at least {bound.value} are needed ({bound.reason})"
        )


def _check_places(request: Request) -> None:
    """Refuse places that cannot be written to, before any work is paid for."""
    from ..schemes.formats.files import format_of
    from ..schemes.library import user_folder

    if request.output is not None:
        format_of(request.output)
        check_target(request.output, request.force, [request.checkpoint])
    if request.checkpoint is not None:
        check_target(request.checkpoint, force=True)
    folder = user_folder()
    if request.store and folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise FileFormatError(
                f"Cannot keep schemes in {str(folder)!r}: {error.strerror}; pass --no-store"
            ) from error


def _keep_better(before: int, found: "Scheme") -> None:
    """Keep an improvement at once: a killed search loses nothing that it found."""
    from ..schemes import remember
    from ..schemes.library import user_folder

    if found.rank < before and user_folder() is not None:
        try:
            remember(found)
        except FileFormatError as error:
            # The search goes on; it is tried again at its end.
            say(f"not kept yet: {error}", err=True)


def _keep(found: "Scheme | None", output: Path | None, wanted: bool) -> list[Path]:
    """Write what was found to the file that was asked for, and among the user's schemes."""
    from ..schemes import remember
    from ..schemes.formats.files import format_of
    from ..schemes.library import user_folder

    kept: list[Path] = []
    if found is None:
        return kept
    if output is not None:
        format_of(output).write(output, (found,))
        kept.append(output)
    if wanted and user_folder() is None:
        say("WORDTENSOR_SCHEMES is empty: the scheme is not kept for decompose", err=True)
    elif wanted:
        kept.append(remember(found))
    return kept


def _told(outcome: Outcome, before: int, request: Request) -> dict[str, Any]:
    """Keep what was found, if it is better than before, and gather what there is to say."""
    found = outcome.scheme
    improved = found is not None and found.rank < before
    kept = _keep(found, request.output, request.store and improved)
    return {
        "rank": None if found is None else found.rank,
        "ring": None if found is None else found.ring,
        "known_before": before,
        "lower_bound": lower_bound(request.sizes, request.division).value,
        "improved": improved,
        "kept": [str(path) for path in kept],
        "provenance": None if found is None else found.provenance,
        "seconds": outcome.seconds,
        "interrupted": outcome.interrupted,
        **outcome.values,
    }


def _report(outcome: Outcome, values: dict[str, Any], request: Request) -> str:
    """Say in a few lines what was found, what was known, and where it is kept."""
    found = outcome.scheme
    if found is None and outcome.interrupted and not values["flips"]:
        return "Nothing was found yet, as the first walks had not ended."
    if found is None:
        head = "No exact scheme was found"
    else:
        gain = "an improvement" if values["improved"] else "no improvement"
        head = (
            f"A scheme of {product_name(found.shape, found.division)} with {found.rank} products "
            f"over {found.ring} was found, which is {gain} on the {values['known_before']} known"
        )
    kept = [f"It is kept as {path}" for path in values["kept"]]
    numbers = "coefficients -1, 0 and 1" if request.signs_only else "exact numbers"
    return "\n".join([f"{head}. {outcome.effort}", _walked_where(values, numbers), *kept])


def _walked_where(values: dict[str, Any], numbers: str) -> str:
    """Say in which ring the walks were, and what that means for the result."""
    rank, met, ring = values["rank"], values["rank_in_ring"], values["walked_in"]
    before = values["known_before"]
    if ring == "Z":
        return (
            "The walks were over Z with coefficients -1, 0 and 1, so that nothing had to be lifted."
        )
    modulo = f"odulo {ring[1:]}"
    if met == rank:
        return f"The walks were m{modulo}, and the {rank} terms were lifted to {numbers}."
    shorter = f", and say nothing about {met} products over Q" if met < before else ""
    return (
        f"M{modulo} the walks met {met} terms, which were not lifted to {numbers}: they are known "
        f"to multiply matrices m{modulo} only{shorter}."
    )


def _conclusion(request: Request, values: dict[str, Any]) -> str:
    """Say what is known of the rank now, and which command to try next."""
    name = product_name(request.sizes, request.division)
    bound = lower_bound(request.sizes, request.division)
    found, before = values["rank"], values["known_before"]
    best = before if found is None else min(found, before)
    if best == bound.value:
        return (
            f"The rank of {name} is {best}: fewer products are impossible over the real numbers "
            f"({bound.reason})"
        )
    text = (
        f"{name} takes at most {best} products. The bounds used here prove at least {bound.value} "
        f"over the real numbers ({bound.reason}); whether {best - 1} is possible they do not "
        f"settle. {_beside(best, values['best_known'], request)}"
    )
    return f"{text}Next: {_next_command(request, found is not None and found < before, best)}"


def _beside(best: int, known: int | None, request: Request) -> str:
    """Say how a rank stands beside the one in the user's table."""
    if request.known is None or request.division != "R":
        return ""
    table = request.known.name
    if known is None:
        return f"{table} has no rank of {product_name(request.sizes, 'R')}. "
    if known < best:
        return f"{table} says {known}, so that a shorter scheme exists. "
    if known == best:
        return f"{table} says {known} as well. "
    return f"{table} says {known}: the {best} here are fewer. "


def _next_command(request: Request, improved: bool, best: int) -> str:
    """Write a command that looks for one product less, in another way after a search in vain."""
    own = f"wordtensor schemes search {' '.join(map(str, request.sizes))}"
    own += "" if request.division == "R" else f" --division {request.division}"
    if improved:
        return f"{own} --rank {best - 1}"
    other = "--start project" if request.start != "project" else "--start extend"
    if request.method == "symmetric":
        other = "--method flips"
    return f"{own} --rank {best - 1} {other} --seeds 4 --workers 2"


def _going_on(request: Request, kept: list[str]) -> str:
    """Say after Ctrl-C what the same command would do."""
    # A file that was written is there now, and is replaced on demand only.
    forced = " with --force" if str(request.output) in kept and not request.force else ""
    if request.checkpoint is not None:
        each = "" if request.seeds == 1 else ", of each seed its own"
        return (
            f"The search was interrupted; the same command{forced} goes on from "
            f"{request.checkpoint}{each}"
        )
    what = "nothing but what is named above is kept" if kept else "nothing is kept"
    return (
        f"The search was interrupted; {what}, and the same command{forced} begins anew: with "
        "--checkpoint FILE a search goes on"
    )


def _by_flips(
    request: Request, registry: "Registry", on_scheme: "Callable[[Scheme], None] | None"
) -> Outcome:
    from ..schemes import FlipOptions, search_scheme

    search = partial(search_scheme, *request.sizes, registry=registry)
    return _searched(request, search, request.options(FlipOptions), on_scheme, "flips")


def _symmetric(
    request: Request, _: "Registry", on_scheme: "Callable[[Scheme], None] | None"
) -> Outcome:
    from ..schemes.symmetric.options import SymmetricOptions
    from ..schemes.symmetric.search import symmetric_search

    search, options = partial(symmetric_search, request.n), request.options(SymmetricOptions)
    return _searched(request, search, options, on_scheme, "flips of orbits")


def _searched(
    request: Request,
    search: "Callable[..., SearchResult[Any]]",
    options: "FlipOptions | SymmetricOptions",
    on_scheme: "Callable[[Scheme], None] | None",
    what: str,
) -> Outcome:
    """Search with one seed, or with several in processes."""
    search = partial(search, seconds=request.limit, flips=request.flips, on_scheme=on_scheme)
    if request.seeds == 1:
        return _walked(
            search(
                request.rank,
                options=options,
                checkpoint=request.checkpoint,
                progress=request.shown,
            ),
            what,
        )
    from .._workers import worker_pool
    from ..schemes.searching.seeds import search_seeds

    seeds = range(request.seed, request.seed + request.seeds)
    with worker_pool(request.workers, request.scheduler) as executor:
        found = search_seeds(
            search, options, seeds, request.rank, checkpoint=request.checkpoint, executor=executor
        )
    return _best_of(found, request, what)


def _best_of(found: "tuple[SearchResult[Any], ...]", request: Request, what: str) -> Outcome:
    """Say what the best seed came to, and what each did."""
    best = _walked(found[0], what)
    ranks = [None if result.scheme is None else result.scheme.rank for result in found]
    reached = request.rank is not None and (ranks[0] or math.inf) <= request.rank
    cut_off = len(found) < request.seeds and not reached
    rows = [
        {"seed": result.seed, "rank": rank, "rank_in_ring": result.rank_in_ring}
        for result, rank in zip(found, ranks, strict=True)
    ]
    return replace(
        best,
        interrupted=cut_off or any(result.interrupted for result in found),
        effort=f"It is of seed {found[0].seed}, the best of {len(found)}. {best.effort}",
        values=best.values | {"seeds": rows},
    )


def _walked(result: "SearchResult[Any]", what: str) -> Outcome:
    """Say what a search by walks came to."""
    times = "once" if result.resumed == 1 else f"{result.resumed} times"
    resumed = f", resumed {times}" if result.resumed else ""
    return Outcome(
        result.scheme,
        result.interrupted,
        result.seconds,
        f"It took {result.flips:.3g} {what} in {result.seconds:.1f} s{resumed}.",
        {
            "walked_in": result.ring,
            "rank_in_ring": result.rank_in_ring,
            "flips": result.flips,
            "seed": result.seed,
            "resumed": result.resumed,
            "versions": list(dict.fromkeys(session.version for session in result.sessions)),
        },
    )
