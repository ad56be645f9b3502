"""Forged files: whatever is changed in a saved decomposition is refused, found wrong, or named.

The walk goes over what a file has, so that a new field that nobody binds makes it fail.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from wordtensor.bounds import Bound
from wordtensor.errors import WordTensorError
from wordtensor.groups import group
from wordtensor.rank import decompose, integral_decompose, load, plan, verify
from wordtensor.rank.decomposition import COORDINATES
from wordtensor.rank.routes import METHODS

CASES = {
    "complex": lambda: decompose("a*b", "C3", field="complex"),
    "quaternions": lambda: decompose("a*b", "Q8"),
    "structural": lambda: decompose("a*b", "C7"),
    "exact": lambda: decompose("a*b", "S3"),
    "stretched": lambda: decompose("a*b", "C5"),
    "action": lambda: decompose("a*b*a^-1", "S4"),
    "numerical": lambda: decompose("[a,b]", "S4"),
    "rational": lambda: decompose("a*b*a", "Q8"),
    "solved": lambda: decompose("a*b*a", "D5"),
    "flips": lambda: integral_decompose("a*b", "C2", flips=10**5, seconds=None),
    "large": lambda: decompose("a*b", "C301"),
}
HEADER = (
    "schema", "labels", "word", "letters", "group", "order", "rank", "lower_bound", "bounds",
    "residual", "status", "route", "field", "effort", "method", "seed", "version", "seconds",
    "interrupted", "blocks",
)  # fmt: skip
BLOCK = (
    "name", "kind", "division", "shape", "sizes", "strategy", "rank", "lower_bound", "reason",
    "status", "note", "triplets", "columns", "radicand",
)  # fmt: skip
ARRAYS = ("cayley", "U", "V", "W", *COORDINATES)
FERMAT = {"value": 451, "reason": "Fermat", "data": None}
# What else such a field may say.
WORDS = {
    "status": ["exact", "structural", "numerical"],
    "field": ["real", "complex"],
    "effort": ["fast", "search"],
    "method": ["auto", "product", "slices", "direct sum"],
    "route": ["product", "direct sum", "action of a", "function of a*b", "slices", "boxes"],
    "kind": ["matrix product", "two slices", "general", "slices"],
    "division": ["R", "C", "H"],
    "strategy": ["scheme", "store", "solver", "fibres", "flips"],
    "group": ["S99", "C6", "S3", "Q8", "D4", "my own"],
    "word": ["a*b*a", "b", "a*b^2", "1"],
    "name": ["<9999,9999,9999>", "<1,1,1>", "3x3x3"],
}


@cache
def made(case):
    return CASES[case]()


# The walk takes a second for each field of these, or repeats what the others have.
SLOW = ("quaternions", "action", "numerical", "rational", "large")


@pytest.fixture(
    params=[pytest.param(c, marks=pytest.mark.slow if c in SLOW else ()) for c in CASES]
)
def case(request):
    return request.param


@pytest.fixture
def verdict(case, tmp_path):
    """Write parts to a file and judge it: refused, wrong, unchanged, or what is not checked."""
    path = tmp_path / "d.npz"

    def judge(header, arrays):
        content = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
        np.savez(path, header=content, **arrays)
        try:
            d = load(path)
            if d == made(case):
                return "unchanged"
            found = verify(d)
        except WordTensorError:
            return "refused"
        return set(found.not_checked) if found.ok else "wrong"

    return judge


def parts_of(case):
    arrays, header = made(case).to_parts()
    return json.loads(json.dumps(header)), dict(arrays)


def forgeries(key, value):
    """Yield other values of the same kind, and of other kinds."""
    yield from (each for each in (None, {}, [value], "", -1, 1e300) if each != value)
    yield from (word for word in WORDS.get(key, ()) if word != value)
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, 2 * value + 1, 0, 10**9, float(value))
    elif isinstance(value, float):
        yield from (value + 1e-6, value + 1.0, 1e-7)
    elif isinstance(value, str):
        yield from (value + "x", value[:-1], "wonderful")
    elif isinstance(value, list):
        yield from (value[:-1], value + value[:1])
        for place, part in list(enumerate(value))[:3]:
            others = forgeries(None, part) if key != "blocks" else ()
            for other in list(others)[-6:]:
                yield [*value[:place], other, *value[place + 1 :]]


@cache
def ways(case):
    """Return the names of all routes that cut the tensor into the blocks that there are."""
    d, names = made(case), []
    for method in METHODS:
        try:
            routes = plan(d.word, d.group, method=method).routes
        except WordTensorError:
            continue
        mine = sorted(block.name for block in d.blocks)
        names += [r.name for r in routes if sorted(block.name for block in r.blocks) == mine]
    return names


def is_true(case, key, value):
    """Tell what is another claim, and right: another way to the blocks, real terms as complex."""
    if key == "field" and value == "complex":
        return np.isrealobj(made(case).factors[0])
    if key == "bounds" and isinstance(value, list):  # what is left out is not claimed
        return value != [] and value == parts_of(case)[0]["bounds"][: len(value)]
    return key == "route" and value in ways(case)


def check(found, *names):
    assert found in ("refused", "wrong", "unchanged") or found & set(names), (found, names)


@pytest.mark.parametrize("key", HEADER)
def test_every_field_of_the_header_is_bound(key, case, verdict):
    header, arrays = parts_of(case)
    assert set(header) == set(HEADER)
    assert verdict(header, arrays) == "unchanged"
    for value in forgeries(key, header[key]):
        if value != header[key] and not is_true(case, key, value):
            check(verdict({**header, key: value}, arrays), key)
    del header[key]
    assert verdict(header, arrays) == "refused"


@pytest.mark.parametrize("key", BLOCK)
def test_every_field_of_a_block_is_bound(key, case, verdict):
    header, arrays = parts_of(case)
    kinds = {}
    for number, block in enumerate(header["blocks"]):
        assert set(block) == set(BLOCK)
        kinds.setdefault(block["name"], number)
    for number in list(kinds.values())[-2:]:
        block = header["blocks"][number]
        for value in forgeries(key, block[key]):
            blocks = list(header["blocks"])
            blocks[number] = {**block, key: value}
            if value != block[key]:
                check(verdict({**header, "blocks": blocks}, arrays), f"blocks.{key}")
        blocks = list(header["blocks"])
        blocks[number] = {name: value for name, value in block.items() if name != key}
        assert verdict({**header, "blocks": blocks}, arrays) == "refused"


def changed_arrays(array):
    """Yield arrays that are almost the same, and others."""
    for change in (5e-10, 1e-6, 1e-3, 1.0) if array.dtype.kind in "fc" else (1,):
        other = np.array(array)
        place = np.unravel_index(int(np.abs(array).argmax()), array.shape)
        other[place] += change
        yield change, other
    yield 1.0, array[:-1]
    yield 1.0, array[::-1]
    yield 1.0, np.zeros_like(array)
    yield 1.0, array.astype(np.complex64 if array.dtype.kind == "c" else np.float32)
    yield 1.0, array.astype(object).astype("U8")
    if array.dtype.kind in "fc":
        yield 1.0, 2 * array
        yield 1.0, array * np.nan
        yield 1.0, np.full_like(array, 1e308)


@pytest.mark.parametrize("key", ARRAYS)
def test_every_array_is_bound(key, case, verdict):
    header, arrays = parts_of(case)
    assert set(arrays) == set(ARRAYS)
    exact = made(case).status == "exact"
    for size, array in changed_arrays(arrays[key]) if arrays[key].size else ():
        found = verdict(header, {**arrays, key: array})
        # What is not exact holds to 1e-9, as it says, and blocks to 1e-8 of all their terms.
        if size > (1e-4 if key in COORDINATES else 1e-9) or (exact and key in "UVW"):
            assert found in ("refused", "wrong", "unchanged"), (size, found)
    without = {name: array for name, array in arrays.items() if name != key}
    assert verdict(header, without) == "refused"
    assert verdict(header, {**arrays, "X": np.ones(3)}) == "refused"


def integers_otherwise(value):
    """Yield a JSON value with one of its integers, or truths, as what only Python calls equal."""
    if isinstance(value, bool):
        yield int(value)
    elif isinstance(value, int):
        yield float(value)
        if value in (0, 1):
            yield bool(value)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from ({**value, key: other} for other in integers_otherwise(part))
    elif isinstance(value, list):
        for place, part in list(enumerate(value))[:4]:
            for other in integers_otherwise(part):
                yield [*value[:place], other, *value[place + 1 :]]


def test_true_and_one_point_zero_are_no_integers(case, verdict):
    header, arrays = parts_of(case)
    found = list(integers_otherwise(header))
    assert len(found) > 20
    for other in found:
        assert verdict(other, arrays) == "refused"


def test_a_file_of_another_schema_has_other_fields(case, verdict):
    header, arrays = parts_of(case)
    for schema in range(6):
        if schema != header["schema"]:
            assert verdict({**header, "schema": schema}, arrays) == "refused"


@pytest.mark.parametrize("schema", [2, 3])
def test_an_older_file_is_not_called_newer(schema, tmp_path):
    with np.load(Path(__file__).parent / "files" / "schema1_s3.npz") as archive:
        parts = dict(archive)
    header = json.loads(bytes(parts["header"])) | {"schema": schema}
    parts["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    np.savez(tmp_path / "d.npz", **parts)
    with pytest.raises(WordTensorError, match=f"its schema is {schema}, whose blocks"):
        load(tmp_path / "d.npz")


def test_an_unknown_field_is_refused(case, verdict):
    header, arrays = parts_of(case)
    assert verdict({**header, "proof": "trust me"}, arrays) == "refused"
    blocks = [{**block, "proof": "trust me"} for block in header["blocks"]]
    assert verdict({**header, "blocks": blocks}, arrays) == "refused"


def forged(case, header=(), block=(), number=-1):
    """Change several fields at once."""
    found, arrays = parts_of(case)
    found["blocks"][number] |= dict(block)
    return found | dict(header), arrays


@pytest.mark.parametrize("case, header, block", [
    ("large", {"lower_bound": 451, "bounds": [FERMAT]}, {}),
    ("numerical", {"status": "structural"}, {}),
    ("numerical", {"status": "structural"}, {"status": "structural", "strategy": "fibres"}),
    ("numerical", {"status": "exact"}, {"status": "exact", "radicand": 1}),
    ("solved", {"status": "structural"}, {}),
    ("solved", {}, {"radicand": 2}),
    ("rational", {}, {"radicand": 5}),
    ("structural", {"group": "C6"}, {}),
    ("structural", {"group": "S99"}, {}),
    ("structural", {}, {"triplets": [[2, 2, 1]]}),
    ("flips", {}, {"lower_bound": 2, "reason": "multilinear rank"}),
])  # fmt: skip
def test_claims_that_fit_together_are_found_wrong(case, header, block, verdict):
    assert verdict(*forged(case, header, block)) == "wrong"


def test_complex_terms_are_not_real_ones():
    d = made("complex")
    assert (d.rank, d.lower_bound) == (3, 3)
    fields = {name: getattr(d, name) for name in d.__slots__}
    found = verify(type(d)(**fields | {"field": "real"}))
    assert not found.ok
    assert "the field is real, but the factors are complex" in str(found)


def test_an_exact_entry_is_the_nearest_float():
    d = made("rational")
    U, V, W = (np.array(factor) for factor in d.factors)
    place = tuple(np.argwhere(U)[0])
    U[place] += 5e-10
    fields = {name: getattr(d, name) for name in d.__slots__}
    found = verify(type(d)(**fields | {"factors": (U, V, W)}))
    assert not found.ok
    assert found.max_error < 1e-9
    assert "not exact to the last digit" in str(found)


def test_the_name_of_a_group_is_that_of_its_table():
    d = decompose("a*b", type(group("S3")).from_cayley(group("S3").cayley, "the symmetries"))
    found = verify(d)
    assert found.ok
    assert "not checked: the group's name 'the symmetries'" in str(found)
    assert {"group", "labels"} <= set(found.not_checked)
    assert not {"group", "labels"} & set(verify(made("structural")).not_checked)
    named = type(group("S3")).from_cayley(group("S3").cayley, "C6", group("S3").labels)
    assert "called C6" in str(verify(decompose("a*b", named)))


def test_what_another_version_wrote_is_not_called_wrong(tmp_path):
    d = made("exact")
    fields = {name: getattr(d, name) for name in d.__slots__}
    old = type(d)(**fields | {"version": "0.0.1", "bounds": (Bound(9, "an older theorem"),)})
    found = verify(old)
    assert found.ok
    assert "bounds" in found.not_checked
    assert "not checked: 9 as a lower bound for another reason" in str(found)
    assert not verify(type(d)(**fields | {"version": "0.0.1", "bounds": (Bound(10, "x"),)})).ok


def test_the_bound_is_proved_again_at_any_order():
    found = verify(made("large"))
    assert found.ok
    assert "lower_bound" not in found.not_checked
    assert f"lower bound {made('large').lower_bound} proved again" in str(found)
