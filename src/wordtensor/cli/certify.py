"""``wordtensor certify`` and ``wordtensor check``: certificates, written and checked."""

from pathlib import Path
from typing import Annotated, Final

import typer

from ..errors import WordError
from ._options import CayleyFile, Force, GroupText, Json, Method, NoStore, Seed, Verbose, WordText
from ._output import EXIT_FAILED, check_target, echo_json, say
from ._source import group_from, word_from

_FILES: Final = (".npz", ".npy", ".json", ".csv", ".txt", ".tns")  # no word has a dot


def certify(
    word: WordText,
    group: GroupText = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", show_default=False, help="A JSON file."),
    ] = None,
    cayley: CayleyFile = None,
    method: Method = "auto",
    seed: Seed = 0,
    no_store: NoStore = False,
    force: Force = False,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Decompose a word exactly, and write the terms and bounds as a file that anybody can check.

    The file holds fractions, or polynomials in a root, and what each lower bound follows from.

    Terms of any other tensor: `wordtensor solve FILE --terms OUT.json`.
    """
    if Path(word).suffix.lower() in _FILES:
        raise WordError(
            f"{word!r} is a file's name, and certify takes WORD and GROUP, such as a*b S3; the "
            "exact terms of a solved tensor are wordtensor.load(FILE).exact_terms() in Python, or "
            "written by wordtensor solve FILE --terms OUT.json"
        )
    if output is not None:
        check_target(output, force, (group, cayley))
    import wordtensor as wt

    found = wt.decompose(
        word_from(word, group, "certify"),
        group_from(group, cayley),
        method=method,
        seed=seed,
        store=wt.cores.Store() if no_store else None,
    )
    certificate = found.certificate()
    if output is not None:
        certificate.save(output)
    if as_json or output is None:
        echo_json(certificate.to_dict())
    else:
        say(f"{found.word} over {found.group.name}: {found.rank} exact terms")
        for bound in found.bounds:
            say(f"at least {bound.value}: {bound.reason}")
    if output is not None:
        say(f"wrote {output}; to check it: wordtensor check {output}", err=True)


def check(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, help="From certify --output.")
    ],
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Check a certificate in whole numbers and fractions, from the group's table up.

    Theorems that it cannot prove again are shown as by citation. The exit code is 0 if all of the
    rest holds, 1 if something does not, and 2 if the file cannot be read.
    """
    from ..errors import CertificateError
    from ..rank.certify import check_certificate

    try:
        checked = check_certificate(file)
    except CertificateError as error:
        if as_json:
            echo_json({"ok": False, "wrong": str(error)})
        else:
            say(f"NOT VERIFIED: {error}")
        raise typer.Exit(EXIT_FAILED) from None
    if as_json:
        values = {
            "rank": checked.rank,
            "lower_bound": checked.lower_bound,
            "cited": checked.cited,
            "lines": list(checked.lines),
        }
        echo_json({"ok": True} | values)
    else:
        say(f"verified{', except what is by citation' if checked.cited else ''}")
        say(str(checked))
