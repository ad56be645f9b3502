"""Headers that lie, with checksums that hold: refused, corrected, or not repeated.

What decompositions claim is in tests/rank/test_rank_forged.py.
"""

import json
import shutil

import pytest


def each(name, *changes):
    """Try one thing after the other: the first one also among the fast tests."""
    slow = [pytest.param(change, marks=pytest.mark.slow) for change in changes[1:]]
    return pytest.mark.parametrize(name, [changes[0], *slow], ids=str)


@pytest.fixture
def place(samples, tmp_path):
    shutil.copytree(samples, tmp_path / "place")
    return tmp_path / "place"


@pytest.fixture
def said(forks, place, counted):
    """Forge a file, run a command on it, and return how it ended and all that it wrote."""

    def run(function, name, change, *arguments, **environment):
        made = forks.call("forging", "forge", function, place / name, change)
        assert made.code == 0, made.stderr
        done = forks.run(*arguments, cwd=place, env=environment)
        assert "Traceback" not in done.stderr
        counted["forged"] += 1
        counted["refused"] += done.code in (1, 2)
        return done.code, done.stdout + done.stderr

    return run


def told(text):
    """Return the JSON object in what a command wrote."""
    return json.loads(text[text.index("{") : text.rindex("}") + 1])


@each("change",
    {"instances": 2}, {"instances": 0}, {"order": 7}, {"width": 8}, {"kind": "mlp"}, {"kind": "x"},
    {"order": 2**62}, {"width": 2**62}, {"instances": 2**62},
)  # fmt: skip
def test_a_net_of_other_sizes_is_refused(said, change):
    code, _ = said("net", "net.safetensors", change, "compare", "net.safetensors", "a*b", "S3")
    assert code == 2


@each("change", {"word": "a*b*a"}, {"group": "C6"})
def test_a_net_of_another_word_or_group_is_said_to_be(said, change):
    (stated,) = change.values()
    code, text = said("net", "net.safetensors", change, "compare", "net.safetensors", "a*b", "S3")
    assert code == 2 or stated in text


@each("change", {"word": "a*b*a"}, {"group": "C6"})
def test_the_margin_of_a_net_of_another_word_or_group(said, change):
    (stated,) = change.values()
    code, text = said("net", "net.safetensors", change, "margin", "S3", "--net", "net.safetensors")
    assert code == 2 or stated in text


@pytest.mark.slow
def test_what_a_net_says_of_itself_is_not_repeated(said, place):
    change = dict.fromkeys(["seeds", "version", "step", "success_step", "anything"], "Zorn1984")
    compare = ("compare", "net.safetensors", "a*b", "S3", "--html", "page.html", "--json")
    code, text = said("net", "net.safetensors", change, *compare)
    assert "Zorn1984" not in text
    assert code == 2 or "Zorn1984" not in (place / "page.html").read_text()


@each("change", "entry", "term", "sizes", "denominators", "characteristic")
def test_a_wrong_scheme_is_no_scheme(said, place, change):
    code, text = said("scheme", "scheme_wordtensor.npz", change, "schemes", "verify",
                      "scheme_wordtensor.npz")  # fmt: skip
    assert code in (1, 2), text
    code, text = said("scheme", "schemes/2x2x3_R_m11_000000000000.npz", change, "schemes", "list",
                      "--stored", "--json", WORDTENSOR_SCHEMES="schemes")  # fmt: skip
    assert code == 0
    assert all(row["origin"] != "user" for row in told(text)["schemes"])


def test_the_rank_of_a_scheme_is_counted(said):
    code, text = said("scheme", "scheme_wordtensor.npz", "rank", "schemes", "verify",
                      "scheme_wordtensor.npz", "--json")  # fmt: skip
    assert code in (1, 2) or json.loads(text)["schemes"][0]["rank"] == 11


@each("change", "pool", "found")
def test_a_search_goes_on_from_no_wrong_terms(forks, place, said, change):
    search = ("schemes", "search", "2", "2", "2", "--start", "standard", "--steps", "50",
              "--walkers", "2", "--checkpoint", "flips.ckpt", "--json")  # fmt: skip
    assert forks.run(*search, "--flips", "400", cwd=place).code == 0
    code, text = said("checkpoint", "flips.ckpt", change, *search, "--flips", "500")
    assert code == 2 or told(text)["rank_in_ring"] >= 7


@each("change",
    {"flips": -1}, {"spent": -1}, {"seconds": -1e9}, {"flips": 2**70}, {"denominators": [0, 1, 1]},
    {"denominators": [1, -1, 1]}, {"candidates": -5}, {"lifts": -5}, {"seconds": 1e400},
)  # fmt: skip
def test_a_search_does_not_count_what_cannot_be(said, place, forks, change):
    search = ("schemes", "search", "2", "2", "2", "--start", "standard", "--steps", "50",
              "--walkers", "2", "--checkpoint", "flips.ckpt", "--json")  # fmt: skip
    assert forks.run(*search, "--flips", "400", cwd=place).code == 0
    code, text = said("checkpoint", "flips.ckpt", change, *search, "--flips", "500")
    assert code == 2, text


@each("change", "exact", "term", "entry")
def test_a_stored_core_is_held_against_the_tensor(said, forks, place, change):
    decompose = ("decompose", "a*b*a", "S3", "--json", "-o", "new.npz")
    code, text = said("store", "forged", change, *decompose, WORDTENSOR_CORES="forged")
    assert code == 0, text
    assert told(text)["rank"] == 8
    assert forks.run("verify", "new.npz", cwd=place).code == 0


@each("change",
    {"word": "a*b*a"}, {"group": "C6"}, {"fraction": 0.5}, {"seed": 9}, {"split_seed": 9},
)  # fmt: skip
def test_a_configuration_of_another_run_is_refused(said, change):
    code, text = said("config", "run/config.json", change, "compare", "run")
    assert code == 2, text


def test_a_checkpoint_of_another_step_is_refused(forks, place, counted):
    folder = place / "run" / "checkpoints"
    shutil.move(folder / "step-00000000.safetensors", folder / "step-98765432.safetensors")
    done = forks.run("compare", "run", "--json", cwd=place)
    assert done.code == 2 or "98765432" not in done.stdout
    counted["forged"] += 1


@each("key", "train_accuracy", "test_accuracy", "train_loss")
def test_a_run_says_what_its_net_reaches(said, key):
    again = ("train", "--config", "config.json", "-o", "run", "--json")
    code, text = said("lines", "run/metrics.jsonl", {key: [0.98765]}, *again)
    assert code == 2 or "0.98765" not in text
