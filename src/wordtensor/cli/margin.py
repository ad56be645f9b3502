"""``wordtensor margin``: the greatest normalised margin of a group, and what a net reaches."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .._extras import room_of
from ..errors import FileFormatError, NetworkError
from ..groups import Group
from ..words import word
from ._net_source import is_another, stated
from ._options import CayleyFile, GroupText, Json, Verbose
from ._output import echo_json, say
from ._run_files import net_of_run
from ._source import group_from
from .compare import Last


def margin(
    group: GroupText = None,
    cayley: CayleyFile = None,
    net: Annotated[
        Path | None,
        typer.Option(
            "--net", metavar="FILE", show_default=False, help="A saved net to hold against it."
        ),
    ] = None,
    parity: Annotated[
        int | None,
        typer.Option(
            "--parity", metavar="K", show_default=False, help="K-parity, instead of GROUP."
        ),
    ] = None,
    last: Last = False,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Print gamma*, the greatest margin of a quadratic net of norm 1 on a*b over GROUP.

    With it: the irreps that reach it, the classes that prove it, and the width that it takes.
    """
    if net is not None and not net.exists():  # before gamma* is computed and torch is loaded
        raise FileFormatError(f"There is no file or folder {str(net)!r}")
    if last and (net is None or not net.is_dir()):
        given = "no --net was given" if net is None else f"{str(net)!r} is a file"
        raise NetworkError(
            f"Option --last chooses one of the nets in the folder of a run, and {given}"
        )
    if parity is None:
        values, lines = _of_group(group_from(group, cayley), net, last)
    elif group is None and cayley is None:
        values, lines = _of_parity(parity, net, last)
    else:
        raise NetworkError("Give a group or --parity, not both")
    if as_json:
        echo_json(values)
    else:
        say("\n".join(lines))


def _of_group(G: Group, path: Path | None, last: bool) -> tuple[dict[str, Any], list[str]]:
    from ..margins import margin_optimum

    optimum = margin_optimum(G)
    values, lines = optimum.to_dict(), [str(optimum)]
    if path is None:
        return values, lines
    nets, net = room_of("nets", "This command"), _net_on(G, path, last)
    if isinstance(net, nets.TwoLayerPerceptron) and net.degree == 3 and net.instances is None:
        certificate = nets.margin_certificate(net, G)
        values["net"], text = certificate.to_dict(), str(certificate)
    else:
        reached = nets.normalized_margin(net, G)
        values["net"], text = _only_margin(net, reached)
    return values, [*lines, "", f"{path}: {net!r}", text]


def _of_parity(k: int, path: Path | None, last: bool) -> tuple[dict[str, Any], list[str]]:
    from ..margins import gamma_star_parity

    best = gamma_star_parity(k)
    width = 2 ** (k - 1)
    values: dict[str, Any] = {"parity": k, "gamma_star": best, "theorem": "Theorem 8"}
    values["width"] = width
    lines = [f"{k}-parity: gamma* = {best:.6e}, by Theorem 8", f"least width {width}"]
    if path is None:
        return values, lines
    nets, net = room_of("nets", "This command"), _net(path, last)[0]
    if net.degree != k + 1:
        raise NetworkError(
            f"The net in {str(path)!r} has an activation of degree {net.degree - 1}, not {k}"
        )
    values["net"], text = _only_margin(net, nets.normalized_margin_parity(net, k))
    return values, [*lines, "", f"{path}: {net!r}", text]


def _only_margin(net: Any, margin: Any) -> tuple[dict[str, Any], str]:
    """Return the margin of a net, or of each of its instances, to be written and to be read."""
    each = [margin] if net.instances is None else margin.tolist()
    values = {"margin": each[0] if net.instances is None else each, "degree": net.degree}
    shown = ", ".join(f"{value:.6e}" for value in each)
    note = "" if net.kind == "parity" else "; gamma* bounds quadratic nets, and not this kind"
    return values, f"normalised margin {shown} (weights of degree {net.degree}{note})"


def _net(path: Path, last: bool) -> tuple[Any, dict[str, Any]]:
    """Read a net, and what its file says of it."""
    nets = room_of("nets", "This command")
    if path.is_dir():
        path = net_of_run(path, last)
    return nets.load(path), nets.about(path)


def _net_on(G: Group, path: Path, last: bool) -> Any:
    """Read a net; refuse one that was trained on another word or group than the margin is about."""
    net, about = _net(path, last)
    learned, group, _ = stated(about)
    if learned is not None and learned != word("a*b"):
        raise NetworkError(
            f"The net in {str(path)!r} was trained on {learned}, and this margin is about a*b"
        )
    if is_another(G, group, about):
        raise NetworkError(
            f"The net in {str(path)!r} was trained on {about.get('group')!r}, whose table is not "
            f"the one of {G.name!r} that was given; give the net's own"
        )
    return net
