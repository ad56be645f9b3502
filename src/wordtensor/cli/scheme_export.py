"""``wordtensor schemes export | convert``: schemes written in any of the formats."""

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement
from math import exp, floor, log, prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .._memory import require_memory
from .._text import product_name
from ..errors import SchemeError
from ._options import Force, Verbose
from ._output import EXIT_FAILED, check_target, say
from ._search_request import DivisionName, SizeM, SizeN, SizeP
from .scheme_files import (
    GivenSizes,
    RingName,
    SchemeFile,
    SignsOnly,
    asked_ring,
    described,
    readings,
    ring_in_words,
)

if TYPE_CHECKING:
    from ..schemes import Registry
    from ..schemes.formats._format import AnyRead, Format

FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        show_default=False,
        help="m, exp, sms, fmm, maple, flat, plain, alphatensor, latex, python or wordtensor. "
        "Default: by FILE's ending, else our own.",
    ),
]
_SHOWN = 8  # schemes that are named in a line
_PLANNED = 16  # sizes up to here have a table of ranks


def _format(name: str | None, output: Path | None) -> "Format":
    """Return the format that is named, or that a file's ending means."""
    from ..schemes.formats.files import WRITTEN_FORMATS, format_for

    if name is not None and name not in WRITTEN_FORMATS:
        raise typer.BadParameter(
            f"{name!r} is none of {', '.join(WRITTEN_FORMATS)}", param_hint="--format"
        )
    return format_for(output or Path(), name)


def convert(
    file: SchemeFile,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", show_default=False, help="The file.")
    ],
    format_: FormatName = None,
    number: Annotated[
        int | None,
        typer.Option(
            "--number",
            min=0,
            metavar="K",
            show_default=False,
            help="Scheme K of FILE only, from 0.",
        ),
    ] = None,
    sizes: GivenSizes = None,
    force: Force = False,
    verbose: Verbose = 0,
) -> None:
    """Check the schemes of a file in any format exactly, and write them in another.

    If one is wrong, nothing is written and the exit code is 1.
    """
    from ..schemes import write_scheme_file

    kind = _format(format_, output)
    written = kind.targets(output)
    for path in written:
        check_target(path, force, (file,))
    try:
        found = readings(file, sizes)
    except SchemeError as error:
        say(f"error: Nothing is written: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    chosen = found if number is None else found[number : number + 1]
    if not chosen:
        raise typer.BadParameter(
            f"there is no scheme {number}: {_listed(file, found)}", param_hint="--number"
        )
    schemes = [read.scheme for read in chosen]
    try:
        write_scheme_file(output, schemes, kind.name)
    except SchemeError as error:
        if len(chosen) == 1:
            raise
        raise SchemeError(f"{error}; choose one by --number: {_listed(file, found)}") from error
    names = ", ".join(f"{described(s)} over {s.ring}" for s in schemes[:_SHOWN])
    more = f" and {len(chosen) - _SHOWN} more" * (len(chosen) > _SHOWN)
    say(f"wrote {', '.join(map(str, written))}: {names}{more}")
    for sentence in dict.fromkeys(text for read in chosen for text in _changed(read, kind)):
        say(sentence)


def _changed(read: "AnyRead", kind: "Format") -> Iterator[str]:
    """Say what a written file has in another way than the one that was read."""
    from ..schemes.formats._format import PLAIN, TRANSPOSED

    additions = read.scheme.additions()
    if read.additions is not None and read.additions < additions:
        yield (
            f"The named sums are not written: without them the scheme of {read.additions} "
            f"additions takes {additions}"
        )
    other = {PLAIN: TRANSPOSED, TRANSPOSED: PLAIN}.get(kind.third)
    if other is not None and other in read.note:
        yield f"The file that was read has its {other}, the written one its {kind.third}"


def _listed(file: Path, found: "Sequence[AnyRead]") -> str:
    """Say which schemes a file holds, by their numbers."""
    names = ", ".join(f"{t} {described(read.scheme)}" for t, read in enumerate(found[:_SHOWN]))
    return f"{file.name} holds {names}" + f" and others, up to {len(found) - 1}" * (
        len(found) > _SHOWN
    )


def export(
    n: SizeN,
    m: SizeM,
    p: SizeP,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Default: by sizes, ring and rank.",
        ),
    ] = None,
    format_: FormatName = None,
    ring: RingName = "Q",
    signs_only: SignsOnly = False,
    division: DivisionName = "R",
    force: Force = False,
    verbose: Verbose = 0,
) -> None:
    """Write the best scheme for <N,M,P> that is known here to a file.

    `convert` writes a scheme of your own.
    """
    from ..schemes import DIMENSIONS, best_rank, best_scheme, construction, user_registry

    kind = _format(format_, output)
    registry = user_registry().over(asked_ring(ring, signs_only))
    entries = (n * m + m * p + n * p) * DIMENSIONS[division]
    _check_size((n, m, p), _least_rank(n * m * p, registry), entries)
    rank = best_rank(n, m, p, division, registry=registry)
    _check_size((n, m, p), rank, entries)
    # What is not the default stands in the name, so that no scheme takes the name of another.
    others = (division, "R"), (registry.ring, "Q")
    suffix = "".join(f"_{name}" for name, default in others if name != default)
    target = output or Path(f"{n}x{m}x{p}{suffix}_m{rank}{kind.ending}")
    written = kind.targets(target)
    for path in written:
        check_target(path, force)
    s = best_scheme(n, m, p, division, registry=registry).check()
    kind.write(target, (s,))
    name = product_name(s.shape, division)
    files = ", ".join(map(str, written))
    built = construction(n, m, p, division, registry=registry).partition(" = ")[2]
    how = f"built as {built}" if ":" in built else built
    where = ring_in_words(registry.ring, s.ring)
    say(f"wrote {files}: {name} with {s.rank} products over {where}, {how}")


def _check_size(sizes: tuple[int, int, int], rank: int, entries: int) -> None:
    """Refuse a scheme that takes too much memory."""
    # Twice: when it is checked, it is there as floating-point numbers as well.
    require_memory(
        2 * 8 * rank * entries,
        "The scheme for <{},{},{}>, of ".format(*sizes) + f"at least {rank} products,",
        "Ask for smaller sizes",
    )


def _least_rank(volume: int, registry: "Registry") -> int:
    """Bound from below what schemes for n*m*p = volume can be built, without planning them.

    If rank >= volume^x holds for all sizes to 16 and some x <= 1, it holds for what larger ones are
    built from them: products, and sums and restrictions, as volume^x is subadditive and increasing.
    (For blocks of two different halves this is observed and not proved.)
    """
    from ..schemes import best_rank

    exponents = [
        log(best_rank(*sizes, registry=registry)) / log(prod(sizes))
        for sizes in combinations_with_replacement(range(1, _PLANNED + 1), 3)
        if prod(sizes) > 1
    ]
    return floor(exp(log(volume) * min([1.0, *exponents])) * (1 - 1e-9))
