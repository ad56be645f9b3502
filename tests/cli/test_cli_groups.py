"""Groups as people have them, on the command line: named by info, or refused in one line."""

import json
from pathlib import Path

import pytest

from wordtensor.groups import group

TABLE = "*,e,a,b\ne,e,a,b\na,a,b,e\nb,b,e,a\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("S4", "this is S4 = SmallGroup(24,12), also PGL(2,3)"),
        ("D3", "this is S3 = SmallGroup(6,1), also D3"),
        ("Group([ (1,2,3), (1,2) ])", "this is S3 = SmallGroup(6,1)"),
        ("<x,y | x^4, x^2 = y^2, y x y^-1 x>", "this is Q8 = SmallGroup(8,4)"),
    ],
)
def test_info_says_which_group_a_group_is(given, said, run):
    done = run("info", given)
    assert done.exit_code == 0 and said in done.stdout


def test_info_names_the_group_of_a_file_and_shows_its_labels(run, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(TABLE)
    done = run("info", path)
    assert "this is C3 = SmallGroup(3,1)" in done.stdout and "e, a, b" in done.stdout
    shown = json.loads(run("info", path, "--json").stdout)
    assert shown["identity"] == {"name": "C3", "number": 1, "names": []}
    assert shown["labels"] == ["e", "a", "b"] and shown["name"] == "mine"


def test_generators_in_a_file_are_a_group_for_every_command(run, tmp_path):
    path = tmp_path / "gens.g"
    path.write_text("G := Group([ (1,2,3), (1,2) ]);\n")
    for arguments in (("info", path), ("info", "--cayley", path), ("plan", "a*b", path)):
        assert run(*arguments).exit_code == 0
    named = json.loads(run("plan", "a*b", "S3", "--json").stdout)
    mine = json.loads(run("plan", "a*b", path, "--json").stdout)
    assert mine["lower_bound"] == named["lower_bound"] and mine["group"] == "gens"


def test_what_gap_means_by_a_name_is_said_on_stderr(run):
    done = run("info", "DihedralGroup(8)")
    assert "order" in done.stdout and "read as GAP's, of order 8" in done.stderr


@pytest.mark.parametrize("name", ["D8", "D8 x C2", "C2 x D8", "c2xd8"])
def test_info_says_once_what_gap_means_by_a_dihedral_group(name, run):
    done = run("info", name)
    assert done.stderr.count("D8 has order 16 here; GAP's D8 is D4 here") == 1
    assert done.stderr.count("\n") == 1 and run("info", "D5").stderr == ""
    assert json.loads(run("info", name, "--json").stdout)["order"] in (16, 32)


def test_other_commands_say_it_of_names_in_the_form_of_gap_alone(run):
    assert "GAP's D8 is D4 here" in run("plan", "a*b", "C2 x D8").stderr
    assert run("plan", "a*b", "D8").stderr == run("plan", "a*b", "D8 x C2").stderr == ""


WRONG = {
    "a.csv": (TABLE.replace("a,a,b,e", "a,a,b,b"), "line 3"),
    "b.csv": ("0,1\n1\n", "line 2"),
    "c.txt": ("hello world\n", "tables are read as rows"),
    "d.g": ("Group([ (1,2,x) ])", "at 'x' in line 1"),
    "e.txt": ("(123)\n", "put blanks or commas"),
    "f.txt": ("<x | x^2", "A presentation is written as"),
    "g.txt": ("<x | >", "is infinite, or not found within 6000 cosets"),
    "h.json": ("{", "Cannot read"),
    "i.json": ('{"generators": 3}', "a list of permutations, not 3"),
    "j.txt": ("", "there are no rows"),
    "k.dat": (TABLE, "ends in one of .npy"),
}


@pytest.mark.parametrize(("name", "content", "said"), [(k, *v) for k, v in WRONG.items()])
def test_a_wrong_file_is_one_line_on_stderr(name, content, said, run, tmp_path):
    path = tmp_path / name
    path.write_text(content)
    done = run("info", path)
    assert done.exit_code == 2 and done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ") and name in line and said in line


def test_a_file_is_not_left_behind_by_a_wrong_group(run, tmp_path):
    done = run("decompose", "a*b", "Group([ (1,2", "-o", tmp_path / "d.npz")
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1
    assert list(Path(tmp_path).iterdir()) == []
    assert group("Group([ (1,2) ])").order == 2
