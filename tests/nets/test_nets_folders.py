"""Runs on disk: what a folder holds, how it is taken up again, and what damage is noticed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from wordtensor.errors import FileFormatError, NetworkError
from wordtensor.groups import group
from wordtensor.nets import TensorTask, TrainConfig, _folder, load, load_run, train
from wordtensor.nets._folder import METRICS_FILE, STATE_FILE, save_state
from wordtensor.nets._state import TrainingState
from wordtensor.nets.files import read_safetensors, write_safetensors
from wordtensor.words import word_tensor

SCORES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "norm")

CONFIGS = {
    "adam": {"group": "Q8", "l2": 1e-3, "fraction": 0.8},
    "adamw in batches": {
        "group": "C3", "model": "perceptron", "batch": 2, "optimizer": "adamw",
        "weight_decay": 0.1, "fraction": 0.7,
    },
    "momentum": {
        "group": "S3", "optimizer": "sgd", "momentum": 0.9, "batch": 5, "schedule": "linear",
    },
    "plain": {"group": "S3", "optimizer": "gd", "learning_rate": 0.1},
    "instances": {
        "group": "Q8", "instances": 3, "learning_rate": (0.01, 0.03, 0.002), "batch": 9,
    },
    "mlp": {"group": "S3", "model": "mlp", "embedding": 4, "loss": "cross entropy"},
    "transformer": {
        "group": "C3", "model": "transformer", "embedding": 4, "heads": 2, "head_size": 2,
    },
    "parity": {"model": "parity", "bits": 4, "relevant": 2, "decay_schedule": "linear", "l2": 0.1},
    "double": {
        "group": "C3", "model": "margin", "dtype": "float64", "penalty": 1e-3, "stop_loss": 1e-9,
        "schedule": "doubling", "doublings": (3, 20),
    },
    "muon": {"group": "Q8", "optimizer": "muon", "momentum": 0.9},
}  # fmt: skip


@pytest.fixture(params=CONFIGS)
def config(request):
    if request.param == "muon" and not hasattr(torch.optim, "Muon"):
        pytest.skip("this torch has no Muon")
    return TrainConfig(
        width=5, steps=30, log_every=4, seed=2, checkpoints=4, **CONFIGS[request.param]
    )


@pytest.fixture
def small():
    return TrainConfig(group="C3", width=5, steps=12, log_every=3)


def stop_at(step):
    def callback(row):
        if row["step"] >= step:
            raise KeyboardInterrupt

    return callback


def check_same(first, second):
    """Two runs agree bit for bit, times apart."""
    for name in ("step", *SCORES):
        np.testing.assert_array_equal(getattr(first.history, name), getattr(second.history, name))
    np.testing.assert_array_equal(first.success_step, second.success_step)
    np.testing.assert_array_equal(first.best_step, second.best_step)
    for net in ("model", "first", "best"):
        one, two = getattr(first, net).arrays(), getattr(second, net).arrays()
        assert one.keys() == two.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], two[name])
    assert (first.steps, first.config) == (second.steps, second.config)


def test_what_a_folder_holds(config, tmp_path):
    run = train(config, folder=tmp_path / "new" / "run")
    folder = run.folder
    assert json.loads((folder / "config.json").read_text()) == config.to_dict()
    lines = (folder / METRICS_FILE).read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == run.history.step.tolist()
    net = load(folder / "net.safetensors")
    for name, value in run.model.arrays().items():
        np.testing.assert_array_equal(net.arrays()[name], value)
    header, _ = read_safetensors(folder / "net.safetensors")
    assert header["about"]["step"] == 30
    assert header["about"]["seeds"] == list(config.seeds)
    best = load(folder / "best.safetensors")
    for name, value in run.best.arrays().items():
        np.testing.assert_array_equal(best.arrays()[name], value)
    header, _ = read_safetensors(folder / "best.safetensors")
    assert header["about"]["steps"] == run.best_step.tolist()
    steps = sorted(int(p.stem[5:]) for p in (folder / "checkpoints").iterdir())
    assert steps[0] == 0 and steps[-1] == 30 and len(steps) == 5
    start = load(folder / "checkpoints" / "step-00000000.safetensors")
    fresh = TrainingState(config).net
    for name, value in fresh.arrays().items():
        np.testing.assert_array_equal(start.arrays()[name], value)
    assert {p.name for p in folder.iterdir()} == {
        ".lock", "config.json", METRICS_FILE, STATE_FILE, "net.safetensors", "best.safetensors",
        "checkpoints",
    }  # fmt: skip


@pytest.mark.parametrize("step", [0, 8, 30])
def test_a_stopped_run_goes_on_to_the_same_end(config, step, tmp_path):
    whole = train(config)
    stopped = train(config, folder=tmp_path, callback=stop_at(step))
    assert stopped.steps == step and stopped.interrupted == (step < 30)
    loaded = load_run(tmp_path)
    check_same(loaded, stopped)
    assert loaded.interrupted == (step < 30)
    resumed = train(config, folder=str(tmp_path))
    assert not resumed.interrupted
    check_same(resumed, whole)
    check_same(load_run(tmp_path), whole)
    assert (np.diff(resumed.history.seconds) >= 0).all()
    lines = (tmp_path / METRICS_FILE).read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == whole.history.step.tolist()


@pytest.mark.parametrize("instances", [1, 3])
def test_the_first_success_is_remembered(instances, tmp_path):
    config = TrainConfig(group="C3", width=12, steps=200, log_every=1, instances=instances)
    whole = train(config)
    assert 0 < whole.success_step.min() and whole.success_step.max() < 120
    train(config, folder=tmp_path, callback=stop_at(120))
    check_same(train(config, folder=tmp_path), whole)
    assert np.abs(whole.first.arrays()["U"] - whole.model.arrays()["U"]).max() > 0.01


def test_a_finished_run_is_only_read(config, tmp_path):
    first = train(config, folder=tmp_path)
    rows = []
    again = train(config, folder=tmp_path, callback=rows.append)
    assert rows == []
    check_same(first, again)
    assert again.seconds >= first.history.seconds[-1]


def test_a_folder_is_no_part_of_the_numbers(config, tmp_path):
    check_same(train(config), train(config, folder=tmp_path, save_seconds=0.0))


def test_records_after_the_last_state_are_made_again(small, tmp_path):
    """As after kill -9: metrics are further than the state, and the last line is torn."""
    whole = train(small)
    train(small, folder=tmp_path, callback=stop_at(3))
    torn = json.dumps({"step": 4, "seconds": 1.0}) + '\n{"step": 5, "sec'
    with (tmp_path / METRICS_FILE).open("a") as stream:
        stream.write(torn)
    check_same(train(small, folder=tmp_path), whole)
    assert len((tmp_path / METRICS_FILE).read_text().splitlines()) == len(whole.history)


def test_states_are_saved_in_between(small, tmp_path):
    seen = []

    def look(row):
        path = tmp_path / STATE_FILE
        seen.append(read_safetensors(path)[0]["step"] if path.exists() else None)

    train(small, folder=tmp_path, callback=look, save_seconds=0.0)
    assert seen == [None, None, 1, 2, 5, 8, 11]
    seen.clear()
    train(small, folder=tmp_path, callback=look, resume=False)
    assert seen == [None] * 7


def test_beginning_anew_leaves_nothing_of_before(tmp_path):
    old = TrainConfig(group="C3", width=12, steps=100, checkpoints=5)
    assert train(old, folder=tmp_path).success_step[0] > 0
    assert (tmp_path / "best.safetensors").exists()
    (tmp_path / "notes.txt").write_text("mine")
    new = TrainConfig(group="Q8", width=2, steps=7)

    def crash(row):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(new, folder=tmp_path, resume=False, callback=crash)
    # Nobody can go on from the old state now.
    assert not (tmp_path / STATE_FILE).exists()
    assert not (tmp_path / "best.safetensors").exists()
    run = train(new, folder=tmp_path)
    assert list((tmp_path / "checkpoints").iterdir()) == []
    assert (tmp_path / "notes.txt").read_text() == "mine"
    check_same(run, train(new))


@pytest.mark.parametrize(("change", "key"), [
    ({"steps": 13}, "steps"), ({"group": "C4"}, "group"), ({"seed": 1}, "seed"),
    ({"learning_rate": 0.02}, "learning_rate"), ({"width": 6}, "width"),
])  # fmt: skip
def test_another_configuration_is_refused(change, key, small, tmp_path):
    train(small, folder=tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with pytest.raises(NetworkError, match=f"another run: its '{key}' is.*resume=False"):
        train(small.replace(**change), folder=tmp_path)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert train(small.replace(**change), folder=tmp_path, resume=False).config != small


def test_another_group_or_tensor_is_refused(small, tmp_path):
    first = TensorTask(word_tensor("a*b", "C3").to_dense())
    other = TensorTask(2 * first.target)
    for name, given, wrong in (("g", group("S3"), group("C6")), ("t", first, other)):
        folder = tmp_path / name
        run = train(small, given, folder=folder)
        check_same(load_run(folder, given), run)
        check_same(train(small, given, folder=folder), run)
        for bad in (wrong, None):
            with pytest.raises(NetworkError, match=r"for another (group|target)"):
                train(small, bad, folder=folder)
        with pytest.raises((NetworkError, FileFormatError), match=r"another|the target passed"):
            load_run(folder, wrong)
        # The folder itself says what it was for.
        again = load_run(folder)
        check_same(again, run)
        if name == "g":
            assert again.tasks[0].group == given
        else:
            assert np.array_equal(again.tasks[0].target, given.target)


def test_folders_that_cannot_be_used(small, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileFormatError, match="Cannot make the folder"):
        train(small, folder=tmp_path / "file" / "run")
    with pytest.raises(FileFormatError, match="Cannot make the folder"):
        train(small, folder=tmp_path / "file")
    with pytest.raises(FileFormatError, match="Cannot read"):
        load_run(tmp_path)
    with pytest.raises(FileFormatError, match="Cannot read"):
        load_run(tmp_path / "nowhere")
    train(small, folder=tmp_path / "run")
    with pytest.raises(FileFormatError, match="no training run"):
        shutil.copy(tmp_path / "run" / "net.safetensors", tmp_path / STATE_FILE)
        load_run(tmp_path)


@pytest.fixture
def stopped(small, tmp_path):
    """Return the folder of a run that stopped in the middle."""
    train(small, folder=tmp_path, callback=stop_at(6))
    return tmp_path


def check_refused(small, folder, match=None):
    for again in (lambda: train(small, folder=folder), lambda: load_run(folder)):
        with pytest.raises(FileFormatError, match=match):
            again()


def test_damaged_states(small, stopped):
    path = stopped / STATE_FILE
    data = path.read_bytes()
    for share in (0.0, 0.1, 0.5, 0.9, 0.999):
        path.write_bytes(data[: int(share * len(data))])
        check_refused(small, stopped, "state.safetensors")
    places = range(0, len(data), max(1, len(data) // 150))
    for place in places:
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        check_refused(small, stopped, "state.safetensors")
    path.write_bytes(data)
    assert train(small, folder=stopped).steps == 12


REWRITTEN = {
    "no weights": lambda h, t: t.pop("net.U"),
    "no moments": lambda h, t: t.pop("optimizer.1.exp_avg"),
    "no first": lambda h, t: t.pop("first.W"),
    "no success": lambda h, t: t.pop("success_step"),
    "small weights": lambda h, t: t.update({"net.U": t["net.U"][:2]}),
    "small moments": lambda h, t: t.update({"optimizer.0.exp_avg_sq": torch.zeros(1)}),
    "small first": lambda h, t: t.update({"first.V": t["first.V"][:, :1]}),
    "flat step": lambda h, t: t.update({"optimizer.0.step": torch.zeros(3)}),
    "other dtype": lambda h, t: t.update({"net.U": t["net.U"].double()}),
    "many successes": lambda h, t: t.update({"success_step": torch.zeros(2, dtype=torch.int64)}),
    "success in float": lambda h, t: t.update({"success_step": torch.zeros(1)}),
    "no step": lambda h, t: h.pop("step"),
    "text step": lambda h, t: h.update({"step": "six"}),
    "infinite step": lambda h, t: h.update({"step": float("inf")}),
    "late step": lambda h, t: h.update({"step": 13}),
    "early step": lambda h, t: h.update({"step": -1}),
    "null step": lambda h, t: h.update({"step": None}),
    "no seconds": lambda h, t: h.pop("seconds"),
    "text records": lambda h, t: h.update({"records": "x"}),
    "no records": lambda h, t: h.update({"records": 0}),
    "many records": lambda h, t: h.update({"records": 10**9}),
    "no config": lambda h, t: h.pop("config"),
    "list config": lambda h, t: h.update({"config": []}),
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_states_with_other_contents(name, small, stopped):
    """Files that are whole, and say what no run of ours says."""
    header, tensors = read_safetensors(stopped / STATE_FILE)
    header.pop("schema")
    REWRITTEN[name](header, tensors)
    write_safetensors(stopped / STATE_FILE, tensors, header)
    check_refused(small, stopped)


@pytest.mark.parametrize("change", [
    {"instances": 10**9}, {"width": 10**12}, {"width": 2**62}, {"model": "mlp", "embedding": 2**62},
    {"word": "a*("}, {"unknown": 1}, {"width": "5"},
    {"model": "parity", "bits": 20}, {"model": "parity", "bits": 10**6}, {"fraction": 1e-300},
])  # fmt: skip
def test_no_memory_is_taken_on_a_headers_word(change, stopped):
    header, tensors = read_safetensors(stopped / STATE_FILE)
    header.pop("schema")
    header["config"] |= change
    write_safetensors(stopped / STATE_FILE, tensors, header)
    with pytest.raises(FileFormatError):
        load_run(stopped)


def test_a_folder_is_a_runs_from_its_first_file_on(small, tmp_path):
    """As after kill -9 before the first record, and in an order of writing that was once ours."""
    config = json.dumps(small.to_dict())
    (tmp_path / "config.json").write_text(config)
    (tmp_path / ".state.safetensors.0123abcd").write_bytes(b"half")
    (tmp_path / ".mine.0123abcd").write_bytes(b"mine")
    check_same(train(small, folder=tmp_path), train(small))
    assert not (tmp_path / ".state.safetensors.0123abcd").exists()
    assert (tmp_path / ".mine.0123abcd").exists()
    lonely = tmp_path / "lonely"
    lonely.mkdir()
    (lonely / METRICS_FILE).write_text("")
    with pytest.raises(FileFormatError, match="or take that file away"):
        train(small, folder=lonely)
    (lonely / METRICS_FILE).unlink()
    check_same(train(small, folder=lonely), train(small))


def test_a_full_disk_is_named(small, tmp_path, monkeypatch):
    (tmp_path / METRICS_FILE).symlink_to("/dev/full")
    with pytest.raises(FileFormatError, match=r"Cannot write '.*metrics\.jsonl': No space left"):
        with monkeypatch.context() as patch:
            patch.setattr(_folder, "replace_file", lambda *arguments: None)
            with _folder.journal(tmp_path, TrainingState(small)) as write:
                write({"step": 0})


def test_damaged_metrics(small, stopped):
    path = stopped / METRICS_FILE
    lines = path.read_text().splitlines()
    row = json.loads(lines[1])
    bad_rows = [
        "", "{", "[]", "3", "null", "{}", "\x00", json.dumps(row | {"step": "x"}),
        json.dumps(row | {"norm": []}), json.dumps(row | {"norm": 3.0}),
        json.dumps(row | {"train_loss": ["x"]}), json.dumps(row | {"train_loss": [1.0, 2.0]}),
        json.dumps({k: v for k, v in row.items() if k != "test_accuracy"}),
        json.dumps(row | {"seconds": None}), "[" * 10**5, json.dumps(row | {"step": 10**30}),
        json.dumps(row | {"step": 0}), json.dumps(row | {"seconds": float("nan")}),
    ]  # fmt: skip
    for bad in bad_rows:
        path.write_text("\n".join([lines[0], bad, *lines[2:]]) + "\n")
        check_refused(small, stopped, "metrics.jsonl")
    path.write_bytes(b"\xff\xfe" + "\n".join(lines).encode())
    check_refused(small, stopped, "metrics.jsonl")
    path.write_text("\n".join(lines[:-1]))
    check_refused(small, stopped, f"{len(lines) - 1} records where the run made {len(lines)}")
    path.unlink()
    check_refused(small, stopped, "0 records")


def test_no_file_is_ever_half_written(small, stopped, monkeypatch):
    """A process that dies while it writes leaves the file of before, whole."""
    before = {p: p.read_bytes() for p in stopped.rglob("*") if p.is_file()}
    state = TrainingState(small)
    state.record()

    def lost(self, target):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lost)
        with pytest.raises(KeyboardInterrupt):
            save_state(state, stopped)
    assert {p: p.read_bytes() for p in stopped.rglob("*") if p.is_file()} == before

    def full(self, target):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(FileFormatError, match="No space left"):
            save_state(state, stopped)
    assert {p: p.read_bytes() for p in stopped.rglob("*") if p.is_file()} == before
    check_same(train(small, folder=stopped), train(small))
