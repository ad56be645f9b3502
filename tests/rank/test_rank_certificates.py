"""Certificates: what a checker without our code finds, and what it refuses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from wordtensor.errors import CertificateError, FileFormatError, WordTensorError
from wordtensor.rank import certify, check_certificate, decompose

CASES = [
    ("a*b*a", "D5"), ("a*b*a", "Q8"), ("[a,b]", "A4"), ("a*b*a", "D8"), ("a^2*b*a", "S3"),
    ("a*b*a", "Dic3"), ("[a,b]", "D4"), ("a", "C3"),
]  # fmt: skip


@pytest.fixture(scope="module", params=CASES, ids=str)
def content(request):
    return decompose(*request.param).certificate().to_dict()


@pytest.fixture
def checked(tmp_path):
    def check(content):
        path = tmp_path / "c.json"
        path.write_text(json.dumps(content))
        return check_certificate(path)

    return check


def test_it_holds(content, checked):
    found = checked(content)
    assert found.rank == content["rank"]
    best = max(bound["value"] for bound in content["bounds"])
    assert max(found.lower_bound, found.cited) == best
    assert "add up to its tensor" in str(found)


def changed(content, *path_and_value):
    *path, last, value = path_and_value
    content = json.loads(json.dumps(content))
    place = content
    for key in path:
        place = place[key]
    place[last] = value
    return content


def test_a_changed_digit_is_refused(content, checked):
    rows = content["terms"]["V"]
    row, column = next(
        (i, j) for i, line in enumerate(rows) for j, text in enumerate(line) if text != "0"
    )
    with pytest.raises(CertificateError, match="do not add up to the word tensor at elements"):
        checked(changed(content, "terms", "V", row, column, rows[row][column] + " + 1/1000"))


def test_a_dropped_term_is_refused(content, checked):
    if content["rank"] == 1:
        pytest.skip("there is one term only")
    terms = {name: [row[:-1] for row in rows] for name, rows in content["terms"].items()}
    less = changed(changed(content, "terms", terms), "rank", content["rank"] - 1)
    less["bounds"] = []
    with pytest.raises(CertificateError, match="do not add up"):
        checked(less)


def test_swapped_elements_are_refused(content, checked):
    cayley = json.loads(json.dumps(content["group"]["cayley"]))
    cayley[1][1], cayley[1][2] = cayley[1][2], cayley[1][1]
    with pytest.raises(CertificateError, match="no Latin square"):
        checked(changed(content, "group", "cayley", cayley))
    rows = [list(row) for row in content["terms"]["U"]]
    different = next(k for k in range(1, len(rows)) if rows[k] != rows[0])
    rows[0], rows[different] = rows[different], rows[0]
    with pytest.raises(CertificateError, match="do not add up"):
        checked(changed(content, "terms", "U", rows))


def test_a_raised_bound_is_refused(content, checked):
    for number, bound in enumerate(content["bounds"]):
        if bound["data"] is not None:
            more = changed(content, "bounds", number, "value", bound["value"] + 1)
            with pytest.raises(CertificateError, match="is claimed"):
                checked(more)
    with pytest.raises(CertificateError, match="is claimed"):
        checked(changed(content, "bounds", 0, "value", content["rank"] + 1))


def test_another_field_is_refused(content, checked):
    root = content["number_field"]
    if root is None:
        with pytest.raises(CertificateError, match="no real value"):
            checked(changed(content, "number_field", [1, 0, 1]))
    else:
        with pytest.raises(CertificateError):
            checked(changed(content, "number_field", None))
        with pytest.raises(CertificateError, match="do not add up"):
            checked(changed(content, "number_field", [root[0] - 1, 0, 1]))
    with pytest.raises(CertificateError, match="real or complex"):
        checked(changed(content, "field", "rational"))


@pytest.mark.parametrize("path_and_value", [
    ("schema", 2), ("word", "a*c"), ("word", 5), ("rank", "9"), ("terms", "U", 5), ("group", 3),
    ("terms", "U", 0, 0, "1e9"), ("terms", "U", 0, 0, 1), ("terms", "U", 0, 0, "1/0"),
    ("number_field", "x^2"), ("bounds", 7), ("group", "cayley", [[1.0]]), ("more", 1),
    ("group", "cayley", []),
])  # fmt: skip
def test_what_is_no_certificate_is_refused(path_and_value, checked):
    content = decompose("a*b*a", "Q8").certificate().to_dict()
    with pytest.raises(WordTensorError):
        checked(changed(content, *path_and_value))


def test_other_files_are_refused(tmp_path):
    for text in ("", "[]", "{", "null", "[" * 100_000):
        path = tmp_path / "c.json"
        path.write_text(text)
        with pytest.raises(WordTensorError):
            check_certificate(path)
    with pytest.raises(FileFormatError, match="not readable"):
        check_certificate(tmp_path / "none.json")


def test_terms_that_are_not_exact_have_none():
    from wordtensor.cores import Store

    found = decompose("[a,b]", "S4")
    if found.status == "exact":
        found = decompose("a*b", "C15", store=Store())
    assert found.status != "exact"
    with pytest.raises(WordTensorError, match="only exact terms can be certified"):
        found.certificate()


def test_the_checker_needs_nothing_of_ours_but_errors():
    folder = Path(certify.__file__).parent
    files, seen = ["certify"], []
    while files:
        source = (folder / f"{files.pop()}.py").read_text()
        lines = [line for line in source.splitlines() if "import" in line.split()[:3]]
        ours = [line.split()[1] for line in lines if line.split()[1].startswith(".")]
        files += [name[1:] for name in ours if name != "..errors" and name[1:] not in seen]
        seen += [name[1:] for name in ours]
        assert all(name == "..errors" or name.startswith("._certified") for name in ours)
        outside = {line.split()[1].split(".")[0] for line in lines} - {""}
        assert outside <= {*sys.stdlib_module_names}
        assert len(source.splitlines()) < 300
    assert {"_certified_bounds", "_certified_terms"} <= {*seen}


def test_from_the_command_line(tmp_path):
    path = tmp_path / "d5.json"
    command = [sys.executable, "-m", "wordtensor"]
    made = subprocess.run(
        [*command, "certify", "a*b*a", "D5", "-o", path], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    found = subprocess.run([*command, "check", path], capture_output=True, text=True)
    assert found.returncode == 0
    assert "verified" in found.stdout
    path.write_text(path.read_text().replace('"1/2"', '"1/3"').replace('"1/5', '"1/7', 1))
    found = subprocess.run([*command, "check", path], capture_output=True, text=True)
    assert found.returncode == 1
    assert "NOT VERIFIED" in found.stdout
