"""``wordtensor schemes``: what it prints, keeps and refuses."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import combinations_with_replacement
from math import prod
from types import SimpleNamespace

import numpy as np
import pytest

from wordtensor.cli.scheme_export import _least_rank as schemes_least_rank
from wordtensor.errors import FileFormatError, SchemeError
from wordtensor.schemes import (
    FILE_FORMATS,
    WRITTEN_FORMATS,
    ComplexScheme,
    Registry,
    Scheme,
    best_rank,
    best_scheme,
    default_registry,
    read_scheme_file,
    registry,
    remember,
    save_schemes,
    standard_scheme,
    user_schemes,
    write_scheme_file,
)
from wordtensor.schemes.formats.files import format_named

COMMANDS = ("list", "search", "campaign", "verify", "import", "export")


COUNTED = "(each sum counted where it is used; named sums can save some)"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give the user an empty folder."""
    monkeypatch.setenv("WORDTENSOR_SCHEMES", str(tmp_path / "mine"))
    return tmp_path / "mine"


@pytest.fixture
def strassen():
    return best_scheme(2, 2, 2)


@pytest.fixture
def bare(monkeypatch, strassen):
    """Take the package's schemes away, so that <2,2,2>:7 is a discovery."""
    empty = Registry(())
    monkeypatch.setattr(registry, "default_registry", lambda: empty)


@pytest.fixture
def wrong(tmp_path, strassen):
    """Write a scheme with one wrong coefficient, and a right one before it."""
    path = tmp_path / "wrong.npz"
    W = np.array(strassen.W)
    W[3, 0] += 1
    save_schemes(path, [best_scheme(2, 2, 3), Scheme((2, 2, 2), strassen.U, strassen.V, W)])
    return path


@pytest.fixture
def found(monkeypatch):
    """Make the search return what the test says; the calls are kept."""
    calls = []

    def use(scheme, interrupted=False, flips=1000, rank=7, ring="F2"):
        def search_scheme(*arguments, **options):
            calls.append((arguments, options))
            return SimpleNamespace(
                scheme=scheme,
                rank_in_ring=rank,
                ring=ring,
                flips=flips,
                seconds=0.5,
                interrupted=interrupted,
                seed=options["options"].seed,
                resumed=0,
                sessions=(),
            )

        monkeypatch.setattr("wordtensor.schemes.search_scheme", search_scheme)
        return calls

    return use


def check_one_line(result, code=2):
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_fits_80_columns(run, command):
    result = run("schemes", *command, "--help")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert all(name in result.stdout for name in COMMANDS if not command)


def test_the_commands_are_listed(run):
    assert "schemes" in run("--help").stdout


def test_list(run):
    result = run("schemes", "list", "--max", 4)
    assert result.exit_code == 0
    line = next(line for line in result.stdout.splitlines() if line.startswith("│ <4,4,4>"))
    cells = [cell.strip() for cell in line.split("│")[2:6]]
    assert (cells[0], int(cells[1]) >= 34, cells[2:]) == ("49", True, ["Z", "package"])
    assert max(map(len, result.stdout.splitlines())) <= 80
    rows = json.loads(run("schemes", "list", "--max", 4, "--json").stdout)["schemes"]
    assert len(rows) == 20
    by_sizes = {tuple(row["sizes"]): row for row in rows}
    assert by_sizes[1, 3, 4]["origin"] == "standard"
    assert by_sizes[2, 2, 4]["construction"] == "<2,2,2>:7 + <2,2,2>:7"
    assert by_sizes[2, 2, 4]["rank"] == 14


@pytest.mark.parametrize(
    ("division", "ranks", "last"),
    [
        ("C", [3, 6, 11, 21], "<2,2,2>:7 x <1,1,1>_C:3"),
        ("H", [8, 16, 32, 56], "<2,2,2>:7 x <1,1,1>_H:8"),
    ],
)
def test_list_over_an_algebra(run, division, ranks, last):
    values = json.loads(run("schemes", "list", "--max", 2, "--division", division, "--json").stdout)
    assert [row["rank"] for row in values["schemes"]] == ranks
    assert values["schemes"][-1]["construction"] == last
    assert values["schemes"][-1]["origin"] == "package"


def test_list_names_the_users(run, folder, bare, tmp_path, strassen):
    path = tmp_path / "strassen.npz"
    save_schemes(path, [strassen])
    assert run("schemes", "import", path).exit_code == 0
    rows = json.loads(run("schemes", "list", "--max", 2, "--json").stdout)["schemes"]
    assert [row["origin"] for row in rows] == ["standard"] * 3 + ["user"]
    (stored,) = json.loads(run("schemes", "list", "--stored", "--json").stdout)["schemes"]
    assert (stored["origin"], stored["rank"]) == ("user", 7)
    assert stored["construction"].startswith("imported from strassen.npz")


def test_list_of_one_format_says_how_it_is_built_and_where_from(run, folder, tmp_path, strassen):
    said = " ".join(run("schemes", "list", 2, 4, 2).stdout.split())
    assert said.startswith("<2,4,2> takes at most 14 products over Z, and at least 13 over Q, R or")
    assert "It is built as <2,2,2>:7 + <2,2,2>:7, with the sizes in increasing order" in said
    assert f"<2,2,2>:7 over Z, which comes with the package: {strassen.provenance}" in said
    (row,) = json.loads(run("schemes", "list", 2, 2, 4, "--json").stdout)["schemes"]
    listed = json.loads(run("schemes", "list", "--max", 4, "--json").stdout)["schemes"]
    assert {k: row[k] for k in listed[0]} in listed
    (part,) = row["ingredients"]
    assert (part["rank"], part["provenance"]) == (7, strassen.provenance)
    assert row["bound"]
    said = " ".join(run("schemes", "list", 4, 4, 4, "--ring", "F2").stdout.split())
    assert "49 products over F2, and at least 16 over F2 (the entries of the largest" in said
    said = run("schemes", "list", 1, 3, 4).stdout
    assert "It is the standard scheme" in said
    known = tmp_path / "known.csv"
    known.write_text("n,m,p,rank_Q\n3,4,5,47\n")
    said = run("schemes", "list", 3, 4, 5, "--known", known).stdout
    assert "known.csv says 47" in said
    remember(Scheme((1, 1, 1), [[1]], [[1]], [[1]], provenance="mine"))
    for line in ((3, 4), (3, 4, 6, "--max", 4), (3, 4, 6, "--stored")):
        check_one_line(run("schemes", "list", *line))


def test_list_of_one_format_names_the_user_s(run, folder, bare, strassen):
    remember(replace(strassen, provenance="found by me"))
    said = " ".join(run("schemes", "list", 2, 2, 3).stdout.split())
    assert "<2,2,2>:7 over Z, from your searches and imports: found by me" in said


def test_list_stored_has_all_sizes(run):
    rows = json.loads(run("schemes", "list", "--stored", "--json").stdout)["schemes"]
    assert len(rows) == len(default_registry().schemes)
    assert {row["division"] for row in rows} == {"R", "C", "H"}
    assert all(row["construction"] for row in rows)


def test_verify(run, tmp_path, strassen):
    path = tmp_path / "two.npz"
    save_schemes(path, [strassen, standard_scheme(1, 2, 2, characteristic=2)])
    result = run("schemes", "verify", path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"<2,2,2> rank 7: exact over Z; 18 additions {COUNTED}\n"
        f"<1,2,2> rank 4: exact over F2; 2 additions {COUNTED}\n"
    )
    values = json.loads(run("schemes", "verify", path, "--json").stdout)
    assert values["ok"] and [s["ring"] for s in values["schemes"]] == ["Z", "F2"]


def test_verify_names_the_scheme_and_the_equation(run, wrong):
    result = run("schemes", "verify", wrong)
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith("WRONG: ")
    assert "<2,2,2>" in result.stdout and "equation of x[" in result.stdout
    assert "wrong.npz" in result.stdout
    result = run("schemes", "verify", wrong, "--json")
    values = json.loads(result.stdout)
    assert (result.exit_code, values["ok"]) == (1, False)
    assert "equation" in values["error"]


@pytest.mark.parametrize("command", ["verify", "import"])
def test_unreadable_files(run, folder, tmp_path, command):
    assert "gone.npz" in check_one_line(run("schemes", command, tmp_path / "gone.npz"))
    check_one_line(run("schemes", command, tmp_path))
    for name, content in (("text.json", b"{"), ("cut.npz", b"PK\x03\x04"), ("empty", b"")):
        path = tmp_path / name
        path.write_bytes(content)
        assert name in check_one_line(run("schemes", command, path))
    none = tmp_path / "none.npz"
    save_schemes(none, [])
    assert "no schemes" in check_one_line(run("schemes", command, none))
    assert not folder.exists()


def test_import_keeps_what_improves(run, folder, bare, tmp_path, strassen):
    path = tmp_path / "some.npz"
    save_schemes(path, [standard_scheme(2, 2, 2), strassen, standard_scheme(1, 1, 2)])
    result = run("schemes", "import", path)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.partition(";")[0] for line in lines] == [
        "<2,2,2> rank 8: no better than the 8 known",
        "<2,2,2> rank 7: improves 8",
        "<1,1,2> rank 2: no better than the 2 known",
    ]
    assert [s.rank for s in user_schemes()] == [7]
    values = json.loads(run("schemes", "import", path, "--all", "--json").stdout)
    assert all(report["kept"] for report in values["schemes"])
    assert sorted(s.rank for s in user_schemes()) == [2, 7, 8]


def test_import_lifts_from_modulo_2(run, folder, bare, tmp_path, strassen):
    path = tmp_path / "f2.npz"
    s = Scheme((2, 2, 2), strassen.U, strassen.V, strassen.W, characteristic=2)
    save_schemes(path, [s])
    result = run("schemes", "import", path)
    assert result.exit_code == 0
    assert result.stdout.startswith("<2,2,2> rank 7: improves 8, lifted; kept as ")
    (lifted,) = user_schemes()
    assert lifted.check().characteristic == 0


@pytest.mark.parametrize(("division", "sizes"), [("R", (2, 2, 32)), ("H", (2, 2, 8))])
def test_import_lifts_factors_that_no_mask_holds(run, folder, tmp_path, division, sizes):
    path = tmp_path / "f2.npz"
    s = replace(best_scheme(*sizes, division), characteristic=2)
    assert max(map(len, (s.U, s.V, s.W))) > 63
    save_schemes(path, [s])
    result = run("schemes", "import", "--all", path)
    assert f"no better than the {s.rank} known, lifted; kept as " in result.stdout
    (lifted,) = user_schemes()
    assert (lifted.check().characteristic, lifted.rank) == (0, s.rank)


def test_import_lifts_from_modulo_3(run, folder, bare, tmp_path, strassen):
    # In this basis, of determinant 2, the residues alone do not hold over the integers.
    turn = np.array([[1, 1], [1, -1]])
    U = np.einsum("imr,mk->ikr", strassen.U.reshape(2, 2, -1), turn).reshape(4, -1)
    V = np.einsum("km,mjr->kjr", -turn, strassen.V.reshape(2, 2, -1)).reshape(4, -1)
    path = tmp_path / "f3.npz"
    save_schemes(path, [Scheme((2, 2, 2), U, V, strassen.W, characteristic=3)])
    result = run("schemes", "import", path)
    assert result.exit_code == 0
    assert result.stdout.startswith("<2,2,2> rank 7: improves 8, lifted; kept as ")
    (lifted,) = user_schemes()
    assert (lifted.check().ring, lifted.rank) == ("Q", 7)


@pytest.mark.parametrize("prime", [2, 3])
def test_import_says_what_does_not_lift(run, folder, bare, tmp_path, monkeypatch, strassen, prime):
    path = tmp_path / "residues.npz"
    save_schemes(path, [replace(strassen, characteristic=prime)])
    monkeypatch.setattr("wordtensor.schemes.lift_scheme", lambda s: None)
    result = run("schemes", "import", path)
    assert (result.exit_code, user_schemes()) == (0, ())
    assert f"holds modulo {prime} only and could not be lifted; left out" in result.stdout


def test_import_says_what_is_too_large_to_lift(run, folder, tmp_path):
    path = tmp_path / "f2.npz"
    save_schemes(path, [standard_scheme(3, 3, 3, characteristic=2)])
    result = run("schemes", "import", path, "--all", "--memory", 1.2e-5)
    assert (result.exit_code, user_schemes()) == (0, ())
    assert "holds modulo 2 only; left out: Lifting by 729 equations" in result.stdout


def test_import_refuses_a_wrong_scheme(run, folder, bare, wrong):
    message = check_one_line(run("schemes", "import", wrong), code=1)
    assert "equation of x[" in message and "<2,2,2>" in message
    assert user_schemes() == ()


def test_import_without_a_folder(run, bare, tmp_path, strassen):
    path = tmp_path / "s.npz"
    save_schemes(path, [strassen])
    assert "WORDTENSOR_SCHEMES" in check_one_line(run("schemes", "import", path))


def test_export_says_how_a_scheme_is_built(run, tmp_path):
    result = run("schemes", "export", 2, 2, 3, "-o", tmp_path / "out.exp")
    assert result.stdout.endswith("11 products over Z, built as <2,2,1>:4 + <2,2,2>:7\n")


@pytest.mark.parametrize("kind", FILE_FORMATS)
def test_export_and_read_again(run, tmp_path, kind):
    path = tmp_path / "out"
    result = run("schemes", "export", 3, 2, 4, "-o", path, "--format", kind)
    assert (result.exit_code, result.stderr) == (0, "")
    written = format_named(kind).targets(path)
    files = ", ".join(map(str, written))
    assert result.stdout == f"wrote {files}: <3,2,4> with 20 products over Z, stored\n"
    (s,) = read_scheme_file(path)
    assert (s.shape, s.rank) == ((3, 2, 4), 20)
    before = [place.read_bytes() for place in written]
    again = ("schemes", "export", 2, 2, 2, "-o", path, "--format", kind)
    assert "--force" in check_one_line(run(*again))
    assert [place.read_bytes() for place in written] == before
    assert run(*again, "--force").exit_code == 0
    assert read_scheme_file(path)[0].shape == (2, 2, 2)


def test_export_chooses_name_and_format(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("schemes", "export", 2, 2, 3).exit_code == 0
    assert run("schemes", "export", 1, 1, 1, "--division", "H").exit_code == 0
    assert run("schemes", "export", 2, 2, 2, "-o", "a.json").exit_code == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["1x1x1_H_m8.npz", "2x2x3_m11.npz", "a.json"]
    for ring in ("F2", "ZT", "Q"):
        done = run("schemes", "export", 2, 2, 3, "--ring", ring, *(["--force"] * (ring == "Q")))
        assert done.exit_code == 0
    assert {"2x2x3_F2_m11.npz", "2x2x3_ZT_m11.npz"} < {p.name for p in tmp_path.iterdir()}
    assert read_scheme_file(tmp_path / "2x2x3_F2_m11.npz")[0].ring == "F2"
    assert read_scheme_file(tmp_path / "2x2x3_m11.npz")[0].ring != "F2"
    assert "--force" in check_one_line(run("schemes", "export", 2, 2, 3, "--ring", "F2"))
    assert json.loads((tmp_path / "a.json").read_text())["m"] == 7


NAMED_SUMS = """s1 = a21 + a22\ns2 = s1 - a11\ns3 = a11 - a21\ns4 = a12 - s2
t1 = b12 - b11\nt2 = b22 - t1\nt3 = b22 - b12\nt4 = t2 - b21
p1 = a11*b11\np2 = a12*b21\np3 = s4*b22\np4 = a22*t4\np5 = s1*t1\np6 = s2*t2\np7 = s3*t3
u1 = p1 + p6\nu2 = u1 + p7\nu3 = u1 + p5
c11 = p1 + p2\nc12 = u3 + p3\nc21 = u2 - p4\nc22 = u2 + p5
"""


@pytest.fixture
def winograd(tmp_path):
    path = tmp_path / "winograd.exp"
    path.write_text(NAMED_SUMS)
    return path


def test_verify_counts_additions_as_the_file_writes_them(run, winograd):
    said = "24 additions (each sum counted where it is used; 15 as the file writes them)"
    assert said in run("schemes", "verify", winograd).stdout
    (values,) = json.loads(run("schemes", "verify", winograd, "--json").stdout)["schemes"]
    assert (values["additions"], values["additions_as_written"]) == (24, 15)


@pytest.mark.parametrize("name", ["out.json", "out.EXP", "out.py"])
def test_no_format_is_written_under_the_ending_of_another(run, winograd, tmp_path, name):
    for command in (("convert", winograd), ("export", 2, 2, 2)):
        done = run("schemes", *command, "-o", tmp_path / name, "--format", "alphatensor")
        assert done.exit_code != 0 and "Files of format 'alphatensor' end in '.npz'" in done.stderr
    with pytest.raises(SchemeError, match="end in"):
        write_scheme_file(tmp_path / name, best_scheme(2, 2, 2), "alphatensor")
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("kind", WRITTEN_FORMATS)
def test_convert_writes_my_own_scheme_in_any_format(run, winograd, tmp_path, kind):
    path = tmp_path / f"out{format_named(kind).ending}"
    result = run("schemes", "convert", winograd, "-o", path, "--format", kind)
    assert (result.exit_code, result.stderr) == (0, "")
    files = ", ".join(map(str, format_named(kind).targets(path)))
    head, *changed = result.stdout.splitlines()
    assert head == f"wrote {files}: <2,2,2> rank 7 over Z"
    assert changed[0] == (
        "The named sums are not written: without them the scheme of 15 additions takes 24"
    )
    if kind in ("wordtensor", "plain", "sms", "latex", "python"):
        assert changed[1:] == []
    else:  # it was c11 = p1 + p2, by the product
        (said,) = changed[1:]
        assert said.endswith("the written one its third factor indexed by the transposed product")
        told = run("schemes", "verify", format_named(kind).targets(path)[0]).stdout
        assert "third factor indexed by the transposed product" in told
        again = run("schemes", "convert", format_named(kind).targets(path)[0], "-o", f"{path}.m")
        assert again.stdout.count("\n") == 1
    (given,) = read_scheme_file(winograd)
    if kind in FILE_FORMATS:
        (s,) = read_scheme_file(path)
        assert all((getattr(s, k) == getattr(given, k)).all() for k in "UVW")
    elif kind == "python":
        space = {}
        exec(path.read_text(), space)
        assert space["multiply"]([[1, 2], [3, 4]], [[5, 6], [7, 8]]) == [[19, 22], [43, 50]]
    else:
        assert "(a_{21} + a_{22} - a_{11})" in path.read_text().replace(
            "(-a_{11} + a_{21} + a_{22})", "(a_{21} + a_{22} - a_{11})"
        )
    assert "--force" in check_one_line(
        run("schemes", "convert", winograd, "-o", path, "--format", kind)
    )


def test_convert_goes_by_the_ending_and_refuses(run, winograd, tmp_path, strassen, wrong):
    tex = tmp_path / "w.tex"
    assert run("schemes", "convert", winograd, "-o", tex).exit_code == 0
    assert tex.read_text().startswith("\\begin{align*}")
    tex.unlink()
    message = check_one_line(run("schemes", "convert", wrong, "-o", tex), code=1)
    assert message.startswith("error: Nothing is written: ") and "counted from 1" in message
    assert "'.xyz'" in check_one_line(run("schemes", "convert", winograd, "-o", tmp_path / "w.xyz"))
    assert "used by this command" in check_one_line(
        run("schemes", "convert", winograd, "-o", winograd, "--force")
    )
    two = tmp_path / "two.npz"
    save_schemes(two, [strassen, standard_scheme(1, 2, 2)])
    message = check_one_line(run("schemes", "convert", two, "-o", tex))
    assert message.rstrip().endswith(
        "choose one by --number: two.npz holds 0 <2,2,2> rank 7, 1 <1,2,2> rank 4"
    )
    assert "no scheme 2" in check_one_line(run("schemes", "convert", two, "-o", tex, "--number", 2))
    assert not tex.exists()
    assert run("schemes", "convert", two, "-o", tex, "--number", 1).exit_code == 0
    assert "m_{4}" in tex.read_text()
    both = tmp_path / "both.npz"
    assert run("schemes", "convert", two, "-o", both).exit_code == 0
    assert [s.rank for s in read_scheme_file(both)] == [7, 4]


def test_export_refuses(run, tmp_path):
    other = run("schemes", "export", 2, 2, 2, "-o", tmp_path / "t.xyz")
    message = check_one_line(other)
    assert "'.xyz'" in message and ".tex (latex)" in message
    foo = run("schemes", "export", 2, 2, 2, "--format", "foo")
    assert "--format: 'foo' is none of wordtensor, fmm" in check_one_line(foo)
    check_one_line(run("schemes", "export", 2, 2, 2, "-o", tmp_path / "no" / "where.npz"))
    fmm = ("-o", tmp_path / "c.json", "--division", "C")
    check_one_line(run("schemes", "export", 2, 2, 2, *fmm))
    odd = ("-o", tmp_path / "odd", "--format", "odd")
    assert "alphatensor" in check_one_line(run("schemes", "export", 2, 2, 2, *odd))
    assert run("schemes", "export", 0, 2, 2).exit_code == 2
    large = ("-o", tmp_path / "large", "--memory", 1e-6)
    assert "--memory" in check_one_line(run("schemes", "export", 3, 3, 3, *large))
    assert not list(tmp_path.iterdir())


def test_search_keeps_an_improvement(run, folder, bare, strassen, found, tmp_path):
    calls = found(strassen)
    out, point = tmp_path / "out.npz", tmp_path / "point"
    options = ("--rank", 7, "--seed", 3, "--checkpoint", point, "-o", out, "--no-progress")
    result = run("schemes", "search", 2, 2, 2, *options)
    assert (result.exit_code, result.stderr) == (0, "")
    (kept,) = folder.iterdir()
    assert "an improvement on the 8 known" in result.stdout
    assert result.stdout.count("kept as") == 2 and str(kept) in result.stdout
    assert [s.rank for s in user_schemes()] == [7]
    assert read_scheme_file(out)[0].rank == 7
    arguments, given = calls[0]
    assert arguments == (2, 2, 2, 7)
    assert (given["options"].seed, given["checkpoint"], given["progress"]) == (3, point, False)
    found(strassen)
    values = json.loads(run("schemes", "search", 2, 2, 2, "--json").stdout)
    assert (values["known_before"], values["improved"], values["kept"]) == (7, False, [])
    assert values["lower_bound"] == 7


def test_search_ends_with_what_is_known_and_what_to_try_next(run, folder, bare, strassen, found):
    found(strassen)
    last = run("schemes", "search", 2, 2, 2).stdout.splitlines()[-1]
    assert last.startswith("The rank of <2,2,2> is 7: fewer products are impossible over the real")
    found(standard_scheme(2, 3, 3))
    last = run("schemes", "search", 2, 3, 3, "--seed", 1).stdout.splitlines()[-1]
    said = "<2,3,3> takes at most 17 products. The bounds used here prove at least 14"
    assert last.startswith(f"{said} over the real numbers (Bläser 1999")
    assert "whether 16 is possible they do not settle. Next" in last
    command = last.partition("Next: wordtensor ")[2].split()
    assert command[:7] == ["schemes", "search", "2", "3", "3", "--rank", "16"]
    found(standard_scheme(2, 3, 3))
    assert run(*command[:7], "--start", "project", "--no-store").exit_code == 1


def test_search_says_where_it_walked_and_what_to_conclude(run, folder, strassen, found):
    found(strassen, ring="F3")
    said = run("schemes", "search", 2, 2, 2, "--ring", "F3").stdout
    assert said.startswith("A scheme of <2,2,2> with 7 products over Z was found, which is no imp")
    assert "It took 1e+03 flips in 0.5 s." in said
    assert "The walks were modulo 3, and the 7 terms were lifted to exact numbers." in said
    found(standard_scheme(2, 3, 3), rank=14, ring="F3")
    said = run("schemes", "search", 2, 3, 3, "--ring", "F3").stdout
    assert "Modulo 3 the walks met 14 terms, which were not lifted to exact numbers: they" in said
    assert "matrices modulo 3 only, and say nothing about 14 products over Q." in said
    said = run("schemes", "search", 2, 3, 3, "--ring", "F3", "--signs-only").stdout
    assert "which were not lifted to coefficients -1, 0 and 1: they are" in said
    found(None, rank=16)
    done = run("schemes", "search", 2, 3, 3)
    assert done.exit_code == 1
    said = "No exact scheme was found. It took 1e+03 flips in 0.5 s.\nModulo 2 the walks met 16"
    assert done.stdout.startswith(said)
    assert "they are known to multiply matrices modulo 2 only.\n" in done.stdout
    found(standard_scheme(2, 3, 3), rank=18, ring="Z")
    said = run("schemes", "search", 2, 3, 3, "--ring", "Z").stdout
    assert "The walks were over Z with coefficients -1, 0 and 1, so that nothing had to be" in said


@pytest.mark.parametrize(("sizes", "rank", "least"), [((2, 3, 3), 13, 14), ((2, 2, 2), 6, 7)])
def test_search_refuses_fewer_products_than_there_must_be(run, found, strassen, sizes, rank, least):
    calls = found(strassen)
    said = check_one_line(run("schemes", "search", *sizes, "--rank", rank))
    assert f"has {rank} products over the real numbers: at least {least} are needed (" in said
    assert calls == []


def known_file(tmp_path, *lines, head="n,m,p,rank_Q,rank_ZT"):
    """Write a table of the literature's ranks."""
    path = tmp_path / "known.csv"
    path.write_text("\n".join((head, *lines)))
    return path


@pytest.mark.parametrize(
    ("rank", "sentence"),
    [
        (15, "known.csv says 15, so that a shorter scheme exists. Next: "),
        (17, "whether 16 is possible they do not settle. known.csv says 17 as well. Next: "),
        (18, "known.csv says 18: the 17 here are fewer. Next: "),
        ("", "known.csv has no rank of <2,3,3>. Next: "),
    ],
)
def test_search_beside_the_literature(run, folder, bare, strassen, found, tmp_path, rank, sentence):
    remember(strassen)  # with it, <2,3,3> takes 17
    path = known_file(tmp_path, "2,2,2,7,7", f"3,2,3,{rank},{rank}")
    found(standard_scheme(2, 3, 3))
    told = run("schemes", "search", 2, 3, 3, "--known", path)
    assert sentence in told.stdout.splitlines()[-1]
    values = json.loads(run("schemes", "search", 2, 3, 3, "--known", path, "--json").stdout)
    assert values["best_known"] == (rank or None)
    over_h = run("schemes", "search", 1, 1, 2, "--division", "H", "--known", path)
    assert over_h.stdout and "known.csv" not in over_h.stdout


@pytest.mark.parametrize(("division", "fields"), [("R", ", R or C"), ("C", " or R")])
def test_list_says_over_which_numbers_its_bounds_hold(run, division, fields):
    said = run("schemes", "list", "--max", 2, "--division", division).stdout.splitlines()[-1]
    assert said.startswith(f"No scheme over Q{fields} has fewer products")


def test_list_shows_the_literature_beside_ours(run, tmp_path, monkeypatch):
    path = known_file(tmp_path, "2,2,2,7,7", "3,3,3,23,27")
    rows = json.loads(run("schemes", "list", "--max", 3, "--known", path, "--json").stdout)
    known = {tuple(row["sizes"]): row["best_known"] for row in rows["schemes"]}
    assert (known[2, 2, 2], known[3, 3, 3], known[2, 2, 3]) == (7, 23, None)
    assert "best known" in run("schemes", "list", "--stored", "--known", path).stdout
    monkeypatch.setenv("WORDTENSOR_KNOWN", str(path))
    shown = run("schemes", "list", "--max", 3).stdout
    assert "best known" in shown and " 23 " in shown
    signs = json.loads(run("schemes", "list", "--max", 3, "--signs-only", "--json").stdout)
    assert signs["schemes"][-1]["best_known"] == 27
    assert "best known" not in run("schemes", "list", "--division", "C").stdout  # of real matrices


@pytest.mark.parametrize(
    ("head", "line", "said"),
    [
        ("n,m,p,rank", "4,4,4,33", "at least 34 are needed"),
        ("n,m,p,rank", "2,2,2,9", "line 2 says rank 9 of <2,2,2>"),
        ("n,m,p,rank_F2", "4,4,4,47", "no column 'rank_Q'"),
    ],
)
def test_a_bad_table_of_ranks_is_refused(run, tmp_path, head, line, said):
    path = known_file(tmp_path, line, head=head)
    for command in (("list",), ("search", 4, 4, 4)):
        assert said in check_one_line(run("schemes", *command, "--known", path))


def test_search_without_store(run, folder, bare, strassen, found, monkeypatch):
    found(strassen)
    result = run("schemes", "search", 2, 2, 2, "--no-store")
    assert result.exit_code == 0 and not folder.exists()
    monkeypatch.setenv("WORDTENSOR_SCHEMES", "")
    result = run("schemes", "search", 2, 2, 2)
    assert result.exit_code == 0
    assert "not kept" in result.stderr and "kept as" not in result.stdout


def test_search_exit_codes(run, folder, bare, strassen, found):
    found(strassen, interrupted=True)
    result = run("schemes", "search", 2, 2, 2, "--json")
    assert result.exit_code == 130
    values = json.loads(result.stdout)
    assert values["interrupted"] and len(values["kept"]) == 1
    assert len(user_schemes()) == 1
    found(None, interrupted=True, flips=0)
    result = run("schemes", "search", 2, 2, 2)
    assert result.exit_code == 130
    assert result.stdout.startswith("Nothing was found yet, as the first walks had not ended.\n")
    found(None)
    result = run("schemes", "search", 2, 2, 2)
    assert result.exit_code == 1 and "No exact scheme" in result.stdout
    found(standard_scheme(2, 2, 2))
    assert run("schemes", "search", 2, 2, 2, "--rank", 7).exit_code == 1
    assert run("schemes", "search", 2, 2, 2).exit_code == 0


def test_search_refuses_before_it_works(run, folder, found, strassen, tmp_path):
    calls = found(strassen)
    assert "'.xyz'" in check_one_line(run("schemes", "search", 2, 2, 2, "-o", tmp_path / "t.xyz"))
    taken = tmp_path / "taken.npz"
    taken.write_text("here")
    assert "--force" in check_one_line(run("schemes", "search", 2, 2, 2, "-o", taken))
    check_one_line(run("schemes", "search", 2, 2, 2, "--checkpoint", tmp_path))
    folder.write_text("a file")
    assert "--no-store" in check_one_line(run("schemes", "search", 2, 2, 2))
    assert run("schemes", "search", 2, 2).exit_code == 2
    assert calls == []


@pytest.mark.parametrize("ring", ["F2", "Z"])
def test_search_from_the_standard_scheme(run, folder, bare, ring):
    options = ("--start", "standard", "--rank", 7, "--ring", ring, "--flips", 10**7, "--seed", 1)
    result = run("schemes", "search", 2, 2, 2, *options, "--json")
    assert result.exit_code == 0, result.output
    values = json.loads(result.stdout)
    assert (values["rank"], values["known_before"], values["improved"]) == (7, 8, True)
    (kept,) = user_schemes()
    assert kept.check().rank == 7
    assert kept.provenance == values["provenance"]
    again = json.loads(run("schemes", "search", 2, 2, 2, *options, "--json", "--no-store").stdout)
    assert (again["flips"], again["improved"]) == (values["flips"], False)


def test_search_goes_on_from_its_checkpoint(run, tmp_path):
    point = tmp_path / "point"
    search = ("schemes", "search", 2, 2, 2, "--start", "standard", "--json", "--checkpoint", point)
    first = json.loads(run(*search, "--flips", 10**6).stdout)
    second = json.loads(run(*search, "--flips", 2 * first["flips"]).stdout)
    assert second["flips"] > first["flips"]
    said = check_one_line(run(*search, "--seed", 5))
    assert said.endswith("belongs to another search (seed 0, not 5); name another file\n")
    point.write_bytes(b"PK not a checkpoint")
    check_one_line(run(*search))
    assert point.read_bytes() == b"PK not a checkpoint"


SEARCHES = {
    "flips": ("3", "3", "3", "--start", "standard"),
    "symmetric": ("4", "4", "4", "--method", "symmetric", "--patience", "1000000"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT or SIGKILL to send")
@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
@pytest.mark.parametrize("method", SEARCHES)
def test_a_search_that_is_cut_off_is_kept(run, process, folder, tmp_path, method, name):
    command, environment = process
    point, out, log = tmp_path / "point", tmp_path / "out.npz", tmp_path / "log"
    search = ["schemes", "search", *SEARCHES[method], "--checkpoint", str(point)]
    end = ["--seconds", "100", "--progress", "--json", "-o", str(out)]
    with log.open("w") as stderr:
        running = subprocess.Popen(
            [*command, *search, *end],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=environment,
        )
    try:
        # Ctrl-C as soon as there is something exact, kill -9 at the first checkpoint after a walk.
        versions = set()
        while running.poll() is None:
            versions |= {point.stat().st_mtime_ns} if point.exists() else set()
            if ", exact " in log.read_text() if name == "SIGINT" else len(versions) > 1:
                break
            time.sleep(0.02)
        running.send_signal(getattr(signal, name))
        stdout, _ = running.communicate(timeout=60)
    finally:
        running.kill()
    assert "Traceback" not in log.read_text()
    before = 0
    if name == "SIGINT":
        assert running.returncode == 130, log.read_text()
        values = json.loads(stdout)
        assert values["interrupted"] and read_scheme_file(out)[0].rank == values["rank"]
        before = values["flips"]
    else:
        assert not out.exists()
    result = run(*search, "--seconds", 0, "--json", "-o", out, "--force")
    values = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (
        values["flips"] >= max(before, 1)
        and values["rank"] < {"flips": 27, "symmetric": 64}[method]
    )
    assert read_scheme_file(out)[0].check().rank == values["rank"]
    assert list(folder.iterdir()) == []


def test_a_symmetric_search_keeps_what_it_finds(run, folder, bare):
    search = ("schemes", "search", 2, 2, 2, "--method", "symmetric", "--rank", 7, "--seed", 1)
    result = run(*search, "--flips", 10**6, "--patience", 200_000, "--json")
    assert result.exit_code == 0, result.output
    values = json.loads(result.stdout)
    assert (values["method"], values["rank"], values["improved"]) == ("symmetric", 7, True)
    (kept,) = user_schemes()
    assert kept.check().rank == 7 and kept.provenance == values["provenance"]
    # The command of the provenance leads to the same scheme.
    command = kept.provenance.partition("wordtensor ")[2].partition(";")[0].split()
    again = json.loads(run(*command, "--json").stdout)
    assert (again["rank"], again["improved"]) == (7, False)
    assert "--method symmetric" in kept.provenance and "--seed 1" in kept.provenance


def test_a_full_disk_does_not_end_a_search(run, folder, bare, monkeypatch):
    calls = []

    def full(s):
        calls.append(s.rank)
        raise FileFormatError("Cannot write: No space left on device.")

    monkeypatch.setattr("wordtensor.schemes.remember", full)
    search = ("schemes", "search", 2, 2, 2, "--method", "symmetric", "--rank", 7, "--seed", 1)
    result = run(*search, "--patience", 200_000, "--flips", 10**6, "-o", folder.parent / "out")
    assert calls == [7, 7]
    assert result.exit_code == 2 and result.stderr.count("No space left") == 2
    assert read_scheme_file(folder.parent / "out")[0].rank == 7


def test_what_does_not_go_together_is_refused(run, folder, found, strassen):
    calls = found(strassen)
    cases = {
        ("2", "2", "2", "--method", "symmetric", "--ring", "Z"): "--ring is not for",
        ("2", "2", "2", "--method", "symmetric", "--division", "C"): "--division is not for",
        ("2", "2", "3", "--method", "symmetric"): "three equal sizes",
        ("9", "9", "9", "--method", "symmetric"): "from 2 to 8",
        ("2", "2", "2", "--fixed", "1"): "--method symmetric",
        ("20", "20", "20"): "400 entries",
        ("64", "64", "64", "--division", "H"): "16384 entries",
        ("4", "4", "4", "--ring", "Z", "--division", "H"): "64 entries",
    }
    for arguments, message in cases.items():
        assert message in check_one_line(run("schemes", "search", *arguments)), arguments
    assert run("schemes", "search", 2, 2, 2, "--method", "symetric").exit_code == 2
    assert calls == []


def test_export_refuses_large_sizes_without_planning_them(run, monkeypatch):
    def of_the_table_only(*arguments, **options):
        assert max(arguments[:3]) <= 16, "planned"
        return best_rank(*arguments, **options)

    monkeypatch.setattr("wordtensor.schemes.best_rank", of_the_table_only)
    assert "21.4 GiB" in check_one_line(run("schemes", "export", 64, 64, 64))


def test_least_rank_is_a_bound():
    known = default_registry()
    for sizes in combinations_with_replacement(range(1, 11), 3):
        assert schemes_least_rank(prod(sizes), known) <= best_rank(*sizes, registry=known)
    assert schemes_least_rank(8**3, known) == 341


def test_fmm_files_are_recognised_by_content(run, tmp_path, strassen):
    path = tmp_path / "strassen.dat"
    write_scheme_file(path, [strassen], "fmm")
    shown = run("schemes", "verify", path).stdout
    assert shown.startswith("<2,2,2> rank 7: exact over Z; 18 additions (each sum counted where")


def test_search_writes_the_format_that_the_name_says(run, tmp_path):
    path = tmp_path / "found.json"
    arguments = ["schemes", "search", "2", "2", "2", "--rank", "7", "--start", "standard"]
    result = run(*arguments, "--flips", "1000000", "--no-store", "-o", str(path))
    assert result.exit_code == 0, result.output
    assert json.loads(path.read_text())["m"] == 7


HUGE = 99999999999999999999


@pytest.mark.parametrize("method", SEARCHES)
@pytest.mark.parametrize("option", ["rank", "plus-after", "margin", "steps", "patience", "walkers"])
def test_numbers_that_no_walk_takes_are_refused(run, method, option):
    of_method = {"flips": ("steps", "walkers"), "symmetric": ("patience",)}
    if option not in ("rank", "plus-after", "margin", *of_method[method]):
        pytest.skip("an option of the other method")
    for value in (HUGE, 2**63 - 1):
        search = ("search", 3, 3, 3, "--method", method, f"--{option}", value, "--no-store")
        message = check_one_line(run("schemes", *search))
        assert "at most" in message and str(value) in message


@pytest.mark.parametrize("option", ["--rank", "--flips", "--seconds", "--seed", "--walkers"])
@pytest.mark.parametrize("value", ["-1", "nan", "x"])
def test_odd_numbers_are_refused(run, option, value):
    result = run("schemes", "search", 2, 2, 2, "--no-store", option, value)
    assert result.exit_code == 2 and "Traceback" not in result.stderr


def test_seeds_and_flips_may_be_huge(run, folder):
    huge = ("--seed", HUGE, "--flips", HUGE)
    result = run("schemes", "search", 2, 2, 2, "--rank", 7, "--no-store", *huge)
    assert result.exit_code == 0


def test_an_output_that_is_the_checkpoint_is_refused(run, tmp_path):
    point, link = tmp_path / "point.npz", tmp_path / "link.npz"
    search = ("schemes", "search", 2, 2, 2, "--flips", 10, "--no-store", "--checkpoint", point)
    assert "as well" in check_one_line(run(*search, "-o", point, "--force"))
    assert run(*search).exit_code in (0, 1)
    before = point.read_bytes()
    link.symlink_to(point)
    assert "as well" in check_one_line(run(*search, "-o", link, "--force"))
    assert point.read_bytes() == before


def test_a_resumed_search_says_so(run, tmp_path):
    search = ("schemes", "search", 3, 3, 3, "--start", "standard", "--no-store", "--steps", 10**5)
    point = ("--checkpoint", tmp_path / "point.npz", "--json")
    first = json.loads(run(*search, *point, "--seconds", 0).stdout)
    again = json.loads(run(*search, *point, "--rank", 25, "--seed", 0).stdout)
    assert (first["resumed"], again["resumed"]) == (0, 1)
    assert again["versions"] == first["versions"] and len(again["versions"]) == 1
    assert again["rank"] <= 25 and again["flips"] > first["flips"] == 0
    assert ", resumed after 0 flips with --rank 25, from" in again["provenance"]


def test_an_interrupted_search_says_what_the_same_command_does(run, tmp_path, monkeypatch):
    from wordtensor.schemes.searching import schemes as searching

    def pressed(*_):
        raise KeyboardInterrupt

    search = ("schemes", "search", 2, 2, 2, "--start", "standard", "--no-store")
    with monkeypatch.context() as patched:
        patched.setattr(searching, "stepped", lambda *_, **__: pressed())
        done = run(*search)
        assert done.exit_code == 130
        assert "nothing is kept, and the same command begins anew: with --checkp" in done.stdout
        point, out = tmp_path / "point.npz", tmp_path / "out.npz"
        assert (
            f"the same command goes on from {point}" in run(*search, "--checkpoint", point).stdout
        )
    done = run(*search, "--checkpoint", point, "--rank", 7)
    assert done.exit_code == 0 and ", resumed once" in done.stdout
    with monkeypatch.context() as patched:
        patched.setattr(searching, "stepped", lambda *_, **__: pressed())
        going = ("--checkpoint", point, "-o", out)
        done = run(*search, *going)
        assert f"kept as {out}" in done.stdout
        assert f"the same command with --force goes on from {point}" in done.stdout
        done = run(*search, "-o", tmp_path / "new.npz")
        assert "resumed" not in done.stdout
    with monkeypatch.context() as patched:
        patched.setattr(searching, "starting_terms", pressed)
        done = run(*search)
    assert (done.exit_code, done.stdout) == (130, "")
    assert "before the walks began" in done.stderr


def test_a_home_of_nobody_is_one_line(run, monkeypatch):
    for variable in ("WORDTENSOR_SCHEMES", "WORDTENSOR_CORES"):
        monkeypatch.setenv(variable, "~nouser/x")
        message = check_one_line(run("decompose", "a*b", "S3"))
        assert variable in message and "~nouser/x" in message
        monkeypatch.setenv(variable, "")


def test_names_and_provenance_send_nothing_to_the_terminal(run, folder, bare, strassen, tmp_path):
    remember(replace(strassen, provenance="\x1b[31mred\x07"))
    (folder / "x\x1b[2J.npz").write_bytes(b"no scheme")
    for command in (("list",), ("list", "--stored")):
        result = run("schemes", *command)
        assert result.exit_code == 0
        assert not {"\x1b", "\x07"} & {*result.stdout, *result.stderr}


def test_search_with_several_seeds(run, folder, bare, tmp_path):
    walk = ("schemes", "search", 2, 2, 2, "--start", "standard", "--flips", 30_000, "--json")
    options = (*walk, "--steps", 10_000, "--seeds", 3, "--seed", 5, "--checkpoint", tmp_path / "p")
    here = json.loads(run(*options).stdout)
    assert [row["seed"] for row in here["seeds"]] == sorted({row["seed"] for row in here["seeds"]})
    assert {row["seed"] for row in here["seeds"]} == {5, 6, 7}
    assert here["rank"] == min(row["rank"] for row in here["seeds"]) == 7
    assert (tmp_path / "p-seed6").exists()
    there = json.loads(run(*options[:-2], "--workers", 2).stdout)
    assert there["seeds"] == here["seeds"]
    assert "--seeds" in check_one_line(run(*walk, "--workers", 2))


def test_a_search_with_several_seeds_says_if_it_was_cut_off(run, folder, found, strassen):
    calls = found(strassen, interrupted=True)
    result = run("schemes", "search", 2, 2, 2, "--seeds", 3)
    assert result.exit_code == 130
    assert "seed 0, the best of 1" in result.stdout
    assert len(calls) == 1


def test_files_in_the_field_s_notations(run, tmp_path, folder, bare):
    path = tmp_path / "strassen.exp"
    path.write_text(
        "(a11+a22)*(b11+b22)*(c11+c22)\n(a21+a22)*b11*(c12-c22)\na11*(b12-b22)*(c21+c22)\n"
        "a22*(b21-b11)*(c11+c12)\n(a11+a12)*b22*(c21-c11)\n(a21-a11)*(b11+b12)*c22\n"
        "(a12-a22)*(b21+b22)*c11\n"
    )
    note = "third factor indexed by the transposed product"
    result = run("schemes", "verify", path)
    assert result.stdout == f"<2,2,2> rank 7: exact over Z; 18 additions {COUNTED}; {note}\n"
    values = json.loads(run("schemes", "verify", path, "--json").stdout)
    assert (values["schemes"][0]["additions"], values["schemes"][0]["note"]) == (18, note)
    result = run("schemes", "import", path)
    assert "improves 8" in result.stdout and result.stdout.rstrip().endswith(note)
    (kept,) = user_schemes()
    assert kept.provenance == f"read from strassen.exp, {note}"
    path.write_text("a11*b11*c11\na12*b21*c11\n")
    assert "--sizes" in check_one_line(run("schemes", "verify", path, "--sizes", "1,2"))
    assert "sizes 1,2,1" in check_one_line(run("schemes", "verify", path, "--sizes", "2,1,1"))
    path.write_text("a11*b11*\n")
    assert "line 1" in check_one_line(run("schemes", "verify", path))
    path.write_text("a11*b11*c11/2\n")
    assert run("schemes", "verify", path).exit_code == 1


def test_signs_only(run, tmp_path, folder):
    shown = run("schemes", "list", "--max", 6, "--signs-only", "--json").stdout
    rows = {tuple(row["sizes"]): row for row in json.loads(shown)["schemes"]}
    assert {row["ring"] for row in rows.values()} == {"Z"}
    assert rows[2, 6, 6]["rank"] > best_rank(2, 6, 6)
    out = tmp_path / "out.json"
    assert run("schemes", "export", 2, 6, 6, "--signs-only", "-o", out).exit_code == 0
    (s,) = read_scheme_file(out)
    assert s.has_signs_only and s.rank == rows[2, 6, 6]["rank"]


def test_complex_schemes_are_kept_apart(run, tmp_path, folder, bare, strassen):
    pairs = [np.stack([factor, 0 * factor], 2) for factor in (strassen.U, strassen.V, strassen.W)]
    c = ComplexScheme((2, 2, 2), pairs[0][..., ::-1], pairs[1][..., ::-1], -pairs[2])
    path = tmp_path / "complex.npz"
    write_scheme_file(path, [c])
    result = run("schemes", "verify", path)
    assert result.stdout.startswith("<2,2,2> rank 7: exact over Z[i]; ")
    result = run("schemes", "import", path)
    assert "complex, improves 8, for complex terms only; kept as" in result.stdout
    # With Gauss' three real products for each complex one, of which the bare registry knows four.
    assert "<2,2,2>_C rank 21 improves 32" in " ".join(result.stdout.split())
    assert "no better than the 7 known" in run("schemes", "import", path).stdout
    rows = json.loads(run("schemes", "list", "--stored", "--json").stdout)["schemes"]
    kept = [(row["rank"], row["ring"], row["division"]) for row in rows]
    assert kept == [(21, "Z", "C"), (7, "Z[i]", "R")]
    rows = json.loads(run("schemes", "list", "--max", 2, "--json").stdout)["schemes"]
    assert rows[-1]["rank"] == 8


def test_a_campaign_from_nothing_says_what_it_reached_and_keeps_it(run, folder, bare, tmp_path):
    place, known = tmp_path / "all", tmp_path / "known.csv"
    known.write_text("n,m,p,rank_Q\n2,2,2,7\n1,2,2,4\n1,1,2,2\n1,1,1,1\n")
    command = ["schemes", "campaign", "--max", 2, "--tasks", 30, "--known", known, "-o", place]
    result = run(*command)
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert "<2,2,2> │ 8 │ 7 │ 7 │ 7" in said
    assert "1 of 4 formats are shorter than when the campaign began, and 4 are at the best" in said
    assert "There is nothing left to look for." in said
    assert [s.rank for s in user_schemes()] == [7]
    values = json.loads(run(*command, "--json").stdout)
    assert values["tasks"] == 0
    assert [row["improved"] for row in values["formats"]] == [False, False, False, True]


def test_a_campaign_refuses_what_it_cannot_do_before_it_begins(run, folder, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    result = run("schemes", "campaign", "--max", 2, "-o", file)
    assert result.exit_code == 2
    assert "Cannot write to" in result.stderr
    result = run("schemes", "campaign", "--max", 2, "--workers", 2, "--scheduler", "x", "-o", "y")
    assert result.exit_code == 2
    assert "either --workers or --scheduler" in result.stderr


def test_structured_products_are_listed_in_words(run):
    table = run("schemes", "structured", "--max", 4).stdout.rpartition("└")[0]
    assert "└" not in table and "stored terms" in table and "wordtensor" not in table
    said = " ".join(run("schemes", "structured", "skew", 3, 2).stdout.split())
    assert "It is made of 2 times the 5 stored terms of skew 3 x 3 times 3 x 1." in said
    assert "The stored terms were found by: wordtensor schemes structured" in said
    assert "found by" not in run("schemes", "structured", "symmetric", 3, 2).stdout
    done = run("schemes", "structured", "skew", 3, 1, "--search", 0, "--seed", 2)
    assert "A search of " in done.stdout and " over Z with seed 2 came to " in done.stdout
    values = json.loads(run("schemes", "structured", "skew", 3, 2, "--json").stdout)
    assert values["construction"] != values["provenance"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("compile_walk", "Interrupted before the campaign began: nothing of it is kept yet, and"),
        ("_Campaign._enter_known", "Interrupted before the first task ended: the campaign is kept"),
        ("_Campaign.run", "Interrupted before the first task ended: the campaign is kept in "),
    ],
)
def test_a_campaign_that_ends_before_its_first_task_says_so(
    run, folder, tmp_path, monkeypatch, place, said
):
    def pressed(*_):
        raise KeyboardInterrupt

    command = ("schemes", "campaign", "--max", 2, "--tasks", 1, "-o", tmp_path / "all")
    with monkeypatch.context() as patched:
        patched.setattr(f"wordtensor.schemes.campaigns.campaign.{place}", pressed)
        done = run(*command)
    assert done.exit_code == 130
    told = " ".join(done.output.split())
    assert said in told and told.endswith("it.")
    assert ("the same command goes on with it." in told) == (place != "compile_walk")
    assert run(*command).exit_code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_campaign_that_is_ended_says_what_it_has(number, tmp_path, monkeypatch):
    monkeypatch.setenv("WORDTENSOR_SCHEMES", "")
    place = tmp_path / "all"
    command = [sys.executable, "-m", "wordtensor", "schemes", "campaign", "--max", "3"]
    with subprocess.Popen(
        [*command, "--no-store", "-o", str(place)],
        stdout=subprocess.PIPE,
        text=True,
        # Where the tests themselves run in the background, Ctrl-C is ignored by their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    ) as process:
        header = place / "campaign.json"
        while not (header.exists() and json.loads(header.read_bytes())["tasks"]):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "was interrupted. The same command goes on from" in " ".join(said.split())
    assert [*(place / "formats").glob("*.npz")]
