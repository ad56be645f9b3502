"""The classes of errors with what they mean, from their docstrings."""

import inspect

from wordtensor import errors


def error_classes() -> str:
    """Return a table of all classes of errors, parents first."""
    found = [value for value in vars(errors).values() if inspect.isclass(value)]
    rows = [
        f"| {{py:class}}`{cls.__name__} <wordtensor{_module(cls)}.{cls.__name__}>` "
        f"| {cls.__bases__[0].__name__} | {inspect.getdoc(cls)} |"
        for cls in found
    ]
    return "\n".join(["| error | is a | when it is raised |", "|---|---|---|", *rows])


def _module(cls: type) -> str:
    """Return the module by which users name a class."""
    return "" if cls is errors.WordTensorError else ".errors"
