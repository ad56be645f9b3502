"""What the room needs, looked for first, so that what is missing names its extra."""

from importlib.util import find_spec

from .._extras import missing

# Found, and not imported yet: torch takes seconds.
for _package in ("safetensors", "torch"):
    if find_spec(_package) is None:
        _absent = ModuleNotFoundError(f"No module named {_package!r}", name=_package)
        raise missing(_absent, "The package wordtensor.nets") from _absent
