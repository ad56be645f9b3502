"""The application: its commands, and one place where errors become exit codes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from .._interrupts import was_interrupted
from .._version import __version__
from ..errors import WordError, WordTensorError
from ._options import framed
from ._output import EXIT_BAD_INPUT, EXIT_INTERRUPTED, say
from ._usage import UsageError, in_options, usage_line
from .accuracy import accuracy
from .atlas import atlas
from .certify import certify, check
from .compare import compare
from .decompose import decompose
from .info import info
from .margin import margin
from .plan import plan
from .rank import rank
from .schemes import schemes
from .solve import solve
from .train import train
from .verify import verify
from .width import width

_LONGEST: Final = 1000  # letters of an error


class _Commands(TyperGroup):
    """Runs a command; a user's error becomes one line on stderr, never a traceback."""

    def parse_args(self, ctx: Any, args: Any) -> Any:
        with _errors_told(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        with _errors_told(ctx):
            return super().invoke(ctx)


@contextmanager
def _errors_told(context: Any) -> Iterator[None]:
    """Tell errors in one line, and end with their exit codes."""
    try:
        yield
        return
    except UsageError as error:
        message = usage_line(
            error, " ".join((context.command_path, context.invoked_subcommand or ""))
        )
    except WordError as error:
        # Keeps its lines: the word, and the caret below it.
        message = str(error)
    except (WordTensorError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise  # the reader of our output has gone: typer ends quietly
        message = in_options(_one_line(error), context)
    except MemoryError:
        message = "Not enough memory; try a smaller group"
    except (KeyboardInterrupt, SystemError) as error:
        if not was_interrupted(error):
            raise
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if len(message) > _LONGEST:  # somebody's whole file as an argument
        message = f"{message[: _LONGEST // 2]} ... {message[-_LONGEST // 2 :]}"
    say(f"error: {message}", err=True)
    raise typer.Exit(EXIT_BAD_INPUT)


def _one_line(error: Exception) -> str:
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        # Files have names; what has none is the stream that results are written to.
        text = f"Cannot write to standard output: {error.strerror}"
        if error.filename is not None:
            text = f"{error.strerror}: {str(error.filename)!r}"
    return " ".join(text.split()) or type(error).__name__


app = typer.Typer(
    cls=_Commands,
    name="wordtensor",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (
    decompose, plan, info, width, verify, certify, check, solve, rank, train, margin, compare,
    accuracy,
):  # fmt: skip
    app.command()(_command)
app.add_typer(schemes, cls=_Commands)
app.add_typer(atlas, cls=_Commands)
for _registered in (
    *app.registered_commands,
    *schemes.registered_commands,
    *atlas.registered_commands,
):
    if _registered.callback is not None:
        _registered.callback = framed(_registered.callback)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wordtensor {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    r"""Write word tensors of finite groups, T\[a,b,w(a,b)] = 1, as few rank-one terms.

    A word has two letters: "a*b*a^-1", "abA" (a capital is an inverse), "\[a,b]", "(a*b)^2".
    A group is a name (S4, D5, Q8, C7:C3, "Q8 x C5", "SL(2,3)") or a file with a Cayley table.
    """


def run() -> None:
    """Run the command that the process was started with."""
    app(prog_name="wordtensor")
