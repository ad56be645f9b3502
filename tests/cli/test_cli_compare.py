"""``wordtensor compare``: files, folders, splits, pages, bad input and Ctrl-C."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from html import unescape

import numpy as np
import pytest
from rich.console import Console

import wordtensor as wt
from wordtensor.cli._comparison_tables import show_comparison
from wordtensor.cli._net_source import Asked, read_net
from wordtensor.errors import FileFormatError
from wordtensor.groups import files
from wordtensor.nets._state import TrainingState
from wordtensor.report import page as report_page

ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "80"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of two instances on half of the pairs of a group that has no name, with checkpoints."""
    path = tmp_path_factory.mktemp("runs") / "run"
    G = wt.Group.from_cayley(wt.group("S3").cayley, name="mine")
    config = wt.nets.TrainConfig(
        group="mine", word="a*b*a^-1", width=8, steps=30, instances=2, fraction=0.5, checkpoints=4
    )
    wt.nets.train(config, G, folder=path)
    return path


@pytest.fixture
def released(tmp_path):
    """Arrays U, V, W of a net of nobody's, and the table of its group in a .npz."""
    d = wt.decompose("a*b", "S3")
    net, table = tmp_path / "net.npz", tmp_path / "their S3.npz"
    np.savez(net, **dict(zip("UVW", d.factors, strict=True)))
    np.savez(table, cayley=d.group.cayley, more=np.arange(3))
    return net, table


def values(done):
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout, parse_constant=pytest.fail)


def check_one_line(done, said):
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def test_a_saved_decomposition_says_its_own_word_and_group(run, saved):
    done = run("compare", saved)
    assert done.exit_code == 0
    assert done.stdout.startswith("s3.npz: hadamard network, product neurons, on a*b over S3")
    assert done.stdout.splitlines()[2:7] == [
        "It computes a*b over S3: its largest logit is right on all 36 pairs.",
        "Its logits go by the irreps standard (0.89) and sign (0.45) (cosine with the character); "
        "all characters together explain 100.00 % of them.",
        "Of its 9 neurons, 9 are needed for the same function and 7 for the same accuracy.",
        "Its logits are the word tensor itself, which takes 9 multiplying neurons.",
        "It uses Strassen's algorithm for <2,2,2> (7 products in place of 8).",
    ]
    assert "--full" in done.stderr and "coset" not in done.stdout
    assert "cosets, by what a brings" in run("compare", saved, "--full").stdout
    wrong = run("compare", saved, "b*a", "--anyway").stdout.splitlines()
    assert wrong[2] == "It does not compute b*a over S3: it is right on 50.00 % of the 36 pairs."
    assert wrong[3].startswith("With a and b exchanged it is right on 100.00 % of the pairs")
    found = values(run("compare", saved, "--json"))
    assert found["rank"]["decomposition"] == found["rank"]["effective"] == 9
    assert found["gcr"]["test_accuracy"] is None
    assert found["match"]["matched"] is True


def test_the_decomposition_can_come_from_a_file(run, saved):
    found = values(run("compare", saved, "--decomposition", saved, "--json", "--seed", "3"))
    assert (found["seed"], found["decomposition"]["seed"]) == (3, 0)


def test_a_folder_brings_word_group_split_checkpoints_and_history(run, folder, tmp_path):
    page = tmp_path / "page.html"
    done = run("compare", folder, "--instance", "1", "--json", "--html", page)
    found = values(done)
    assert "holds 2 networks; this is instance 1" in done.stderr
    assert (found["word"], found["group"]) == ("a*b*a^-1", "mine")
    assert found["gcr"]["train_pairs"] == 18
    assert found["order_learned"]["steps"][-1] == 30
    whole = wt.nets.load_run(folder)
    at = whole.history.step.tolist().index(whole.best_step[1])
    assert (
        whole.best_step[1] < 30 and found["name"] == f"run, instance 1, step {whole.best_step[1]}"
    )
    for name in ("train_accuracy", "test_accuracy"):
        assert found["gcr"][name] == pytest.approx(getattr(whole.history, name)[at, 1])
    text = page.read_text(encoding="utf-8")
    assert "accuracy over training" in text
    assert f"wordtensor compare {folder} --instance 1 --html {page}" in text


@pytest.fixture(scope="module")
def fallen(tmp_path_factory):
    """A run whose decay takes away again what it had learned."""
    path = tmp_path_factory.mktemp("fallen") / "lost"
    config = wt.nets.TrainConfig(
        group="S3", width=16, fraction=0.9, loss="cross entropy", optimizer="adamw",
        weight_decay=8, learning_rate=0.03, steps=200, log_every=10,
    )  # fmt: skip
    return wt.nets.train(config, folder=path)


def test_of_a_run_that_lost_its_success_the_best_net_is_shown(run, fallen):
    step, end = int(fallen.success_step[0]), float(fallen.final["test_accuracy"][0])
    assert 0 < step < 200 and end < 1 and fallen.best_step[0] == step
    best, last = f"step {step} (accuracy 1 on test pairs)", f"step 200 (accuracy {end:.4g} on test"
    for options, test, said, shown in (
        ((), 1, f"the net shown is the best one of the run, {best}; --last shows", step),
        (("--last",), end, f"is the one at the end, {last} pairs); without --last the best", 200),
    ):
        done = run("compare", fallen.folder, "--json", *options)
        assert said in done.stderr
        found = values(done)
        assert found["gcr"]["test_accuracy"] == test
        assert found["run"] == {"step": shown, "best_step": step, "last_step": 200}
        assert run("compare", fallen.folder, *options).stdout.startswith(
            "lost, step" if shown == step else "lost: hadamard"
        )


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """A run of nets of which not the first is the best one, ended between two records."""
    config = wt.nets.TrainConfig(
        group="Q8", width=40, steps=400, instances=3, log_every=350,
        learning_rate=(1e-5, 0.01, 1e-5),
    )  # fmt: skip
    advance = TrainingState.advance

    def hit(state, steps=1):
        advance(state, steps)
        if state.step == 300:
            os.kill(os.getpid(), signal.SIGINT)

    path = tmp_path_factory.mktemp("several") / "three"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TrainingState, "advance", hit)
            return wt.nets.train(config, folder=path)
    finally:
        signal.signal(signal.SIGINT, before)


def test_of_several_nets_the_best_one_is_shown_where_it_is_at_its_best(run, several):
    assert several.interrupted and several.history.accuracy[-1].argmax() == 1
    assert str(several).endswith(" have it. It was instance 1, which has seed 1.")
    for command in ("compare", "accuracy"):
        done = run(command, several.folder, "--json")
        assert "the one at the end, step 300 (accuracy 1 on training pairs)" in done.stderr
        said = "this is instance 1, and no other one is known to be right on more pairs (--instance"
        assert said in done.stderr
        assert values(done)["run"] == {"step": 300, "best_step": 300, "last_step": 300}
    assert "this is instance 0 (--" in run("compare", several.folder, "--instance", "0").stderr


def test_of_a_run_that_kept_its_success_the_last_net_is_shown(run, tmp_path):
    config = wt.nets.TrainConfig(group="C3", width=12, steps=100)
    wt.nets.train(config, folder=tmp_path / "run")
    done = run("compare", tmp_path / "run", "--json")
    assert "the one at the end, step 100 (accuracy 1 on training pairs); the run had" in done.stderr
    assert values(done)["run"] == {"step": 100, "best_step": 100, "last_step": 100}
    check_one_line(run("compare", tmp_path / "run" / "net.safetensors", "--last"), "is a file")


def test_the_best_net_of_another_run_is_refused(run, fallen, tmp_path):
    shutil.copytree(fallen.folder, tmp_path / "mixed")
    other = wt.nets.train(fallen.config.replace(seed=1), folder=tmp_path / "other")
    shutil.copy(other.folder / "best.safetensors", tmp_path / "mixed")
    check_one_line(run("compare", tmp_path / "mixed"), "'best.safetensors' in")


def test_the_accuracy_that_is_proved_is_that_of_the_net_shown(run, fallen):
    for options in ((), ("--last",)):
        done = run("accuracy", fallen.folder, "--json", *options)
        assert "the net shown is" in done.stderr
        found = values(done)
        assert found["run"]["step"] == (200 if options else fallen.success_step[0])


def test_a_file_of_train_brings_word_and_group(run, tmp_path):
    config = wt.nets.TrainConfig(group="C3", word="a*b^-1", width=6, steps=20)
    wt.nets.train(config, folder=tmp_path / "run")
    found = values(run("compare", tmp_path / "run" / "net.safetensors", "--json"))
    assert (found["word"], found["group"], found["order_learned"]) == ("a*b^-1", "C3", None)
    # b*a has other values; a^4*b^2 has the same ones over C3.
    wrong = ("compare", tmp_path / "run" / "net.safetensors", "b*a", "C3", "--json")
    check_one_line(run(*wrong), "The word b*a was given")
    assert values(run(*wrong, "--anyway"))["word"] == "b*a"
    same = ("compare", tmp_path / "run" / "net.safetensors", "a^4*b^2", "C3", "--json")
    assert values(run(*same))["gcr"] == found["gcr"] | {"word": "a^4*b^2"}


def test_another_word_or_table_than_the_file_says_is_refused(run, folder, saved, tmp_path):
    """The files say a*b*a^-1 over a table named "mine", and a*b over S3."""
    G = wt.group("S3")
    order = [0, 2, 1, 3, 4, 5]
    other = G.cayley[np.ix_(order, order)]
    table, swapped = tmp_path / "mine.npy", tmp_path / "swapped.npy"
    np.save(table, G.cayley)
    np.save(swapped, np.argsort(order)[other])
    for net, learned in ((folder, "a*b*a^-1"), (folder / "net.safetensors", "a*b*a^-1")):
        assert values(run("compare", net, learned, table, "--json"))["gcr"]["word"] == learned
        check_one_line(run("compare", net, "a*b", table), f"was trained on {learned}; give that")
        check_one_line(run("compare", net, learned, swapped), "elements in another order")
        check_one_line(run("compare", net, learned, "C6"), "pass --anyway")
        found = values(run("compare", net, "a*b", swapped, "--json", "--anyway"))
        assert (found["word"], found["group"]) == ("a*b", "swapped")
    check_one_line(run("compare", saved, "b*a", "S3"), "says that the net was trained on a*b")
    check_one_line(run("compare", saved, "a*b", swapped), "trained on one of 'S3'")
    page = tmp_path / "page.html"
    assert run("compare", saved, "b*a", "S3", "--anyway", "--html", page).exit_code == 0
    assert f"'b*a' S3 --anyway --html {page}</pre>" in unescape(page.read_text())


def test_a_name_that_stands_for_another_table_is_not_believed(run, tmp_path):
    order = [0, 2, 1, 3, 4, 5]
    cayley = wt.group("S3").cayley[np.ix_(order, order)]
    G = wt.Group.from_cayley(np.argsort(order)[cayley], name="S3")
    wt.nets.train(wt.nets.TrainConfig(width=6, steps=5), G, folder=tmp_path / "run")
    net = tmp_path / "run" / "net.safetensors"
    check_one_line(run("compare", net), "'S3', and means another table")
    check_one_line(run("compare", net, "a*b", "S3"), "elements in another order")
    assert run("compare", tmp_path / "run").exit_code == 0


def test_a_page_never_replaces_what_the_command_reads(run, saved, folder, tmp_path):
    link = tmp_path / "link.html"
    link.symlink_to(saved)
    before = saved.read_bytes()
    for page in (saved, link, tmp_path / "x" / ".." / saved.name):
        (tmp_path / "x").mkdir(exist_ok=True)
        check_one_line(run("compare", saved, "--html", page, "--force"), "choose another name")
        check_one_line(
            run("compare", folder, "--decomposition", saved, "--html", page, "--force"),
            "choose another name",
        )
    assert saved.read_bytes() == before
    state = folder / "state.safetensors"
    before = state.read_bytes()
    check_one_line(run("compare", folder, "--html", state, "--force"), "choose another name")
    assert state.read_bytes() == before


def test_a_group_comes_as_the_table_of_an_archive_and_a_split_by_its_seed(run, released):
    net, table = released
    options = ("--train-fraction", "0.5", "--split-seed", "2", "--json")
    found = values(run("compare", net, "a*b", table, *options))
    assert found["group"] == "their S3"
    assert found["gcr"]["train_pairs"] == 18
    assert found["gcr"]["test_accuracy"] == 1.0
    assert values(run("info", table, "--json"))["order"] == 6


def test_an_activation_says_how_arrays_are_read(run, released):
    net, table = released
    found = values(run("compare", net, "a*b", table, "--activation", "relu", "--json"))
    assert found["network"]["combination"] == "relu"
    assert found["match"] is None


def test_a_page_is_not_replaced_without_force(run, saved, tmp_path, monkeypatch):
    page = tmp_path / "page.html"
    page.write_text("mine")

    def worked(*arguments, **options):
        raise RuntimeError("it should not have come to this")

    monkeypatch.setattr(wt, "decompose", worked)
    check_one_line(run("compare", saved, "--html", page), "--force")
    check_one_line(run("compare", saved, "--html", tmp_path / "gone" / "page.html"), "gone")
    os.mkfifo(tmp_path / "pipe")
    check_one_line(run("compare", saved, "--html", tmp_path / "pipe", "--force"), "pipe; name a")
    assert page.read_text() == "mine"
    monkeypatch.undo()
    monkeypatch.setattr(report_page, "comparison_html", lambda *_, **__: "new")
    done = run("compare", saved, "--html", page, "--force")
    assert (done.exit_code, done.stderr) == (0, f"wrote {page}\n")
    assert page.read_text() == "new"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("{net}",), "There is no word"),
        (("{net}", "a*b"), "There is no group, and the file does not say"),
        (("{net}", "a*b", "S4"), "give the group it was trained on"),
        (("{net}", "a*b", "Monster"), "Monster"),
        (("{net}", "a*b", "S3", "--split-seed", "1"), "--train-fraction"),
        (("{net}", "a*b", "S3", "--train-fraction", "1.5"), "at most 1"),
        (("{net}", "a*b", "S3", "--train-fraction", "0.001"), "fraction"),
        (("{net}", "a*b", "S3", "--instance", "1"), "no instance 1"),
        (("{net}", "a*b", "S3", "--decomposition", "gone.npz"), "gone.npz"),
        (("{net}", "a*b*a", "S3", "--decomposition", "{saved}"), "The decomposition is of a*b"),
        (("{net}", "a*b", "{net}"), "no array 'cayley'"),
        (("gone.npz", "a*b", "S3"), "gone.npz"),
        (("{table}", "a*b", "S3"), "no network that we know"),
        (("{text}", "a*b", "S3"), "no network"),
        (("{damaged}", "a*b", "S3"), "damaged"),
        (("{tensors}", "a*b", "S3"), "tensors"),
        (("{empty}", "a*b", "S3"), "no folder of a finished training"),
        (("{run}", "--instance", "2"), "no 2"),
        (("{run}", "--activation", "relu"), "says its own"),
        (("{run}/net.safetensors",), "'mine', whose table it does not hold"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    run, released, saved, folder, tmp_path, arguments, said
):
    net, table = released
    places = {"net": net, "table": table, "saved": saved, "run": folder}
    contents = {"text": b"net", "damaged": net.read_bytes()[:400], "tensors": b"\x00" * 40}
    endings = {"text": ".txt", "damaged": ".npz", "tensors": ".safetensors"}
    for name, content in contents.items():
        places[name] = tmp_path / f"{name}{endings[name]}"
        places[name].write_bytes(content)
    places["empty"] = tmp_path / "empty"
    places["empty"].mkdir()
    check_one_line(run("compare", *(a.format(**places) for a in arguments)), said)


def test_a_typing_error_in_the_word_is_shown_in_its_place(run, released):
    done = run("compare", released[0], "a*(b", "S3")
    assert (done.exit_code, done.stdout) == (2, "")
    message, shown, caret = done.stderr.splitlines()
    assert message.startswith("error: ")
    assert caret.index("^") - shown.index("a*(b") == 2


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("config.json", lambda content: content[:20], "config.json"),
        ("config.json", lambda content: b"[1]", "dictionary"),
        ("metrics.jsonl", lambda content: content[:-30], "metrics.jsonl"),
        ("metrics.jsonl", lambda content: b'{"step": 1}\n', "metrics.jsonl"),
        ("state.safetensors", lambda content: content[:50], "state.safetensors"),
        ("checkpoints/step-00000001.safetensors", lambda content: content[:50], "step-00000001"),
    ],
)
def test_a_damaged_folder_is_told_apart(run, folder, name, change, said):
    path = folder / name
    content = path.read_bytes()
    try:
        path.write_bytes(change(content))
        check_one_line(run("compare", folder), said)
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize("change", [
    {"word": "a*b"}, {"group": "C6"}, {"fraction": 0.6}, {"seed": 1}, {"split_seed": 3},
    {"instances": 3}, {"steps": 31},
])  # fmt: skip
def test_a_configuration_of_another_run_is_refused(run, folder, change, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "run")
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | change))
    check_one_line(run("compare", copy), "are not of the same run")


def test_files_of_two_runs_are_refused(run, folder, tmp_path):
    other = tmp_path / "other"
    config = wt.nets.TrainConfig.from_dict(json.loads((folder / "config.json").read_text()))
    wt.nets.train(config.replace(seed=5, group="S3"), folder=other)
    copy = shutil.copytree(folder, tmp_path / "run")
    for name in ("net.safetensors", "state.safetensors"):
        shutil.copy(other / name, copy / name)
        check_one_line(run("compare", copy), "are not of the same run")
        shutil.copy(folder / name, copy / name)
    step = copy / "checkpoints" / "step-00000000.safetensors"
    step.rename(step.with_name("step-98765432.safetensors"))
    check_one_line(run("compare", copy), "is not of step 98765432")


def test_metrics_that_the_run_did_not_write_are_refused(run, folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "run")
    path = copy / "metrics.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[-1]["test_accuracy"] = [0.98765, 0.98765]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    check_one_line(run("compare", copy), "not those that the run wrote")
    done = run("train", "--config", copy / "config.json", "-o", copy)
    assert done.exit_code == 2


def test_a_folder_without_metrics_has_no_history(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "run")
    assert read_net(copy, Asked()).history is not None
    (copy / "metrics.jsonl").unlink()
    assert read_net(copy, Asked()).history is None
    (copy / "metrics.jsonl").write_bytes(b"")
    assert read_net(copy, Asked()).history is None


def test_an_archive_that_unpacks_to_too_much_is_refused(run, tmp_path, monkeypatch):
    bomb = tmp_path / "bomb.npz"
    np.savez_compressed(bomb, cayley=np.zeros((1000, 1000), dtype=np.int8))
    monkeypatch.setattr(files, "_MAX_BYTES", 500_000)
    assert bomb.stat().st_size < 5000
    check_one_line(run("info", bomb), "unpacks to more")


def finished(missing, *arguments):
    """Run the command line in a process that lacks a module."""
    code = f"import sys; sys.modules[{missing!r}] = None\nfrom wordtensor.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env=ENVIRONMENT,
    )


def test_arrays_need_no_torch_and_a_split_says_what_to_install(released):
    net, table = released
    done = finished("torch", "compare", net, "a*b", table, "--json")
    assert done.returncode == 0 and "error" not in done.stderr
    assert json.loads(done.stdout)["gcr"]["all_accuracy"] == 1.0
    lacking = finished("torch", "compare", net, "a*b", table, "--train-fraction", "0.5")
    assert (lacking.returncode, lacking.stdout) == (2, "")
    assert "pip install 'wordtensor[nets]'" in lacking.stderr


def test_a_page_without_matplotlib_says_what_to_install(released, tmp_path):
    net, table = released
    page = tmp_path / "page.html"
    done = finished("matplotlib", "compare", net, "a*b", table, "--html", page)
    assert (done.returncode, done.stdout, page.exists()) == (2, "", False)
    # Where the machine is slow, a line before says what it is at.
    assert done.stderr.count("error: ") == 1
    assert "pip install 'wordtensor[plots]'" in done.stderr


@pytest.mark.parametrize("stage", ["compare", "decompose"])
def test_ctrl_c_is_quiet_and_writes_nothing(run, saved, tmp_path, monkeypatch, stage):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    if stage == "compare":
        monkeypatch.setattr(wt.compare, "compare", interrupted)
    else:
        monkeypatch.setattr(wt, "decompose", interrupted)
    page = tmp_path / "page.html"
    done = run("compare", saved, "--html", page)
    assert (done.exit_code, done.stdout, page.exists()) == (130, "", False)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send")
def test_ctrl_c_in_the_middle_ends_with_130(process, tmp_path):
    command, environment = process
    rng = np.random.default_rng(0)
    net, page = tmp_path / "net.npz", tmp_path / "page.html"
    np.savez(net, **{name: rng.standard_normal((120, 700)) for name in "UVW"})
    running = subprocess.Popen(
        [*command, "compare", str(net), "a*b", "S5", "--progress", "--html", str(page)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    lines = []
    try:
        for line in running.stderr:
            lines.append(line)
            if "spectra" in line:
                break
        time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        stdout, rest = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 130, lines
    assert (stdout, page.exists()) == ("", False)
    assert "Traceback" not in rest


def test_a_page_that_cannot_be_written_is_one_line(run, saved, tmp_path, monkeypatch):
    import wordtensor.report

    def full(path, *arguments, **options):
        raise FileFormatError(f"Cannot write {path}: No space left on device.")

    monkeypatch.setattr(wordtensor.report, "write_comparison", full)
    done = run("compare", saved, "--html", tmp_path / "page.html")
    check_one_line(done, "No space left")


def test_a_net_on_a_table_of_values_has_a_page(run, tmp_path):
    d = wt.solve(wt.value_table("x/y mod 3"))
    net, page = tmp_path / "net.npz", tmp_path / "page.html"
    np.savez(net, U=d.factors[0], V=d.factors[1], W=d.factors[2])
    done = run("compare", net, "--table", "x/y mod 3", "--html", page)
    assert done.exit_code == 0
    text = unescape(page.read_text())
    assert "<h1>What net.npz learned: x/y mod 3</h1>" in text
    assert f"wordtensor compare {net} --table 'x/y mod 3' --html {page}</pre>" in text
    assert "right on all 6 pairs" in done.stdout


def test_tables_on_a_terminal_take_names_for_text():
    G = wt.Group.from_cayley(wt.group("S3").cayley, name="[red]S3[/red] :smile:")
    d = wt.decompose("a*b", G)
    c = wt.compare.compare(
        d.factors, "a*b", G, decomposition=d, checkpoints=[(0, d.factors)], name="[bold]net"
    )
    for width in (40, 80, 200):
        console = Console(record=True, width=width, file=open(os.devnull, "w"))  # noqa: PTH123
        show_comparison(c, console, full=True)
        text = " ".join(console.export_text().split())
        console.file.close()
        assert text.startswith("[bold]net hadamard network")
        assert "[red]S3[/red] :smile:" in text
        assert "learned: 1Rb = 2R (0)" in text
        assert "2R 2R 2R" in text
