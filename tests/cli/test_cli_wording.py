"""What the command line says: in its own names, and nothing that is not so."""

import pytest

import wordtensor as wt
from wordtensor.cores import Store
from wordtensor.errors import FileFormatError


@pytest.mark.parametrize(
    "arguments, text",
    [
        (("--time-limit", "5"), "Option --time-limit needs --effort search"),
        (("--effort", "search", "--time-limit", "-1"), "Option --time-limit must be a positive"),
        (("--method", "foo"), "Option --method must be one of"),
        (("--effort", "search", "--time-limit", "nan"), "Option --time-limit must be a positive"),
    ],
)
def test_errors_name_options(run, arguments, text):
    done = run("decompose", "a*b", "C3", *arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"error: {text}") and "Argument" not in done.stderr


def test_a_method_that_does_not_apply_is_told_as_an_option(run):
    done = run("plan", "a*b*a*b", "S3", "--method", "product")
    assert done.stderr.strip().endswith("try --method auto")


@pytest.mark.parametrize("command", ["decompose", "plan"])
@pytest.mark.parametrize("name", ["S3", "Q8", "C7:C3"])
def test_swapped_arguments_are_recognised(run, command, name):
    done = run(command, name, "a*b")
    assert done.exit_code == 2
    assert done.stderr.strip().endswith(f'wordtensor {command} "a*b" "{name}"')
    assert "swapped" not in run(command, name, "S4").stderr
    assert "swapped" not in run(command, name).stderr


@pytest.mark.parametrize("name", ["out.txt", "out", "out.npz.gz", ".npz.json"])
def test_results_are_saved_under_names_that_say_what_they_are(run, tmp_path, name):
    path = tmp_path / name
    done = run("decompose", "a*b", "C3", "-o", path)
    assert done.exit_code == 2 and ".npz" in done.stderr
    with pytest.raises(FileFormatError, match=r"ends in \.npz"):
        wt.decompose("a*b", "C3").save(path)
    assert not path.exists()


def test_only_what_is_kept_is_said_to_be(run, tmp_path, monkeypatch):
    monkeypatch.setenv("WORDTENSOR_CORES", str(tmp_path / "cores"))
    monkeypatch.setattr("wordtensor.cores._store.default_store", Store)
    search = ("--effort", "search", "--time-limit", "0.1")
    nothing = run("decompose", "a*b", "S3", *search)
    assert nothing.exit_code == 0 and "kept" not in nothing.stderr
    found = run("decompose", "a*b*a*b^2", "S3", *search)
    (path,) = (tmp_path / "cores").glob("*.npz")
    assert f"what was found, or tried in vain, is kept in {path}" in found.stderr
    assert "kept" not in run("decompose", "a*b*a*b^2", "S3", *search, "--no-store").stderr


def test_a_conjugate_is_shown_as_it_was_read(run):
    assert run("plan", "a^b", "Q8").stdout.startswith("b^-1*a*b over Q8")
    assert run("decompose", "a^b", "Q8").stdout.startswith("b^-1*a*b over Q8")
    assert run("plan", "a**b", "Q8").exit_code == 2


def test_one_letter_is_not_too_large(run):
    for name in ("S3", "Q8", "S4"):
        assert "too large" not in run("plan", "a", name).stdout


def test_size_is_told_where_it_is_the_reason(run):
    done = run("plan", "a*b*a^-1", "A7")
    assert done.exit_code == 2
    assert "The tensor of a*b*a^-1 over A7 (order 2520) is too large" in done.stderr
    assert "No structure" not in done.stderr


def test_a_result_says_what_is_not_exact(run):
    d = wt.decompose("a*b", "C7")
    said = "the maps that carry them into the tensor are known as floating-point numbers"
    assert d.exact_terms() is None and said in " ".join(str(d).split())
    exact = wt.decompose("a*b", "C2^2")
    assert exact.exact_terms() is not None and "floating-point" not in str(exact)
