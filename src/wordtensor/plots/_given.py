"""What a picture is drawn of: refused in one sentence if it is something else."""

from collections.abc import Sequence

from ..errors import ComparisonError


def check_part(given: object, kinds: type | Sequence[type], part: str) -> None:
    """Refuse what is not of some kinds; the part says where a comparison c has such a thing."""
    wanted = (kinds,) if isinstance(kinds, type) else tuple(kinds)
    if isinstance(given, wanted):
        return
    names = " or ".join(kind.__name__ for kind in wanted)
    what = "None, which stands where it was not measured" if given is None else type(given).__name__
    raise ComparisonError(
        f"The picture is drawn of a value of type {names}, not of {what}; of a Comparison c it is "
        f"{part}"
    )
