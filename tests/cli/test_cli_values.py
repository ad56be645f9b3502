"""``--table``: tables of values on the command line, which are no groups."""

import json

import pytest

import wordtensor as wt

LOOP5 = "0,1,2,3,4\n1,0,3,4,2\n2,4,0,1,3\n3,2,4,0,1\n4,3,1,2,0\n"
FEW = ("--set", "steps=30", "--set", "width=20")


@pytest.fixture
def loop(tmp_path):
    path = tmp_path / "loop.csv"
    path.write_text(LOOP5)
    return path


@pytest.fixture
def trained(run, loop, tmp_path):
    """Return the folder of a run on the loop, which all pairs were shown."""
    folder = tmp_path / "run"
    done = run("train", "--table", loop, "--set", "fraction=1", "-o", folder)
    assert done.exit_code == 0
    return folder


def test_a_loop_is_trained_on(run, trained, loop):
    again = run("train", "--table", loop, "--set", "fraction=1", "-o", trained)
    assert again.exit_code == 0
    assert "nothing was left to train" in again.stderr
    config = json.loads((trained / "config.json").read_text())
    assert config["table"] == "loop"


def test_a_formula_is_trained_on_and_what_is_left_out_is_said(run):
    done = run("train", "--table", "x/y mod 5", *FEW, "--json")
    assert done.exit_code == 0
    assert "column 0 left out" in done.stderr
    assert json.loads(done.stdout)["config"]["table"] == "x/y mod 5"


def test_a_configuration_with_a_formula(run, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"table": "x^2+y^2 mod 5", "width": 9, "steps": 3}))
    done = run("train", "--config", path, "--json")
    assert json.loads(done.stdout)["config"]["table"] == "x^2+y^2 mod 5"


def test_a_groups_table_is_said_to_be_one(run, tmp_path):
    path = tmp_path / "c2.csv"
    path.write_text("0,1\n1,0\n")
    done = run("train", "--table", path, *FEW)
    assert done.exit_code == 0
    assert "is the table of a group" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a*b", "S3", "--table", "x+y mod 5"), "leave 'a*b' out"),
        (("--cayley", "c.csv", "--table", "x+y mod 5"), "leave 'c.csv' out"),
        (("--table", "missing.csv"), "'missing.csv': there is no file"),
        (("--table", "x+y"), "no modulus"),
        (("--table", "x/y mod 9"), "9 is none"),
        (("--table", "x+y mod 5", "--set", "model=parity"), "in place of a word"),
        (("--table", "x+y mod 5", "--set", "group=S4"), "in place of a word"),
        (("--table", "x+y mod 5", "--set", "table=x"), "'table' is given twice"),
        (("--table", "x/y mod 5", "--set", "model=transformer"), "the same tokens"),
        (("--table", "x+y mod 5", "--recipe", "chughtai"), "brings its own word"),
        (("x+y mod 5",), "is a formula and no word"),
    ],
)
def test_wrong_commands_of_train(run, arguments, said):
    done = run("train", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: ")


def test_a_table_is_decomposed_saved_and_verified(run, tmp_path):
    path = tmp_path / "q.npz"
    done = run("decompose", "--table", "x/y mod 5", "-o", path, "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    # Multiplication in C4 on y, and on x beside 0: 1 + (1 + 1 + 3) terms.
    assert (found["name"], found["shape"], found["rank"]) == ("x/y mod 5", [5, 4, 5], 6)
    assert found["lower_bound"] == 6
    assert run("verify", path).exit_code == 0


@pytest.mark.parametrize("name", ["C3", "S3", "Q8"])
def test_a_groups_table_has_the_rank_of_its_product(run, tmp_path, name):
    path = tmp_path / "g.json"
    path.write_text(json.dumps(wt.group(name).cayley.tolist()))
    done = run("decompose", "--table", path, "--json")
    assert json.loads(done.stdout)["rank"] == wt.decompose("a*b", name).rank
    assert "is the table of a group" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name WORD and GROUP, or pass --table"),
        (("a*b", "S3", "--table", "x+y mod 5"), "leave 'a*b' out"),
        (("--table", "x+y mod 5", "--method", "slices"), "leave 'slices' out"),
        (("--table", "x+y mod 5", "-o", "t.csv"), "ends in .npz"),
        (("--table", "x+y mod m"), "no modulus"),
    ],
)
def test_wrong_commands_of_decompose(run, arguments, said):
    done = run("decompose", *arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
