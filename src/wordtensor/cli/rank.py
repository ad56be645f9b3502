"""``wordtensor rank``: what is known about the rank of a 3-tensor, without a search."""

from ._options import FieldName, Json, NoStore, Seed, Verbose
from ._output import echo_json, say
from ._tensor import TensorFile, tensor_from


def rank(
    file: TensorFile,
    field: FieldName = "real",
    seed: Seed = 0,
    no_store: NoStore = False,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Print bounds on the rank of the 3-tensor in FILE with their reasons; search nothing.

    FILE is as for `wordtensor solve`, which looks for fewer terms than are known at once.
    """
    import wordtensor as wt

    from ..rank import plan_tensor

    found = plan_tensor(
        tensor_from(file, as_json),
        field=field,
        seed=seed,
        store=wt.cores.Store() if no_store else None,
    )
    if as_json:
        echo_json(found.to_dict())
    else:
        say(str(found))
