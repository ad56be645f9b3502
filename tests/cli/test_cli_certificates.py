"""``wordtensor certify`` and ``wordtensor check``."""

import json

import pytest

from wordtensor.rank import check_certificate


@pytest.mark.parametrize("word, group, rank, last", [
    ("a*b*a", "D5", 14, "The rank over the real numbers is 14"),
    ("a*b", "C3", 4, "The rank over the real numbers is 4, if the cited theorem holds"),
    ("a*b*a", "Q8", 8, "The rank over the real numbers is 8"),
    ("a^2*b", "Dic3", 16, None),
])  # fmt: skip
def test_what_is_certified_checks(run, tmp_path, word, group, rank, last):
    path = tmp_path / "c.json"
    made = run("certify", word, group, "-o", path)
    assert made.exit_code == 0, made.output
    assert f"{rank} exact terms" in made.stdout
    assert f"wordtensor check {path}" in made.stderr
    found = run("check", path)
    assert found.exit_code == 0
    first, *lines = found.stdout.splitlines()
    cited = any("by citation" in line for line in lines)
    assert first == f"verified{', except what is by citation' if cited else ''}"
    assert lines == str(check_certificate(path)).splitlines()
    assert last is None or lines[-1] == last
    as_json = json.loads(run("check", path, "--json").stdout)
    assert as_json["ok"] is True
    assert as_json["rank"] == rank
    assert max(as_json["lower_bound"], as_json["cited"]) <= rank
    assert as_json["lines"] == lines


def test_what_does_not_hold_is_said(run, tmp_path):
    path = tmp_path / "c.json"
    path.write_text(run("certify", "a*b*a", "D5", "--json").stdout)
    assert run("check", path).exit_code == 0
    path.write_text(path.read_text().replace('"a*b*a"', '"a*b"'))
    found = run("check", path)
    assert (found.exit_code, found.stdout.split(":")[0]) == (1, "NOT VERIFIED")
    assert "do not add up" in found.stdout
    as_json = run("check", path, "--json")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["ok"] is False


@pytest.mark.parametrize("text", ["", "{}", "[1]", "\x00"])
def test_what_is_no_certificate_is_a_wrong_input(run, tmp_path, text):
    path = tmp_path / "c.json"
    path.write_text(text)
    found = run("check", path)
    assert found.exit_code == 2
    assert found.stdout == ""


def test_terms_that_are_not_exact_are_not_written(run, tmp_path):
    path = tmp_path / "c.json"
    found = run("certify", "a*b", "C15", "--no-store", "-o", path)
    assert found.exit_code == 2
    assert "only exact terms can be certified" in " ".join(found.stderr.split())
    assert not path.exists()


def test_large_exponents_are_certified_and_checked(run, tmp_path):
    path = tmp_path / "large.json"
    assert run("certify", "a^10000000000*b", "S3", "-o", path).exit_code == 0
    assert run("check", path).exit_code == 0


def test_exact_terms_of_a_tensor_are_no_certificate(run, tmp_path):
    tensor, terms = tmp_path / "w.tns", tmp_path / "terms.json"
    tensor.write_text("2 2 2\n0 0 1 1\n0 1 0 1\n1 0 0 1\n")
    assert run("solve", tensor, "--terms", terms).exit_code == 0
    found = run("check", terms)
    assert found.exit_code == 2
    for said in ("'wordtensor solve --terms' writes", "'wordtensor rank'", "certify WORD GROUP"):
        assert said in found.stderr
    assert run("rank", terms).stdout.endswith("the rank is 3\n")
    terms.write_text("{}")
    assert "'wordtensor certify WORD GROUP -o FILE'" in run("check", terms).stderr
