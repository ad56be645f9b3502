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


def test_a_run_on_a_loop_is_compared_without_naming_it(run, trained, tmp_path):
    done = run("compare", trained)
    assert done.exit_code == 0
    assert "\nIt computes loop: its largest logit is right on all 25 pairs.\n" in done.stdout
    assert "need a group and loop is a loop" in done.stdout
    values = json.loads(run("compare", trained, "--json").stdout)
    assert values["rank"]["decomposition"] == 8
    assert values["accuracy"]["all"] == 1
    saved = tmp_path / "d.npz"
    assert run("decompose", "--table", tmp_path / "loop.csv", "-o", saved).exit_code == 0
    again = json.loads(run("compare", trained, "--decomposition", saved, "--json").stdout)
    assert again["rank"] == values["rank"]


def test_training_pairs_of_a_run_are_those_of_the_comparison(run, tmp_path):
    folder = tmp_path / "run"
    done = run(
        "train", "--table", "x/y mod 5", "--set", "fraction=0.5", *FEW, "-o", folder, "--json"
    )
    trained_to = json.loads(done.stdout)
    for net in (folder, folder / "net.safetensors"):
        split = () if net == folder else ("--train-fraction", "0.5")
        values = json.loads(run("compare", net, *split, "--json").stdout)
        assert values["shape"] == [5, 4, 5]
        assert values["train_pairs"] == 10
        assert values["accuracy"]["train"] == trained_to["train_accuracy"][0]
        assert values["accuracy"]["test"] == trained_to["test_accuracy"][0]


def test_a_net_is_compared_with_a_table_that_is_given(run, tmp_path):
    path = tmp_path / "q.npz"
    assert run("decompose", "--table", "x/y mod 5", "-o", path).exit_code == 0
    done = run("compare", path, "--table", "x/y mod 5", "--json")
    values = json.loads(done.stdout)
    assert values["rank"]["effective"] == values["rank"]["decomposition"] == 6
    assert values["match"]["alike"] == 6


def test_many_instances(run, tmp_path):
    folder = tmp_path / "run"
    assert run("train", "--table", "x*y mod 5", "--set", "instances=2", *FEW, "-o", folder)
    done = run("compare", folder, "--instance", "1", "--json")
    assert done.exit_code == 0
    assert "holds 2 networks; this is instance 1" in done.stderr
    assert json.loads(done.stdout)["kind"] == "operation"


def test_wrong_comparisons_are_refused(run, trained, tmp_path):
    saved = tmp_path / "s3.npz"
    assert run("decompose", "a*b", "S3", "-o", saved).exit_code == 0
    for arguments, said in (
        ((trained, "--table", "x-y mod 5"), "was trained on 'loop'"),
        ((trained, "--table", "x/y mod 5", "--anyway"), "has 5 x 4 pairs"),
        ((trained, "a*b", "C5"), "trained on the table loop"),
        ((trained, "a*b", "C5", "--table", "x+y mod 5"), "leave 'a*b' out"),
        ((trained, "--threshold", "0.5"), "Option --threshold is of irreps"),
        ((trained, "--decomposition", saved), "holds the decomposition of a*b over S3"),
        ((saved, "--table", "x+y mod 5"), "was trained on 'a*b'"),
        (
            (saved, "--table", "x+y mod 5", "--anyway"),
            "6 x 6 pairs with 6 values, and x+y mod 5 has",
        ),
        ((tmp_path / "none.npz", "--table", "x+y mod 5"), "There is no file or folder"),
    ):
        done = run("compare", *arguments)
        assert done.exit_code == 2, arguments
        assert said in done.stderr
        assert done.stderr.splitlines()[-1].startswith("error: ")
    assert run("compare", trained, "--table", "x-y mod 5", "--anyway").exit_code == 0
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (LOOP5, "the table of a loop"),
        ("0,2,1\n1,0,2\n2,1,0\n", "the table of a quasigroup"),
        ("0,0\n0,1\n", "the table of an operation"),
        ("0,5\n5,7\n", "a table of values"),
    ],
)
def test_info_says_what_a_table_is_that_is_no_groups(run, tmp_path, text, what):
    path = tmp_path / "t.csv"
    path.write_text(text)
    for arguments in ((path,), ("--cayley", path)):
        done = run("info", *arguments)
        assert done.exit_code == 2
        assert done.stderr.count("\n") == 1
        assert "holds no group" in done.stderr
        assert (
            f"it is {what}, which info, train, decompose and compare take as --table" in done.stderr
        )


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            "x/y mod 5",
            {"kind": "table", "shape": [5, 4, 5], "associative": None, "latin": False,
             "multilinear_ranks": [5, 4, 5]},
        ),
        (
            "x-y mod 5",
            {"kind": "quasigroup", "values_taken": 5, "latin": True, "associative": False,
             "commutative": False, "identity": None},
        ),
        (
            "x^2*y mod 5",
            {"kind": "operation", "associative": False, "multilinear_ranks": [3, 5, 5]},
        ),
        ("x*y mod 5", {"kind": "operation", "associative": True, "identity": "1"}),
        ("x*y mod 1009", {"commutative": True, "associative": None, "multilinear_ranks": None}),
    ],
)  # fmt: skip
def test_info_tells_the_laws_of_a_table(run, table, told):
    values = json.loads(run("info", "--table", table, "--json").stdout)
    assert {key: values[key] for key in told} == told
    shown = run("info", "--table", table).stdout
    assert shown.startswith(table) and told.get("kind", "") in shown
    assert ("associative" in shown) == (values["associative"] is not None)


def test_info_takes_a_table_alone(run, loop):
    done = run("info", "S3", "--table", loop)
    assert done.exit_code == 2
    assert "leave 'S3' out" in done.stderr
    assert "loop" in run("info", "--table", loop).stdout
