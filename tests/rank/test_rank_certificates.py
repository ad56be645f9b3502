"""Certificates: what a checker without our code finds, and what it refuses."""

import ast
import json
import os
import sys
from pathlib import Path

import pytest

from wordtensor.errors import CertificateError, FileFormatError, WordTensorError
from wordtensor.rank import certify, check_certificate, decompose

CASES = [
    ("a", "C3"), ("a*b", "C3"), ("a*b", "C4"), ("a*b", "C5"), ("a*b*a^-1*b^2", "C5"),
    ("a*b", "S3"), ("a*b*a", "S3"), ("[a,b]", "S3"), ("a^2*b*a", "S3"), ("a^2*b^2", "S3"),
    ("a*b", "D4"), ("[a,b]", "D4"), ("a^2*b*a", "D4"),
    ("a*b", "Q8"), ("a*b*a", "Q8"), ("a*b*a^-1", "Q8"), ("(a*b)^2", "Q8"),
    ("a*b*a", "D5"), ("[a,b]", "D5"), ("a*b*a*b^-1", "D5"), ("a^2*b^2", "D5"),
    ("a*b*a", "D6"), ("a*b*a^-1", "D6"),
    ("[a,b]", "A4"), ("a^2*b", "A4"), ("(a*b)^2", "A4"),
    ("a*b", "Dic3"), ("a*b*a", "Dic3"), ("a^2*b^2", "Dic3"),
    ("a*b*a", "D8"), ("a*b*a^-1", "D8"),
]  # fmt: skip
WRONG_SUM = "do not add up to the word tensor at elements"
# Hand-made: the product of C2, with x for 1 or for -1, of which the sum is the same.
BOTH_SIGNS = {
    "schema": 1,
    "group": {"name": "C2", "cayley": [[0, 1], [1, 0]]},
    "word": "a*b",
    "field": "real",
    "number_field": [-1, 0, 1],
    "terms": {
        "U": [["1", "1"], ["x", "-x"]],
        "V": [["1", "1"], ["x", "-x"]],
        "W": [["1/2", "1/2"], ["1/2*x", "-1/2*x"]],
    },
    "rank": 2,
    "bounds": [],
}


@pytest.fixture(scope="module")
def files():
    return {case: decompose(*case).certificate().to_dict() for case in CASES}


@pytest.fixture(params=CASES, ids=str)
def content(request, files):
    return files[request.param]


@pytest.fixture
def checked(tmp_path):
    def check(content):
        path = tmp_path / "c.json"
        path.write_text(json.dumps(content))
        return check_certificate(path)

    return check


def changed(content, *path_and_value):
    *path, last, value = path_and_value
    content = json.loads(json.dumps(content))
    place = content
    for key in path:
        place = place[key]
    place[last] = value
    return content


def exchanged(items, i, j):
    items = list(items)
    items[i], items[j] = items[j], items[i]
    return items


def test_it_holds(content, checked):
    found = checked(content)
    assert found.rank == content["rank"]
    values = [bound["value"] for bound in content["bounds"]]
    assert max(found.lower_bound, found.cited) == values[0] == max(values)
    assert "add up to its tensor" in str(found)
    assert found.lower_bound > 0


def test_the_cases_are_of_all_kinds(files):
    assert len(files) >= 30
    assert len({tuple(file["number_field"] or ()) for file in files.values()}) >= 4
    theorems = [bound["theorem"] for file in files.values() for bound in file["bounds"]]
    assert theorems.count("Koszul flattening") >= 8
    assert {theorems.count("multilinear rank")} == {len(files)}


def test_a_changed_digit_is_refused(content, checked):
    rows = content["terms"]["V"]
    row, column = next(
        (i, j) for i, line in enumerate(rows) for j, text in enumerate(line) if text != "0"
    )
    text = rows[row][column]
    place = next(k for k, letter in enumerate(text) if letter.isdigit())
    digit = "7" if text[place] == "3" else "3"
    other = text[:place] + digit + text[place + 1 :]
    with pytest.raises(CertificateError, match=WRONG_SUM):
        checked(changed(content, "terms", "V", row, column, other))
    with pytest.raises(CertificateError, match=WRONG_SUM):
        checked(changed(content, "terms", "V", row, column, f"{text} + 1/1000"))


def test_a_dropped_term_is_refused(content, checked):
    terms = {name: [row[:-1] for row in rows] for name, rows in content["terms"].items()}
    less = changed(changed(content, "terms", terms), "rank", content["rank"] - 1)
    less["bounds"] = []
    with pytest.raises(CertificateError, match=WRONG_SUM):
        checked(less)
    with pytest.raises(CertificateError, match="rows of"):
        checked(changed(content, "terms", terms))


def test_a_swapped_element_is_refused(content, checked):
    cayley = content["group"]["cayley"]
    labels = exchanged(range(len(cayley)), 1, 2)
    for table, match in (
        ([exchanged(cayley[0], 1, 2), *cayley[1:]], "no Latin square"),
        (exchanged(cayley, 1, 2), "no identity"),
        ([[labels[x] for x in row] for row in cayley], "no identity"),
    ):
        with pytest.raises(CertificateError, match=match):
            checked(changed(content, "group", "cayley", table))
    rows = content["terms"]["W"]
    different = next(k for k in range(1, len(rows)) if rows[k] != rows[0])
    with pytest.raises(CertificateError, match=WRONG_SUM):
        checked(changed(content, "terms", "W", exchanged(rows, 0, different)))


def test_a_table_of_the_same_group_with_other_labels_is_refused(content, checked):
    cayley = content["group"]["cayley"]
    labels = exchanged(range(len(cayley)), 0, 1)
    table = [[labels[x] for x in row] for row in exchanged(cayley, 0, 1)]
    table = [exchanged(row, 0, 1) for row in table]
    if content["word"] == "a":  # takes no product
        assert checked(changed(content, "group", "cayley", table)).rank == 3
        return
    with pytest.raises(CertificateError, match=WRONG_SUM):
        checked(changed(content, "group", "cayley", table))


def test_a_loop_that_is_no_group_is_refused(checked):
    # A Latin square with an identity, in which every element is its own inverse.
    loop = [[0, 1, 2, 3, 4], [1, 0, 3, 4, 2], [2, 4, 0, 1, 3], [3, 2, 4, 0, 1], [4, 3, 1, 2, 0]]
    content = decompose("a", "C5").certificate().to_dict()
    with pytest.raises(CertificateError, match="not associative"):
        checked(changed(content, "group", "cayley", loop))


def test_a_raised_bound_is_refused(content, checked):
    for number, bound in enumerate(content["bounds"]):
        if bound["data"] is not None:
            more = changed(content, "bounds", number, "value", bound["value"] + 1)
            with pytest.raises(CertificateError, match=r"is claimed, (\d+ is proved|there are)"):
                checked(more)
    above = changed(content, "bounds", 0, "value", content["rank"] + 1)
    with pytest.raises(CertificateError, match=f"is claimed, there are {content['rank']} terms"):
        checked(above)


def test_another_field_is_refused(content, checked):
    with pytest.raises(CertificateError, match="real or complex"):
        checked(changed(content, "field", "rational"))
    with pytest.raises(CertificateError, match="no real value"):
        checked(changed(content, "number_field", [1, 0, 1]))


def test_another_number_field_is_refused(content, checked):
    root = content["number_field"]
    if root is None:
        rows = content["terms"]["U"]
        number = next(k for k, text in enumerate(rows[1]) if text != "0")
        rooted = changed(content, "terms", "U", 1, number, rows[1][number] + " + 1*x")
        with pytest.raises(CertificateError, match="of a degree below 1"):
            checked(rooted)
        rooted["number_field"] = [-2, 0, 1]
        with pytest.raises(CertificateError, match=WRONG_SUM):
            checked(rooted)
        return
    with pytest.raises(CertificateError, match="of a degree below 1"):
        checked(changed(content, "number_field", None))
    with pytest.raises(CertificateError, match=WRONG_SUM):
        checked(changed(content, "number_field", [root[0] - 1, 0, 1]))
    with pytest.raises(CertificateError, match=WRONG_SUM):
        checked(changed(content, "number_field", [root[0], 1, 1]))


def test_another_word_is_refused(content, checked):
    for word in (f"{content['word']}*a", f"b*{content['word']}", "1"):
        with pytest.raises(CertificateError, match=WRONG_SUM):
            checked(changed(content, "word", word))


@pytest.mark.parametrize("path_and_value", [
    ("schema", 2),
    ("schema", True), ("word", "a*c"), ("word", 5), ("rank", "9"), ("terms", "U", 5), ("group", 3),
    ("terms", "U", 0, 0, "1e9"), ("terms", "U", 0, 0, 1), ("terms", "U", 0, 0, "1/0"),
    ("terms", "U", 0, 0, "1 0"), ("terms", "U", 0, 0, "1*x^99"), ("terms", "U", 0, 0, "9" * 5000),
    ("number_field", "x^2"), ("number_field", [5]), ("number_field", [1, 0]),
    ("number_field", [-1] + [0] * 99 + [1]), ("number_field", [True, 1]),
    ("bounds", 7), ("group", "cayley", [[1.0]]), ("more", 1), ("group", "cayley", []),
    ("group", "name", "Q8\nverified"), ("bounds", 0, "theorem", "x\x1b[2J"),
    ("bounds", 0, "source", "\n"), ("bounds", 0, "value", 8.0), ("bounds", 0, "value", True),
    ("rank", True), ("rank", 10**9),
])  # fmt: skip
def test_what_is_no_certificate_is_refused(path_and_value, checked):
    content = decompose("a*b*a", "Q8").certificate().to_dict()
    with pytest.raises(WordTensorError):
        checked(changed(content, *path_and_value))


def test_other_files_are_refused(tmp_path):
    for text in ("", "[]", "{", "null", "[" * 100_000, '{"schema": 1, "schema": 1}'):
        path = tmp_path / "c.json"
        path.write_text(text)
        with pytest.raises(WordTensorError):
            check_certificate(path)
    with pytest.raises(FileFormatError, match="not readable"):
        check_certificate(tmp_path / "none.json")


def test_a_named_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileFormatError, match="named pipe"):
        check_certificate(tmp_path / "pipe")


def test_a_key_twice_is_refused(tmp_path):
    path = tmp_path / "c.json"
    path.write_text(json.dumps(BOTH_SIGNS).replace('"rank": 2', '"rank": 3, "rank": 2'))
    with pytest.raises(FileFormatError, match="a key is there twice"):
        check_certificate(path)


def test_a_sum_modulo_a_reducible_polynomial_holds_at_each_root(checked):
    found = checked(BOTH_SIGNS)
    assert found.lines[1].endswith("over Q[x] modulo [-1, 0, 1]")
    with pytest.raises(CertificateError, match=WRONG_SUM):  # i is a root of this one as well
        checked(changed(BOTH_SIGNS, "number_field", [-1, 0, 0, 0, 1]))


@pytest.mark.parametrize("polynomial, has_one", [
    ([-2, 0, 1], True), ([2, 0, 1], False), ([1, -2, 1], True), ([1, 0, 2, 0, 1], False),
    ([2, -3000, 10**6], True), ([10**40, 0, 0, 1], True), ([1, 0, 0, 0, 1], False),
    ([-1, -2, 1, 1], True), ([7, 3], True), ([0, 0, 1], True), ([2, 0, 1, 0, -1], True),
    ([3, 0, -2, 0, 1], False), ([1] * 30, True), ([1] * 31, False),
])  # fmt: skip
def test_a_real_field_needs_a_real_root(polynomial, has_one, checked):
    content = changed(decompose("a", "C3").certificate().to_dict(), "number_field", polynomial)
    if has_one:
        assert checked(content).rank == 3
    else:
        with pytest.raises(CertificateError, match="x has no real value"):
            checked(content)
    assert checked(changed(content, "field", "complex")).rank == 3


def times(left, right):
    """Multiply a + b x + c x^2 with x^3 = 1 + 2 x - x^2, of which 2 cos(2 pi / 7) is a root."""
    found = [0] * 5
    for i, p in enumerate(left):
        for j, q in enumerate(right):
            found[i + j] += p * q
    for k in (4, 3):
        top = found.pop()
        for place, value in zip(range(k - 3, k), (1, 2, -1), strict=True):
            found[place] += top * value
    return found


def minus(left, right):
    return [p - q for p, q in zip(left, right, strict=True)]


def seven():
    """The 10 terms of C7: one for the sum, three for each z^2 - t z + 1 that divides z^7 - 1."""
    one, none = [1, 0, 0], [0, 0, 0]
    factors = [[[one] for _ in range(7)] for _ in range(3)]
    for t in ([0, 1, 0], [-2, 0, 1], [1, -1, -1]):  # x, x^2 - 2, x^3 - 3 x
        powers, sums = [(one, none), (none, one)], [[2, 0, 0], t]
        for _ in range(5):
            low, high = powers[-1]  # z (low + high z) = -high + (low + t high) z
            powers.append((minus(none, high), minus(low, minus(none, times(t, high)))))
            sums.append(minus(times(t, sums[-1]), sums[-2]))
        for g, (low, high) in enumerate(powers):
            before = sums[g - 1] if g else t
            for factor in factors[:2]:
                factor[g] += [low, high, minus(low, minus(none, high))]
            second = minus(times(minus(t, one), before), sums[g])
            factors[2][g] += [minus(sums[g], before), second, before]
    texts = [[[f"{k[0]} + {k[1]}*x - {-k[2]}*x^2" for k in row] for row in f] for f in factors]
    texts[2] = [[f"{p}/7 + {q}/7*x + {r}/7*x^2" for p, q, r in row] for row in factors[2]]
    return {
        "schema": 1,
        "group": {"name": "C7", "cayley": [[(i + j) % 7 for j in range(7)] for i in range(7)]},
        "word": "a*b",
        "field": "real",
        "number_field": [-1, -2, 1, 1],
        "terms": dict(zip("UVW", texts, strict=True)),
        "rank": 10,
        "bounds": [
            {"value": 10, "theorem": "JaJa, over the real numbers", "source": "", "data": None}
        ],
    }


def test_terms_of_a_cubic_field(checked):
    content = seven()
    found = checked(content)
    assert (found.rank, found.cited, found.is_optimal) == (10, 10, True)
    for other in ([-1, -2, 1, 2], [1, -2, -1, 1], [-1, -2, 1, 1, 0, 1]):
        with pytest.raises(CertificateError, match=WRONG_SUM):
            checked(changed(content, "number_field", other))
    with pytest.raises(CertificateError, match="of a degree below 2"):
        checked(changed(content, "number_field", [-5, 0, 1]))
    with pytest.raises(CertificateError, match=WRONG_SUM):
        checked(changed(content, "terms", "W", 3, 5, "1/7 + 1*x"))


@pytest.mark.slow
def test_a_larger_one(checked):
    content = decompose("a*b*a", "S4").certificate().to_dict()
    assert checked(content).lower_bound == content["bounds"][0]["value"]


def test_terms_that_are_not_exact_have_none():
    from wordtensor.cores import Store

    found = decompose("[a,b]", "S4")
    if found.status == "exact":
        found = decompose("a*b", "C15", store=Store())
    assert found.status != "exact"
    with pytest.raises(WordTensorError, match="only exact terms can be certified"):
        found.certificate()


@pytest.mark.parametrize(
    ("word", "group", "said"),
    [
        ("a*b", "C7", "no search makes them exact"),
        ("a*b*a", "C7:C3", "a longer search may find some"),
    ],
)
def test_the_error_says_whether_a_search_may_help(word, group, said):
    with pytest.raises(WordTensorError, match=said):
        decompose(word, group).certificate()


def test_the_checker_needs_nothing_of_ours_but_errors():
    folder = Path(certify.__file__).parent
    waiting, seen = ["certify"], set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        source = (folder / f"{name}.py").read_text()
        assert len(source.splitlines()) < 300
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                assert {each.name for each in node.names} <= sys.stdlib_module_names
            elif isinstance(node, ast.ImportFrom) and not node.level:
                assert node.module.split(".")[0] in sys.stdlib_module_names
            elif isinstance(node, ast.ImportFrom) and (node.level, node.module) != (2, "errors"):
                assert node.level == 1
                waiting += {node.module} - seen
    own = {f"_certified_{name}" for name in ("bounds", "forms", "ranks", "terms")}
    assert seen == {"certify", *own}
