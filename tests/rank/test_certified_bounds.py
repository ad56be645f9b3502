"""Bounds of certificates: the checker proves them again, and refuses those that are forged."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.bounds import locus_bound, read_substitution, substitution_bound
from wordtensor.cores import ProvedCore, Store, canonical_core
from wordtensor.errors import CertificateError, WordTensorError
from wordtensor.rank import _certified_forms, decompose
from wordtensor.rank._bounds import of_elements
from wordtensor.rank._certified_bounds import proved_bound
from wordtensor.rank.certify import check_certificate
from wordtensor.words import word_tensor

# Squares, killed vectors, both fields, a split group and a non-split one.
SUBSTITUTIONS = [
    ("a*b", "C3", "real", 3), ("a^2*b*a^2*b", "S3", "real", 4),
    ("a*b*a^3*b^-1*a^-1", "S3", "real", 6), ("a*b^2*a", "D5", "real", 6),
    ("a^4*b*a^-2*b", "Dic3", "real", 7), ("a^3*b^2*a", "Dic3", "complex", 6),
    ("a*b", "Q8", "real", 8),
]  # fmt: skip

# Cores whose ranks are met by blocks and by direct sums, some with killed vectors.
CORES = [
    ("a*b", "C3", 4), ("a*b", "Q8", 9), ("a^2*b*a^2*b", "S3", 5), ("a^3*b*a^3*b^-2", "S3", 7),
    ("a*b*a^3*b^-1*a^-1", "S3", 7), ("a*b*a*b^-1*a", "S3", 9), ("a*b^2*a", "D5", 7),
    ("a^2*b*a^-1*b^-2*a^-1*b", "D5", 9), ("a*b*a^-2*b*a", "D5", 9),
    ("a^5*b*a^4*b^4*a", "D5", 8), ("a^4*b^3*a^-1*b^-2*a^-1*b", "Dic3", 6),
    ("a*b*a*b*a*b*a^-1*b", "Dic3", 9), ("a^2*b*a*b*a*b^-1*a^-1*b^2", "Dic3", 13),
    ("a^5*b^3*a^-1", "Dic3", 13), ("a^2*b*a*b*a*b^-1*a^-1*b^2", "D6", 12),
]  # fmt: skip


def proved(word, group, field, lower):
    tensor = word_tensor(word, group)
    found = locus_bound(tensor.to_dense().astype(int), field, lower, lower + 1)
    return tensor.table.tolist(), json.loads(json.dumps(found.to_dict()))


@pytest.fixture(scope="module")
def killed():
    """A bound of 7, which is the rank, with a killed vector."""
    return proved("a*b*a^3*b^-1*a^-1", "S3", "real", 6)


@pytest.fixture(scope="module", params=SUBSTITUTIONS, ids=str)
def substitution(request):
    return *proved(*request.param), request.param[-1] + 1


def edited(data, *path_and_value):
    *path, last, value = path_and_value
    data = copy.deepcopy(data)
    place = data
    for key in path:
        place = place[key]
    place[last] = value
    return data


def test_a_substitution_is_proved_again(substitution):
    table, data, bound = substitution
    assert proved_bound("substitution", data, table, "real") == bound
    if data["field"] == "complex":
        assert proved_bound("substitution", data, table, "complex") == bound
    else:
        with pytest.raises(CertificateError, match="says nothing about complex terms"):
            proved_bound("substitution", data, table, "complex")


def test_a_forged_substitution_is_refused(substitution):
    table, data, _ = substitution
    m, places = len(data["form"]), data["elements"]
    first = data["identities"][0]
    value, *cofactor = first["cofactors"][0]
    size = len(cofactor[1])
    forged = [
        ("form", [0] * m), ("form", [*data["form"], 1]), ("form", [1.0] * m),
        # Without l in its left-hand side, an identity holds for all l.
        *([("form", [k + 1 for k in data["form"]])] if first["exponent"] else []),
        ("killed", [[0] * len(places[data["other"]])]), ("killed", [[1]]),
        ("killed", [[1] * len(places[data["other"]])] * 2),
        ("rank", data["rank"] + 1), ("rank", 50), ("rank", -1), ("rank", True),
        ("field", "rational"), ("mode", data["other"]), ("mode", 3), ("other", -1),
        ("elements", 0, [*places[0][:-1], places[0][0]]), ("elements", 0, []),
        ("elements", 1, [-1, *places[1][1:]]), ("elements", 2, [*places[2], len(table)]),
        ("elements", [*places, places[0]]),
        ("identities", []), ("identities", [*data["identities"], first]),
        ("identities", 0, "exponent", 10**9), ("identities", 0, "exponent", -1),
        ("identities", 0, "exponent", first["exponent"] + 1),
        ("identities", 0, "cofactors", []), ("identities", 0, "cofactors", 0, 0, f"{value}1"),
        ("identities", 0, "cofactors", 0, 0, "1e99999999"),
        ("identities", 0, "cofactors", 0, 1, [*cofactor[0], 0]),
        ("identities", 0, "cofactors", 0, 2, [0] * size),
        ("identities", 0, "cofactors", 0, 2, list(range(-size, 0))),
        ("identities", 0, "cofactors", 0, 3, [*range(50)]),
        ("identities", 0, "squares", [*first["squares"], ["-1", [[[0], 1]]]]),
        ("identities", 0, "squares", [*first["squares"], ["1/2", [[[0], 1]]]]),
        ("identities", 0, "squares", [["1", [[[0], 0.5]]]]),
        ("identities", 0, "squares", [["1", [[[0], 10**99]]]]),
        *(("identities", 0, "squares", k, 0, f"-{w}") for k, (w, _) in enumerate(first["squares"])),
    ]  # fmt: skip
    for path_and_value in forged:
        with pytest.raises(CertificateError):
            proved_bound("substitution", edited(data, *path_and_value), table, "real")


@pytest.mark.parametrize("path_and_value, match", [
    (("form", [0] * 5), "5 whole numbers, not all of them 0"),
    (("killed", [[1, 0, 1, 0]] * 2), "not independent"),
    (("killed", [[0] * 4]), "not independent"), (("other", 1), "two different modes"),
    (("elements", 1, [0, 1, 0, 2]), "keeps each slice once"),
    (("elements", 1, [0, 1, 2, 6]), "whole numbers from 0 to 5"),
    (("identities", []), "needs 2 polynomial identities, 0 are given"),
    (("identities", 0, "exponent", 10**9), "whole numbers from 0 to 8"),
    (("identities", 1, "exponent", 1), "Polynomial identity 1 of a substitution does not hold"),
    (("identities", 1, "cofactors", []), "Polynomial identity 1 of a substitution does not hold"),
    (("identities", 0, "cofactors", 0, 0, "1e9"), "'1e9' is no fraction"),
])  # fmt: skip
def test_it_is_said_what_is_wrong_with_a_substitution(killed, path_and_value, match):
    table, data = killed
    assert (data["mode"], data["other"], len(data["form"]), len(data["killed"])) == (1, 0, 5, 1)
    with pytest.raises(CertificateError, match=match):
        proved_bound("substitution", edited(data, *path_and_value), table, "real")


@pytest.fixture(scope="module", params=CORES, ids=str)
def core_bound(request):
    word, group, rank = request.param
    core = canonical_core(word, group)
    found = of_elements(substitution_bound(core.to_dense(), lower=rank - 1, upper=rank), core)
    tensor = word_tensor(word, group)
    assert (found.bound, found.holds(tensor.to_dense().astype(int))) == (rank, True)
    return tensor, found.theorem, json.loads(json.dumps(found.to_dict()))


def forged_blocks(data):
    """Change the blocks of a bound and what follows from them."""
    first, *others = data["blocks"]
    (u, *more), v = first
    blocks = [
        [], others, [first, *data["blocks"]], [[[], v], *others], [[[u, *more], []], *others],
        [[[[*u, 0], *more], v], *others], [[[[0] * len(u), *more], v], *others],
        [[[[10 ** (30 + k) for k in range(len(u))], *more], v], *others],
        [[[[1.5] * len(u), *more], v], *others],
        [[[u, *more], v, v], *others], [[v, [u]], *others, first], [first] * 60,
        [[[[k + 3**place for place, k in enumerate(u)], *more], v], *others],
    ]  # fmt: skip
    forged = [edited(data, "blocks", each) for each in blocks]
    given = data["identities"]  # at least one for each share of the rank
    for k in range(len(given)):
        forged.append(edited(data, "identities", k, "cofactors", []))
        forged.append(edited(data, "identities", [*given[:k], *given[k + 1 :]]))
    return forged


def forged_sums(data):
    """Change a direct sum, its summands and their vectors."""
    first, *others = data["summands"]
    x, bound = first["bases"][0], first["bound"]
    forged = [
        edited(data, "summands", each)
        for each in ([], [first, *data["summands"]], [*others, *others], [first, first])
    ]
    for new in (
        [], x[1:], [*x, x[0]], [[*x[0], 0], *x[1:]], [[0] * len(x[0]), *x[1:]], [[1.0] * len(x[0])],
        [[10 ** (30 + k) for k in range(len(x[0]))], *x[1:]], others[0]["bases"][0],
        [[k + 3**place for place, k in enumerate(x[0])], *x[1:]],
    ):  # fmt: skip
        forged.append(edited(data, "summands", 0, "bases", 0, new))
    for key, value in (
        ("field", "complex"), ("mode", (bound["mode"] + 1) % 3), ("rank", bound["rank"] + 1),
        ("elements", [*bound["elements"][:2], []]), ("form", [0] * len(bound["form"])),
    ):  # fmt: skip
        forged.append(edited(data, "summands", 0, "bound", key, value))
    forged.append(edited(data, "elements", 0, data["elements"][0][1:]))
    forged.append(edited(data, "elements", 0, [99, *data["elements"][0][1:]]))
    for place, each in enumerate(data["summands"]):
        if "blocks" in each["bound"]:
            bounds = forged_blocks(each["bound"])
            forged += [edited(data, "summands", place, "bound", new) for new in bounds]
    return forged


def test_blocks_and_direct_sums_are_proved_again_and_forged_ones_refused(core_bound):
    tensor, theorem, data = core_bound
    table = tensor.table.tolist()
    assert proved_bound(theorem, data, table, "real") == read_substitution(data).bound
    with pytest.raises(CertificateError, match="says nothing about complex terms"):
        proved_bound(theorem, data, table, "complex")
    for forged in forged_sums(data) if "summands" in data else forged_blocks(data):
        with pytest.raises(CertificateError, match=r"^[A-Z].* "):
            proved_bound(theorem, forged, table, "real")
        try:
            found = read_substitution(forged)
        except WordTensorError:
            continue
        assert not found.holds(tensor.to_dense().astype(int))


def test_squares_prove_nothing_over_the_complex_numbers():
    table, data = proved("a^2*b*a^2*b", "S3", "real", 4)
    (identity,) = data["identities"]
    assert identity["squares"]
    assert not data["killed"]
    # l^(2k) is a power of l as well as of l^2, and the identity holds as it did.
    forged = data | {"field": "complex"}
    forged["identities"] = [identity | {"exponent": 2 * identity["exponent"]}]
    for field in ("real", "complex"):
        with pytest.raises(CertificateError, match="identity 0 of a substitution does not hold"):
            proved_bound("substitution", forged, table, field)


def test_coefficients_must_be_whole():
    table, data = proved("a^2*b*a^2*b", "S3", "real", 4)
    floats = json.loads(json.dumps(data))
    for _, root in floats["identities"][0]["squares"]:
        root[0][1] = float(root[0][1])
    assert floats == data
    with pytest.raises(CertificateError, match="must be whole numbers"):
        proved_bound("substitution", floats, table, "real")


def test_squares_with_negative_weights_prove_nothing():
    # The product of C2 has rank 2: N(y) is singular at (1, 1), where the form is 1.
    table = [[0, 1], [1, 0]]
    data = {
        "mode": 0, "other": 1, "elements": [[0, 1]] * 3, "form": [1, 0], "killed": [],
        "rank": 1, "field": "real",
    }  # fmt: skip
    # The determinant is y0^2 - y1^2: the identity holds, with a square of weight -1.
    identity = {
        "exponent": 1, "squares": [["-1", [[[1], 1]]]], "cofactors": [["1", [], [0, 1], [0, 1]]],
    }  # fmt: skip
    with pytest.raises(CertificateError, match="does not hold"):
        proved_bound("substitution", data | {"identities": [identity]}, table, "real")


def test_slices_of_a_substitution_that_depend_on_each_other_are_refused():
    # a^2 is the identity for three elements of S3.
    table = word_tensor("a^2*b", "S3").table.tolist()
    data = {
        "mode": 0, "other": 1, "elements": [[*range(6)]] * 3, "form": [1] * 6, "killed": [],
        "rank": 1, "field": "real", "identities": [],
    }  # fmt: skip
    with pytest.raises(CertificateError, match="are not independent"):
        proved_bound("substitution", data, table, "real")


def test_a_substitution_that_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(_certified_forms, "_MOST_WORK", 10**5)
    n = 24
    table = [[(i + j) % n for j in range(n)] for i in range(n)]
    dense = [[[k], 1] for k in range(n)]
    identity = {"exponent": 8, "squares": [["1", dense]], "cofactors": []}
    data = {
        "mode": 0, "other": 1, "elements": [[*range(n)]] * 3, "form": [1] * n, "killed": [],
        "rank": 15, "field": "real", "identities": [identity],
    }  # fmt: skip
    with pytest.raises(CertificateError, match="too long to be checked"):
        proved_bound("substitution", data, table, "real")
    minors = edited(data, "form", [1] + [0] * (n - 1))
    identity["cofactors"] = [["1", [], [*range(16)], [*range(16)]]]
    minors["identities"] = [identity | {"squares": []}]
    with pytest.raises(CertificateError, match="too long to be checked"):
        proved_bound("substitution", minors, table, "real")


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_number_can_be_changed_to_prove_more(killed, data):
    """Other numbers are refused, or prove a bound that is true all the same."""
    table, fields = killed
    changed = copy.deepcopy(fields)
    place, key = changed, data.draw(st.sampled_from(sorted(changed)))
    while isinstance(place[key], list | dict) and place[key]:
        place = place[key]
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(keys))
    new = data.draw(st.one_of(st.integers(-2, 7), st.sampled_from(["1", "-1/2", "real", [], 0.5])))
    place[key] = new
    try:
        bound = proved_bound("substitution", changed, table, "real")
    except (TypeError, ValueError, LookupError):
        return
    assert bound <= 7  # the rank


def written(tmp_path, content):
    path = tmp_path / "c.json"
    path.write_text(json.dumps(content))
    return path


def test_a_certificate_with_a_substitution(tmp_path):
    core = canonical_core("a^2*b*a^2*b", "S3")
    data = locus_bound(core.to_dense(), upper=5)
    store = Store().with_proved(ProvedCore.of(core, "real", data.bound, data.to_dict()))
    content = decompose("a^2*b*a^2*b", "S3", store=store).certificate().to_dict()
    assert [bound["theorem"] for bound in content["bounds"]] == ["substitution", "multilinear rank"]
    found = check_certificate(written(tmp_path, content))
    assert (found.rank, found.lower_bound, found.cited, found.is_optimal) == (5, 5, 0, True)
    assert found.lines[-1] == "The rank over the real numbers is 5"
    with pytest.raises(CertificateError, match="says nothing about complex terms"):
        check_certificate(written(tmp_path, content | {"field": "complex"}))
    short = {key: value for key, value in content["bounds"][0]["data"].items() if key != "form"}
    with pytest.raises(WordTensorError, match="it lacks 'form'"):
        check_certificate(written(tmp_path, edited(content, "bounds", 0, "data", short)))
    with pytest.raises(CertificateError, match=r"6 .substitution. is claimed, there are 5 terms"):
        check_certificate(written(tmp_path, edited(content, "bounds", 0, "value", 6)))
    weak = edited(content, "bounds", content["bounds"][1:])
    found = check_certificate(written(tmp_path, weak))
    assert found.lines[-1] == "The rank over the real numbers is between 4 and 5"


def test_what_is_cited_is_said(tmp_path):
    content = decompose("a*b", "Q8").certificate().to_dict()
    found = check_certificate(written(tmp_path, content))
    assert (found.cited, found.lower_bound) == (12, 8)
    assert "over the real numbers (by citation)" in str(found)
    # Over the complex numbers 11 terms are enough for two matrices and four numbers.
    with pytest.raises(CertificateError, match="over other numbers than the complex ones"):
        check_certificate(written(tmp_path, content | {"field": "complex"}))
    assert found.lines[-1] == "The rank over the real numbers is 12, if the cited theorem holds"


@pytest.mark.parametrize("path_and_value", [
    ("p", 2), ("p", 0), ("p", 10**6), ("p", 1.0), ("mode", 3), ("mode", -1), ("mode", True),
    ("prime", 8_388_592), ("prime", 1), ("prime", 2**61 - 1), ("prime", 7.0),
    ("restriction", [[0] * 6] * 2), ("restriction", [[0.5] * 6] * 3),
    ("restriction", [[1] * 5] * 3),
])  # fmt: skip
def test_a_forged_flattening_is_refused(path_and_value):
    (bound,) = (b for b in decompose("a*b*a", "S3").bounds if b.value == 8)
    data, table = bound.data.to_dict(), word_tensor("a*b*a", "S3").table.tolist()
    assert (data["p"], proved_bound("Koszul flattening", data, table, "complex")) == (1, 8)
    with pytest.raises(CertificateError):
        proved_bound("Koszul flattening", edited(data, *path_and_value), table, "real")


def test_a_weaker_flattening_proves_less():
    (bound,) = (b for b in decompose("a*b*a", "S3").bounds if b.value == 8)
    data, table = bound.data.to_dict(), word_tensor("a*b*a", "S3").table.tolist()
    for weaker in (("restriction", [[1] * 6] * 3), ("prime", 2)):
        assert proved_bound("Koszul flattening", edited(data, *weaker), table, "real") < 8
    assert proved_bound("Strassen 1969", None, table, "real") is None


@pytest.mark.parametrize("group", ["C3", "Q8", "D5"])
def test_multilinear_ranks(group):
    table = word_tensor("a^2*b", group).table.tolist()
    squares = len({row[0] for row in table})
    ranks = [
        proved_bound("multilinear rank", {"mode": k, "prime": 101}, table, "") for k in range(3)
    ]
    assert ranks == [squares, len(table), len(table)]
    for mode, prime in ((3, 101), (0, 100), (0, 10**40), ("0", 101), (True, 101)):
        with pytest.raises(CertificateError):
            proved_bound("multilinear rank", {"mode": mode, "prime": prime}, table, "real")
