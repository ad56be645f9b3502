"""One line for what is wrong with a command line, with the name that is nearest."""

import re
from difflib import get_close_matches
from typing import Any, Final

import typer

# Of click, or of the copy of it that typer has.
UsageError: Final[Any] = typer.BadParameter.__base__


# An argument as errors of the library call it, and one with its value.
_ARGUMENT: Final = re.compile(
    r"Argument '(?P<said>\w+)'|(?:Argument )?(?P<name>\b\w+)='(?P<value>\w+)'"
)


def usage_line(error: Any, command: str) -> str:
    """Say what is wrong, what may be meant, and which help to see."""
    if type(error).__name__ == "NoArgsIsHelpError":
        raise error  # it is the help
    context = error.ctx
    text = error.format_message().replace("Value error, ", "").replace("Input should", "it must")
    text = " ".join(text.partition(", unable to parse")[0].split())
    if hasattr(error, "possibilities") and hasattr(error, "option_name"):
        text = error.message + _suggested(error.option_name, context)
    given = _given(error)
    if given is not None:
        text = f"{text}, not {given!r}"
    path = command.strip() if context is None else context.command_path
    return f"{text.rstrip('.')}; see {path} --help"


def in_options(text: str, context: Any) -> str:
    """Call the arguments of a function, in its error, by the names of a command's options."""
    command = context.command.get_command(context, context.invoked_subcommand or "")
    options = {p.name: p.opts[0] for p in getattr(command, "params", ()) if p.opts[0][:1] == "-"}

    def option(match: re.Match[str]) -> str:
        name = options.get(match["said"] or match["name"])
        if name is None:
            return match[0]
        return f"Option {name}" if match["said"] else f"{name} {match['value']}"

    return _ARGUMENT.sub(option, text)


def _suggested(name: str, context: Any) -> str:
    """Name the option that is nearest to one that there is not."""
    if context is None:
        return ""
    known = [o for p in context.command.get_params(context) for o in (*p.opts, *p.secondary_opts)]
    known = [option for option in known if option.startswith("--")]
    begun = [option for option in known if option.startswith(name) and len(name) > 3]
    near = begun[:1] or get_close_matches(name, known, 1, 0.7)
    return f" (did you mean {near[0]}?)" if near else ""


def _given(error: Any) -> str | None:
    """Return the value that was refused, where the message does not say it."""
    details = getattr(error.__cause__ or error.__context__, "errors", None)
    if details is None:
        return None
    given = details()[0].get("input")
    return given if isinstance(given, str) and repr(given) not in error.message else None
