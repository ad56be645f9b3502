"""Studies of seeds: chunks, folders that are taken up again, rows, and what they say."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from wordtensor.compare import gcr_metrics, learned_order, network
from wordtensor.compare.similarity import net_similarity
from wordtensor.errors import FileFormatError, NetworkError
from wordtensor.experiments import recipe, run_recipe, running
from wordtensor.experiments._conclusions import study_lines
from wordtensor.experiments._findings import findings
from wordtensor.experiments._study import chunks
from wordtensor.groups import Group, element_orders, group
from wordtensor.irreps import real_irreps
from wordtensor.nets import TrainConfig, train
from wordtensor.nets.files import load
from wordtensor.words import word_tensor

NETS = Path(__file__).parents[3] / "shared" / "reference" / "released_nets"
SMALL = {
    "group": "S3", "width": 16, "embedding": 8, "fraction": 0.8, "steps": 30, "instances": 3,
    "checkpoints": 6, "log_every": 10,
}  # fmt: skip


def study(folder=None, name="universality-a5", **changes):
    options = {key: changes.pop(key) for key in ("resume", "callback", "executor", "keep_runs")
               if key in changes}  # fmt: skip
    return run_recipe(name, quick=True, changes=SMALL | changes, folder=folder, **options)


def timeless(outcome):
    return [{key: v for key, v in row.items() if key != "seconds"} for row in outcome.rows]


def test_chunks_are_single_seeds_on_a_cpu_and_fifty_on_a_gpu():
    config = TrainConfig(seed=1, instances=120)
    assert [c.config.seeds for c in chunks([config], ())] == [(s,) for s in range(1, 121)]
    on_gpu = config.replace(device="cuda")
    found = [(c.config.seed, c.config.instances) for c in chunks([on_gpu], ())]
    assert found == [(1, 50), (51, 50), (101, 20)]


def test_chunks_are_of_the_seeds_that_are_not_there():
    config = TrainConfig(seed=1, instances=6, device="cuda", learning_rate=(1, 2, 3, 4, 5, 6))
    done = [{"width": 64, "seed": seed} for seed in (3, 4)] + [{"width": 32, "seed": 1}]
    found = list(chunks([config], done))
    assert [c.config.seeds for c in found] == [(1, 2), (5, 6)]
    assert [c.config.learning_rate for c in found] == [(1, 2), (5, 6)]
    assert len({c.name for c in found}) == 2


@pytest.mark.parametrize(("G", "fraction"), [("C3", 1.0), ("S3", 0.8), ("Q8", 0.8)])
def test_a_row_says_what_the_net_of_its_seed_learned(G, fraction, tmp_path):
    outcome = study(tmp_path, group=G, fraction=fraction, instances=2, keep_runs=True)
    assert [row["seed"] for row in outcome.rows] == [1, 2]
    for row in outcome.rows:
        config = outcome.configs[0].replace(seed=row["seed"], instances=1)
        run = train(config, folder=tmp_path / "again" / str(row["seed"]))
        names = gcr_metrics(run.model, G)
        wanted = {names.irreps[k]: v for k, v in names.logit_similarity.items()}
        assert row["last"] == pytest.approx(wanted, abs=1e-9)
        kept = sorted((run.folder / "checkpoints").glob("*.safetensors"))
        along = learned_order([(int(path.stem[5:]), load(path)) for path in kept], G)
        assert row["order"] == along.to_dict()["order"]
        assert row["success"] == run.success_step[0]
        for label, step in row["halfway"]:
            k = along.irreps.index(label)
            rows = along.similarities[:, k] >= along.similarities[-1, k] / 2
            start = along.steps.tolist().index(step)
            assert rows[start:].all() and not rows[max(start - 1, 0) : start].any()
        assert {label for label, _ in row["halfway"]} == {label for label, _ in row["order"]}
    assert "of 2 seeds generalised" in str(outcome)
    assert len(list(tmp_path.glob("00-mlp-*/checkpoints"))) == 2
    json.dumps(outcome.to_dict()["findings"])


def test_a_killed_study_goes_on_and_gives_the_same(tmp_path):
    def killed(row):
        raise RuntimeError("killed")

    whole = study()
    with pytest.raises(RuntimeError, match="killed"):
        study(tmp_path, callback=killed)
    with (tmp_path / "seeds.jsonl").open("a") as stream:
        stream.write('{"width": 16, "se')  # the line that was being written
    trained = []
    again = study(tmp_path, callback=trained.append)
    assert [row["seed"] for row in trained] == [2, 3]
    assert timeless(again) == timeless(whole)
    assert (again.begun, again.steps) == (30, 90)


def test_a_finished_study_is_printed_without_training(tmp_path, monkeypatch):
    first = study(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".lock", "seeds.jsonl", "study.json"
    ]  # fmt: skip
    monkeypatch.setattr(running, "train", None)
    again = study(tmp_path)
    assert again.rows == first.rows and again.steps == again.begun
    assert str(again).splitlines()[:-1] == str(first).splitlines()[:-1]
    fewer = study(tmp_path, instances=2)
    assert fewer.rows == first.rows[:2]


def test_a_study_is_extended_and_begun_anew(tmp_path):
    study(tmp_path, instances=1)
    trained = []
    more = study(tmp_path, instances=2, callback=trained.append)
    assert [row["seed"] for row in trained] == [2] and len(more.rows) == 2
    anew = study(tmp_path, instances=1, resume=False)
    assert len(anew.rows) == 1 and anew.begun == 0
    assert len((tmp_path / "seeds.jsonl").read_text().splitlines()) == 1


def test_another_study_in_the_folder_is_refused(tmp_path):
    study(tmp_path, instances=1)
    with pytest.raises(NetworkError, match=r"another study: its 'steps' is 30, not 40"):
        study(tmp_path, steps=40)
    (tmp_path / "study.json").unlink()
    with pytest.raises(FileFormatError, match="no study's folder"):
        study(tmp_path)
    (tmp_path / "study.json").write_text("[]")
    with pytest.raises(FileFormatError, match=r"study.json': it is damaged"):
        study(tmp_path)


@pytest.mark.parametrize("line", ['{"width": 16}', '{"width": 16, "seed": 2}', "[]", "{"])
def test_a_damaged_line_is_refused(line, tmp_path):
    study(tmp_path, instances=1)
    with (tmp_path / "seeds.jsonl").open("a") as stream:
        stream.write(f"{line}\n")
    with pytest.raises(FileFormatError, match=r"seeds.jsonl': it is damaged"):
        study(tmp_path)


def test_two_processes_give_the_same(pool, tmp_path):
    here = study()
    there = study(tmp_path, executor=pool)
    assert timeless(there) == timeless(here)
    assert not list(tmp_path.glob("00-*"))


def test_seeds_in_one_model_give_the_rows_of_single_seeds(monkeypatch):
    one_by_one = study()
    monkeypatch.setattr("wordtensor.experiments._study._ON_CPU", 50)
    together = study()
    for row, other in zip(together.rows, one_by_one.rows, strict=True):
        assert (row["seed"], row["steps"]) == (other["seed"], other["steps"])
        assert row["last"] == pytest.approx(other["last"], abs=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        {"last": 5}, {"last": {"zz": 1.0}}, {"last": {"1Rb": None, "2R": 0.5}}, {"order": None},
        {"order": [["2R"]]}, {"order": [["zz", 3]]}, {"halfway": 3}, {"success": "x"},
        {"steps": "a"}, {"steps": 1000}, {"fraction": None}, {"seconds": "q"}, {"seed": "a"},
        {"test_accuracy": "high"}, {"width": 5},
    ],
    ids=str,
)  # fmt: skip
def test_a_line_of_other_values_is_refused(change, tmp_path):
    study(tmp_path, instances=1)
    path = tmp_path / "seeds.jsonl"
    path.write_text(json.dumps(json.loads(path.read_text()) | change) + "\n")
    with pytest.raises(FileFormatError, match=r"seeds.jsonl': it is damaged"):
        study(tmp_path, instances=1)


PARITY = {"model": "parity", "fraction": 1}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"word": "a*b*a"}, "cannot be"),
        ({"checkpoints": 0}, "cannot be"),
        (PARITY, "leave 'word' and 'group' out"),
    ],
)
def test_changes_that_leave_nothing_to_report_are_refused(change, said):
    with pytest.raises(NetworkError, match=said):
        run_recipe("universality-s5", changes=change)


def test_a_group_without_irreps_to_learn_is_refused():
    with pytest.raises(NetworkError, match="give a larger group"):
        run_recipe("universality-s4", changes={"group": "C1", "fraction": 1})


def row(seed, learned, order=None, width=128, accuracy=1.0):
    """Return the row of a net of A5 with these irreps."""
    labels = ("3Ra", "3Rb", "4R", "5R")
    last = {label: 0.3 if label in learned else 0.0 for label in labels}
    times = [[label, 10 * k] for k, label in enumerate(order or learned)]
    return {"width": width, "seed": seed, "fraction": 0.5, "success": 5, "test_accuracy": accuracy,
            "last": last, "first": last, "order": times, "halfway": times,
            "seconds": 36.0}  # fmt: skip


def said(rows, published=None):
    return "\n".join(map(str, study_lines(rows, "A5", published or {})))


def conclusions(text):
    """Return the sentences before the tables: few and short."""
    lines = text.split("\n\n")[0].splitlines()
    assert len(lines) <= 5 and all(len(line) <= 190 for line in lines)
    return lines


def test_a_maximum_margin_that_predicts_is_said_to():
    text = said([row(seed, ("3Ra", "3Rb", "4R")) for seed in range(20)])
    assert conclusions(text)[0] == (
        "The maximum margin predicts what most nets learn: it uses 3Ra, 3Rb and 4R, and 20 of 20 "
        "nets learned exactly these."
    )
    assert "36 s a seed, 0.2 h" in text


def test_a_maximum_margin_that_does_not_predict_is_said_not_to():
    text = said([row(seed, ("4R", "5R")) for seed in range(20)])
    assert conclusions(text)[0].startswith("The maximum margin does not predict what a net learns")
    assert "and 0 of 20 nets learned exactly these." in text
    few = said([row(0, ("4R",)), row(1, ("3Ra", "3Rb", "4R"))])
    assert conclusions(few)[0].startswith("These seeds do not decide whether the maximum margin")


def test_sentences_about_one_net_and_one_irrep_are_in_the_singular():
    assert "and 0 of 1 net learned exactly these." in said([row(0, ("4R",))])
    C3 = row(0, ()) | {"last": {"2C": 0.5}, "order": [["2C", 3]], "halfway": [["2C", 3]]}
    text = "\n".join(map(str, study_lines([C3], "C3", {})))
    assert "it uses the one irrep that there is, and 1 of 1 net learned exactly this one." in text
    assert "1 of 1 seed generalised" in text and "only set " in text


def test_nets_that_do_not_generalise_are_not_counted():
    rows = [row(0, ("4R",)), row(1, ("5R",), accuracy=0.4), row(2, ("4R",), accuracy=None)]
    (found,) = findings(rows, "A5", {})
    assert [(i.label, i.times, i.of_all) for i in found.irreps][2:] == [("4R", 1, 2), ("5R", 0, 1)]
    assert found.sets == (("4R", 1),)
    assert conclusions(said(rows))[-1] == (
        "1 of 3 seeds generalised (right on 99 % of the unseen pairs at the end); the others are "
        "not counted here."
    )


@pytest.mark.parametrize(("count", "seeds"), [(1, "0 of 1 seed "), (4, "0 of 4 seeds ")])
def test_nothing_is_concluded_of_nets_that_do_not_generalise(count, seeds):
    rows = [row(seed, ("3Ra", "3Rb", "4R"), accuracy=0.4) for seed in range(count)]
    text = said(rows, {"seeds": 50, "4R": 10, "5R": 0, "irreps": 2.0})
    assert conclusions(text)[0].startswith(f"{seeds}generalised, so nothing can be concluded")
    assert len(conclusions(text)) == 1
    for word in ("margin", "irrep", "dimension", "authors", "3Ra"):
        assert word not in text
    (found,) = findings(rows, "A5", {})
    assert found.to_dict() == {"group": "A5", "seeds": count, "generalised": 0}


def test_an_order_that_depends_on_its_measure_is_said_to():
    rows = [row(seed, ("3Ra", "5R")) for seed in range(12)]
    assert "The irrep of smaller dimension is mostly learned first." in conclusions(said(rows))
    other = said([made | {"halfway": [["5R", 1], ["3Ra", 2]]} for made in rows])
    assert conclusions(other)[2] == (
        "Which irrep is learned first depends on the measure: by a similarity above 0.05 that of "
        "smaller dimension, by half of the last similarity that of larger dimension."
    )
    few = conclusions(said(rows[:2]))
    assert "These seeds do not show that dimension tells which irrep is learned first." in few


def test_frequencies_that_differ_from_the_authors_are_named():
    rows = [row(seed, ("4R",)) for seed in range(40)]
    text = said(rows, {"seeds": 50, "4R": 10, "5R": 0, "irreps": 2.0})
    assert (
        "The frequency of 4R (100 % against 20 %) differs from that in the authors' 50 nets (p "
        "below 0.05/2)." in conclusions(text)
    )
    same = conclusions(said(rows, {"seeds": 50, "4R": 50, "irreps": 2.0}))
    assert "No frequency is shown to differ from that of the authors' 50 nets." in same


def test_widths_have_a_line_each():
    wide = [row(s, ("3Ra", "3Rb", "4R"), width=128) for s in range(6)]
    rows = [*wide, *(row(s, ("4R",), width=32) for s in range(6))]
    text = said([*rows, row(0, ("5R",), width=8, accuracy=0.4)])
    assert conclusions(text)[0] == "Wider nets learn more irreps."
    assert [line.split()[0] for line in text.split("\n\n")[1].splitlines()[1:]] == [
        "8", "32", "128"
    ]  # fmt: skip
    assert "5R" not in text
    none = said([made | {"test_accuracy": 0.4} for made in rows])
    assert conclusions(none)[0].startswith("0 of 12 seeds generalised, so nothing can be concluded")


def test_a_group_of_many_irreps_has_a_line_for_each_dimension():
    labels = [str(phi) for phi in real_irreps(group("C113"))][1:]
    last = dict.fromkeys(labels, 0.0) | {labels[3]: 0.9}
    given = row(0, ()) | {
        "fraction": 0.3, "last": last, "order": [[labels[3], 7]], "halfway": [[labels[3], 9]],
    }  # fmt: skip
    text = "\n".join(map(str, study_lines([given], "C113", {})))
    assert "dimension" not in "".join(conclusions(text))
    assert len(text.split("\n\n")[1].splitlines()) == 2


@pytest.mark.skipif(not NETS.exists(), reason="the authors' networks are not here")
def test_the_authors_names_are_the_labels_that_we_compare_them_with():
    """Their 5d_a is -1 on a product of a 2-cycle and a 3-cycle, and so is our 5Rb."""
    theirs = Group.from_cayley(np.load(NETS / "group_S5.npz")["cayley"], "theirs")
    ours = group("S5")
    with np.load(NETS / "S5_MLP_seed1.npz") as arrays:
        net = network(dict(arrays))
    similar = net_similarity(net, word_tensor("a*b", theirs))
    reported = json.loads((NETS / "manifest.json").read_text())["S5_MLP_seed1"]["reported"]
    names = {"1Rb": "sign", "4Ra": "standard", "4Rb": "standard_sign", "5Rb": "s5_5d_a",
             "5Ra": "s5_5d_b", "6R": "s5_6d"}  # fmt: skip
    assert set(names) < set(recipe("universality-s5").published)
    here, there = (list(element_orders(G)).index(6) for G in (theirs, ours))
    for phi in real_irreps(ours)[1:]:
        (k,) = (k for k, psi in enumerate(real_irreps(theirs))
                if psi.dim == phi.dim and k
                and round(psi.character[here]) == round(phi.character[there]))  # fmt: skip
        value = reported[f"logit_{names[str(phi)]}_rep_trace_similarity"]
        assert similar[k] == pytest.approx(value, abs=1e-4)


def test_costs_belong_to_recipes_and_sizes():
    made = recipe("universality-s5")
    assert made.device == "cpu" and recipe("universality-s5-authors").device == "cuda"
    assert made.cost().seconds > made.cost(quick=True).seconds > 0
    assert replace(made, name="no recipe of ours").cost() is None
