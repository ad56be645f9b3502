import json
import zipfile
from inspect import signature
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import typer.main

import wordtensor as wt
from wordtensor.cli._output import check_target
from wordtensor.cli.app import app

LOOP = [  # a Latin square with identity 0 and inverses, but (1*1)*2 is not 1*(1*2)
    [0, 1, 2, 3, 4],
    [1, 0, 3, 4, 2],
    [2, 4, 0, 1, 3],
    [3, 2, 4, 0, 1],
    [4, 3, 1, 2, 0],
]


def check_one_line(result, code=2):
    """Check that a run ended with one line on stderr, nothing on stdout; return the line."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith("\n")
    return result.stderr


@pytest.mark.parametrize(
    ("word", "place"), [("a*(b", 2), ("a*b)", 3), ("[a,b", 0), ("a*b*c", 4), ("a^^2", 2)]
)
@pytest.mark.parametrize("command", ["decompose", "plan"])
def test_bad_words_show_the_place(run, command, word, place):
    result = run(command, word, "S3")
    assert (result.exit_code, result.stdout) == (2, "")
    message, shown, caret = result.stderr.splitlines()
    assert message.startswith("error: ")
    assert shown.strip() == word
    assert caret.index("^") - shown.index(word) == place


def test_empty_word(run):
    assert "1" in check_one_line(run("decompose", "", "S3"))


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("Monster", "Monster"),
        ("", "group"),
        ("S8", "5040"),
        ("C5041", "5040"),
        ("C99999999999999999999", "9 digits"),
        ("S3[red]", "S3"),
        ("nowhere.npy", "nowhere.npy"),
        ("line\nbreak", "line"),
    ],
)
@pytest.mark.parametrize("command", [("decompose", "a*b"), ("plan", "a*b"), ("info",)])
def test_bad_groups(run, command, group, said):
    assert said in check_one_line(run(*command, group))


def test_group_missing_or_given_twice(run, tmp_path):
    path = tmp_path / "c2.json"
    path.write_text("[[0, 1], [1, 0]]")
    assert "no group" in check_one_line(run("decompose", "a*b"))
    assert "not both" in check_one_line(run("decompose", "a*b", "S3", "--cayley", path))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (LOOP, "associative"),
        ([[0, 1, 2], [1, 2, 0]], "square"),
        ([[0, 1], [1, 1]], "twice"),
        ([[0, 1], [1, 2]], "not closed"),
        ([0, 1], "square"),
        ([[0, 1], [1]], "square"),
        ([[0.9999, 1.0], [1.0, 0.0]], "whole number"),
        ([["a", "b"], ["b", "c"]], "not closed"),
        ([], "square"),
        ({"table": [0]}, "square"),
        ({"cayley": [[0]], "labels": 3}, "labels"),
        (None, "square"),
    ],
)
def test_bad_tables(run, tmp_path, table, said):
    path, output = tmp_path / "table.json", tmp_path / "out.npz"
    path.write_text(json.dumps(table))
    line = check_one_line(run("decompose", "a*b", path, "-o", output))
    assert said in line
    assert "table.json" in line
    assert not output.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("empty.npy", b""),
        ("empty.json", b""),
        ("text.csv", b"0,1\n1,x\n"),
        ("hole.csv", b"0,1,\n1,,0\n,,\n"),
        ("floats.txt", b"0 0.9999\n1 0\n"),
        ("binary.txt", b"\xff\xfe\x00"),
        ("ragged.txt", b"0 1\n1\n"),
        ("large.txt", b"0 99999999999999999999999\n1 0\n"),
        ("deep.json", b"[" * 100_000),
        ("half.json", b"[[0, 1], [1"),
        ("huge.npy", b"\x93NUMPY\x01\x00F\x00"
         b"{'descr': '<i8', 'fortran_order': False, 'shape': (99999, 99999), }  \n"),
        ("table.xlsx", b"PK"),
    ],
)  # fmt: skip
def test_bad_table_files(run, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert name in check_one_line(run("info", "--cayley", path))


def test_pickled_table_is_refused(run, tmp_path):
    path = tmp_path / "objects.npy"
    np.save(path, np.array([[0, 1], [1, 0]], dtype=object), allow_pickle=True)
    check_one_line(run("info", path))


@pytest.mark.parametrize("target", ["missing/out.npz", "."])
def test_bad_output_is_refused_before_any_work(run, tmp_path, target, monkeypatch):
    def worked(*arguments, **options):
        raise RuntimeError("it should not have come to this")

    monkeypatch.setattr(wt, "decompose", worked)
    check_one_line(run("decompose", "a*b", "S3", "-o", tmp_path / target))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [("--method", "magic"), ("--time-limit", "5"), ("--effort", "search", "--time-limit", "nan")],
)
def test_bad_values(run, options):
    check_one_line(run("decompose", "a*b", "S3", *options))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--bogus", "No such option: --bogus; see wordtensor --help"),
        ("nonsense", "No such command 'nonsense'; see wordtensor --help"),
        ("decompos", "Did you mean 'decompose'?; see wordtensor --help"),
        ("verify", "Missing argument 'FILE'; see wordtensor verify --help"),
        ("info S3 [red]", "([red]); see wordtensor info --help"),
        ("plan a*b S3 --fiel real", "--fiel (did you mean --field?); see wordtensor plan --help"),
        ("plan a*b S3 -x", "No such option: -x; see wordtensor plan --help"),
        (
            "decompose a*b S3 --field quaternion",
            "'quaternion' is not one of 'real', 'complex'; see",
        ),
        ("decompose a*b S3 --seed -1", "not '-1'; see wordtensor decompose --help"),
        ("decompose a*b S3 --seed x", "it must be a valid integer, not 'x'; see wordtensor decom"),
        ("decompose a*b S3 --seed", "requires an argument; see wordtensor decompose --help"),
        (
            "decompose a*b S3 --time-limit \x1b[2J",
            "not '\\x1b[2J'; see wordtensor decompose --help",
        ),
        ("schemes bogus", "No such command 'bogus'; see wordtensor schemes --help"),
        ("schemes search 1", "Missing argument 'M'; see wordtensor schemes search --help"),
        ("schemes search 2 2 2 --walker 3", "--walkers?); see wordtensor schemes search --help"),
        ("schemes search 2 2 2 --seed", "requires an argument; see wordtensor schemes search --h"),
        ("schemes list --max 99", "not '99'; see wordtensor schemes list --help"),
    ],
)
def test_bad_usage_is_one_line(run, arguments, said):
    assert said in check_one_line(run(*arguments.split(" ")))


def paths():
    """Yield each command with each of its files and folders, and arguments that it needs."""
    commands = [((), typer.main.get_command(app))]
    for path, command in commands:
        commands += [((*path, name), c) for name, c in getattr(command, "commands", {}).items()]
        needed = [p for p in command.params if p.param_type_name == "argument" and p.required]
        kinds = signature(command.callback or len).parameters
        for parameter in command.params:
            kind = get_args(kinds[parameter.name].annotation) if parameter.name in kinds else ()
            if Path in (*kind, *get_args(*kind[:1] or [None])):
                values = ["" if p is parameter else "2" for p in needed]
                option = [] if parameter in needed else [parameter.opts[0], ""]
                yield pytest.param([*path, *values, *option], id=" ".join((*path, parameter.name)))


@pytest.mark.parametrize("arguments", list(paths()))
def test_an_empty_path_is_not_the_present_folder(run, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    said = check_one_line(run(*arguments))
    assert (
        "the path is empty; name a file or a folder, or write . for the present folder; see" in said
    )
    assert list(tmp_path.iterdir()) == []


def test_no_command_shows_the_help(run):
    for arguments in ((), ("schemes",)):
        result = run(*arguments)
        assert (result.exit_code, "Usage" in result.output) == (2, True)


def parts(path):
    with np.load(path, allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def with_header(arrays, **changes):
    header = json.loads(bytes(arrays["header"]).decode()) | changes
    text = json.dumps({key: value for key, value in header.items() if value is not None})
    return arrays | {"header": np.frombuffer(text.encode(), dtype=np.uint8)}


def test_wrong_factor_fails_verification(run, saved):
    arrays = parts(saved)
    arrays["U"][2, 3] += 1e-6
    np.savez(saved, **arrays)
    result = run("verify", saved)
    assert result.exit_code == 1
    assert "NOT VERIFIED" in result.stdout
    assert run("verify", saved, "--json").exit_code == 1


def test_wrong_word_fails_verification(run, saved):
    np.savez(saved, **with_header(parts(saved), word="b*a"))
    assert run("verify", saved).exit_code == 1


def test_nan_fails_verification(run, saved):
    arrays = parts(saved)
    arrays["W"][0, 0] = np.nan
    np.savez(saved, **arrays)
    result = run("verify", saved, "--json")
    assert result.exit_code == 1
    values = json.loads(result.stdout, parse_constant=pytest.fail)
    assert (values["ok"], values["max_error"]) == (False, None)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_truncated_result(run, saved, share):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(len(content) * share)])
    assert saved.name in check_one_line(run("verify", saved))


def test_flipped_bits_never_pass_unseen(run, saved):
    """Flip one byte inside each stored array: the checksum notices, and the line says damaged."""
    content = saved.read_bytes()
    with zipfile.ZipFile(saved) as archive:
        members = archive.infolist()
    for member in members:
        damaged = bytearray(content)
        name_end = member.header_offset + 30 + len(member.filename) + 20
        damaged[name_end + member.compress_size // 2] ^= 0x10
        saved.write_bytes(damaged)
        assert saved.name in check_one_line(run("verify", saved))


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": 999},
        {"schema": None},
        {"word": None},
        {"word": "a*("},
        {"word": 7},
        {"blocks": [{}]},
        {"blocks": "none"},
        {"lower_bound": "few"},
        {"residual": []},
        {"letters": ["a"]},
        {"labels": ["1"]},
        {"group": 5},
        {"bounds": 5},
    ],
)
def test_bad_header(run, saved, changes):
    np.savez(saved, **with_header(parts(saved), **changes))
    assert saved.name in check_one_line(run("verify", saved))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "<x>"),
        ("name", "<9999,9999,9999>"),
        ("sizes", [9999, 9999, 9999]),
        ("sizes", "x"),
        ("shape", [1]),
        ("columns", [0]),
        ("columns", ["0", "x"]),
        ("triplets", 3),
    ],
)
def test_bad_block(run, saved, key, value):
    arrays = parts(saved)
    blocks = json.loads(bytes(arrays["header"]).decode())["blocks"]
    blocks[0][key] = value
    np.savez(saved, **with_header(arrays, blocks=blocks))
    assert saved.name in check_one_line(run("verify", saved))


@pytest.mark.parametrize("key", ["U", "cayley", "header"])
def test_missing_or_misshapen_array(run, saved, key):
    arrays = parts(saved)
    missing = {name: array for name, array in arrays.items() if name != key}
    for changed in (missing, missing | {key: np.zeros((2, 3))}, missing | {key: np.float64(1)}):
        np.savez(saved, **changed)
        assert saved.name in check_one_line(run("verify", saved))


def test_pickled_result_is_refused(run, saved):
    arrays = parts(saved) | {"U": np.array([{}], dtype=object)}
    np.savez(saved, **arrays)
    assert saved.name in check_one_line(run("verify", saved))


@pytest.mark.parametrize("content", [b"not a zip", b"PK\x03\x04", b"\x80\x04N."])
def test_files_of_another_kind(run, tmp_path, content):
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    assert "other.npz" in check_one_line(run("verify", path))


def test_single_array_missing_file_and_directory(run, tmp_path):
    path = tmp_path / "array.npy"
    np.save(path, np.zeros(3))
    assert "array.npy" in check_one_line(run("verify", path))
    assert "gone.npz" in check_one_line(run("verify", tmp_path / "gone.npz"))
    check_one_line(run("verify", tmp_path))


@pytest.mark.parametrize("kind", ["the same", "another path", "a link", "a hard link"])
def test_an_output_is_never_an_input(run, tmp_path, kind):
    table = tmp_path / "c2.json"
    table.write_text("[[0, 1], [1, 0]]")
    before = table.read_bytes()
    target = {"another path": tmp_path / ".." / tmp_path.name / "c2.json"}.get(kind, table)
    if kind.endswith("link"):
        target = tmp_path / "other"
        target.symlink_to(table) if kind == "a link" else target.hardlink_to(table)
    for group in ((table,), ("--cayley", table)):
        result = run("decompose", "a*b", *group, "-o", target, "--force")
        assert "is used by this command" in check_one_line(result)
    assert table.read_bytes() == before


def test_two_outputs_are_not_one_file(run, tmp_path):
    both = tmp_path / "f"
    result = run("schemes", "search", 2, 2, 2, "--checkpoint", both, "-o", both, "--flips", 1)
    assert "is used by this command" in check_one_line(result)
    assert not both.exists()


def test_what_a_run_consists_of_is_not_replaced(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    kept = [tmp_path / "net.safetensors", tmp_path / "checkpoints" / "step-1.safetensors"]
    page = tmp_path / "page.html"
    for path in (*kept, page):
        path.write_bytes(b"")
    for path in kept:
        with pytest.raises(wt.WordTensorError, match="is used by this command"):
            check_target(path, force=True, inputs=[tmp_path])
    check_target(page, force=True, inputs=[tmp_path])


def test_a_link_is_written_through(run, tmp_path):
    target, link = tmp_path / "kept" / "s3.npz", tmp_path / "s3.npz"
    target.parent.mkdir()
    link.symlink_to(target)
    assert run("decompose", "a*b", "S3", "-o", link).exit_code == 0
    assert link.is_symlink()
    assert wt.load(target).rank == 9
    assert "exists" in check_one_line(run("decompose", "a*b", "S3", "-o", link))


def test_control_characters_never_reach_a_terminal(run, tmp_path):
    table = tmp_path / "c2.json"
    evil = "\x1b]0;owned\x07\x1b[2J\u202egnp.\x9b31m"
    table.write_text(json.dumps({"cayley": [[0, 1], [1, 0]], "name": evil, "labels": ["e", evil]}))
    group = wt.Group.from_cayley([[0, 1], [1, 0]], evil)
    saved = tmp_path / "c2.npz"
    wt.decompose("a*b", group).save(saved)
    calls = [("decompose", "a*b", table), ("plan", "a*b", table), ("verify", saved)]
    for arguments in (*calls, ("info", evil), ("decompose", evil, "S3"), (evil,)):
        result = run(*arguments)
        for letter in "\x1b\x07\u202e\x9b":
            assert letter not in result.output, arguments
        assert "\\x1b" in result.output
