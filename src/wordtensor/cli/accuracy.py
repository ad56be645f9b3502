"""``wordtensor accuracy``: on how many pairs a network is right, proved."""

from typing import Annotated

import typer

from ..errors import NetworkError
from ._net_source import Asked, of_run, read_net, tell_reading
from ._options import CayleyFile, GroupText, Json, Verbose
from ._output import echo_json, say
from ._stated_word import asked_for, stated_or_given
from .compare import Activation, Anyway, Instance, Last, Maps, NetPath, Step, WordOrNone

Structure = Annotated[
    bool,
    typer.Option(
        "--structure-only",
        help="Compute all logits of no pair: say what the structure of NET proves alone.",
    ),
]


def accuracy(
    net: NetPath,
    word: WordOrNone = None,
    group: GroupText = None,
    cayley: CayleyFile = None,
    structure_only: Structure = False,
    anyway: Anyway = False,
    activation: Activation = None,
    maps: Maps = None,
    instance: Instance = None,
    step: Step = None,
    last: Last = False,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Prove on how many of all pairs NET is right, by less than all of its logits where it can be.

    WORD and GROUP may be left out where the file says them. Rounding errors are bounded, so
    that the statement holds for the logits in exact arithmetic.
    """
    import wordtensor as wt

    from ..compare._network import network_for

    w, G = asked_for(word, group, cayley)
    source = read_net(net, Asked(instance, activation, tuple(maps or ()), step, last), None)
    if source.table is not None and not anyway:
        raise NetworkError(
            f"{str(net)!r} says that the net was trained on the table {source.table.name}, and "
            "accuracies are proved of words over groups; compare says on how many entries it is "
            "right"
        )
    w, G = stated_or_given(source, w, G, net, anyway)
    T = wt.word_tensor(w, G)
    network = network_for(source.net, T)
    found = wt.compare.accuracy_certificate(network, T, evaluate=not structure_only)
    tell_reading(source, network.reading)
    if as_json:
        echo_json(found.to_dict() | of_run(source))
    else:
        say(str(found))
