"""``wordtensor schemes verify | import``: files of schemes, checked and kept."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .._text import product_name
from ..errors import FileFormatError, MemoryLimitError, SchemeError
from ._options import Json, Verbose
from ._output import EXIT_FAILED, echo_json, say

if TYPE_CHECKING:
    from .._typing import Sizes
    from ..schemes import ComplexScheme
    from ..schemes.formats._format import AnyRead, AnyScheme
    from ..schemes.registry import Ring

SchemeFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help="Schemes in any format: braces (.m), expressions (.exp), .sms, .json, .npz, .npy, "
        ".mpl, .txt. The contents tell which.",
    ),
]
GivenSizes = Annotated[
    str | None,
    typer.Option(
        "--sizes",
        metavar="N,M,P",
        show_default=False,
        help="The sizes, where the file does not say them.",
    ),
]
RingName = Annotated[
    Literal["Q", "Z", "ZT", "F2"],
    typer.Option(
        "--ring",
        help="What the coefficients may be: rational (Q), integer (Z), only -1, 0 and 1 (ZT), or "
        "modulo 2 (F2).",
    ),
]
SignsOnly = Annotated[bool, typer.Option("--signs-only", help="The same as --ring ZT.")]


def asked_ring(ring: "Ring", signs_only: bool) -> "Ring":
    """Return the ring that --ring and --signs-only say together."""
    if signs_only and ring not in ("Q", "ZT"):
        raise typer.BadParameter(
            f"--signs-only means --ring ZT, and --ring {ring} is given; give one of the two",
            param_hint="--ring",
        )
    return "ZT" if signs_only else ring


def ring_in_words(asked: "Ring", ring: str) -> str:
    """Name where the coefficients live: the ring of a scheme, or what was asked of its signs."""
    return "Z with coefficients -1, 0 and 1" if asked == "ZT" else ring


def _sizes(text: str | None) -> "Sizes | None":
    """Read "2,3,4"."""
    if text is None:
        return None
    parts = text.replace("x", ",").split(",")
    if len(parts) != 3 or not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise typer.BadParameter(f"{text!r} is not three sizes like 2,3,4", param_hint="--sizes")
    n, m, p = map(int, parts)
    return n, m, p


def readings(file: Path, sizes: str | None) -> tuple["AnyRead", ...]:
    """Read a file of schemes in any format; each is checked exactly."""
    from ..schemes.formats.files import readings_of

    found = readings_of(file, _sizes(sizes))
    if not found:
        raise FileFormatError(f"File {str(file)!r} holds no schemes")
    return found


def verify(
    file: SchemeFile, sizes: GivenSizes = None, as_json: Json = False, verbose: Verbose = 0
) -> None:
    """Check all schemes of a file by Brent's equations, in integers.

    The exit code is 0 if all hold, 1 if one does not, and 2 if the file cannot be read.
    """
    found: tuple[AnyRead, ...] = ()
    wrong = None
    try:
        found = readings(file, sizes)
    except SchemeError as error:
        wrong = str(error)
    if as_json:
        schemes = [
            _report(s) | {"additions_as_written": written, "note": note}
            for s, note, written in found
        ]
        echo_json({"file": str(file), "ok": wrong is None, "error": wrong, "schemes": schemes})
    elif wrong is not None:
        say(f"WRONG: {wrong}")
    else:
        for s, note, written in found:
            text = f"{described(s)}: exact over {s.ring}; {_additions(s, written)}"
            say(f"{text}; {note}" if note else text)
    if wrong is not None:
        raise typer.Exit(EXIT_FAILED)


def _additions(s: "AnyScheme", written: int | None) -> str:
    """Say how many additions a scheme takes, and how many its file writes."""
    if written is None:
        saving = "; named sums can save some"
    else:
        saving = f"; {written} as the file writes them"
    return f"{s.additions()} additions (each sum counted where it is used{saving})"


def described(s: "AnyScheme") -> str:
    """Name a scheme by its sizes and its rank."""
    return f"{product_name(s.shape, s.division)} rank {s.rank}"


def _report(s: "AnyScheme") -> dict[str, Any]:
    return {
        "sizes": list(s.shape),
        "division": s.division,
        "rank": s.rank,
        "ring": s.ring,
        "additions": s.additions(),
    }


def import_(
    file: SchemeFile,
    sizes: GivenSizes = None,
    every: Annotated[
        bool, typer.Option("--all", help="Keep schemes that improve nothing as well.")
    ] = False,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Check the schemes of a file and keep those that improve what is known here.

    Schemes that hold modulo 2 or 3 only are lifted, if they can be.

    If one is wrong, none is kept and the exit code is 1.
    """
    try:
        found = readings(file, sizes)
    except SchemeError as error:
        say(f"error: Nothing is imported: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    reports = [_imported(s, file, every) | {"note": note} for s, note, _ in found]
    if as_json:
        echo_json({"file": str(file), "schemes": reports})
        return
    for report, (s, note, _) in zip(reports, found, strict=True):
        text = f"{described(s)}: {report['result']}"
        say(f"{text}; {note}" if note else text)


def _imported(s: "AnyScheme", file: Path, every: bool) -> dict[str, Any]:
    """Keep a checked scheme if it is wanted, and say what came of it."""
    from ..schemes import ComplexScheme, best_rank, lift_scheme, remember, user_registry

    if isinstance(s, ComplexScheme):
        return _imported_complex(s, file, every)
    before = best_rank(*s.shape, s.division, registry=user_registry())
    report: dict[str, Any] = {
        "sizes": list(s.shape),
        "division": s.division,
        "rank": s.rank,
        "known_before": before,
        "kept": None,
    }
    better = s.rank < before
    if not better and not every:
        return report | {"result": f"no better than the {before} known"}
    try:
        lifted = lift_scheme(s) if s.characteristic else s
    except MemoryLimitError as error:
        return report | {"result": f"holds modulo {s.characteristic} only; left out: {error}"}
    if lifted is None:
        only = f"holds modulo {s.characteristic} only and could not be lifted"
        return report | {"result": f"{only}; left out"}
    named = file.name in s.provenance
    text = s.provenance if named else f"imported from {file.name}: {s.provenance}"
    kept = remember(replace(lifted, provenance=text))
    result = f"improves {before}" if better else f"no better than the {before} known"
    result += ", lifted" * bool(s.characteristic) + f"; kept as {kept}"
    return report | {"kept": str(kept), "result": result}


def _imported_complex(s: "ComplexScheme", file: Path, every: bool) -> dict[str, Any]:
    """Keep a complex scheme if it has fewer terms than those over R, or than other complex ones."""
    from ..schemes import best_rank, remember, user_registry
    from ..schemes._complex_library import remember_complex

    registry = user_registry()
    stored = registry.complex_scheme(*s.shape)
    before = stored.rank if stored else best_rank(*s.shape, registry=registry)
    report = _report(s) | {"known_before": before, "kept": None}
    if s.rank >= before and not every:
        return report | {"result": f"complex, and no better than the {before} known"}
    text = s.provenance
    text = text if file.name in text else f"imported from {file.name}: {text}"
    kept = remember_complex(replace(s, provenance=text))
    better = f"improves {before}" if s.rank < before else f"no better than the {before} known"
    result = f"complex, {better}, for complex terms only; kept as {kept}"
    real = replace(s, provenance=text).over_reals()
    if real.rank < (known := best_rank(*s.shape, "C", registry=registry)):
        kept_real = remember(real)
        result += f"; in real coordinates {described(real)} improves {known}; kept as {kept_real}"
    return report | {"kept": str(kept), "result": result}
