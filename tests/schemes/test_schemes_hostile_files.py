"""Files that are damaged or malicious are refused, with one kind of error, and run nothing."""

import io
import json
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from wordtensor.errors import FileFormatError, SchemeError, WordTensorError
from wordtensor.schemes import (
    FILE_FORMATS,
    best_scheme,
    read_alphatensor,
    read_fmm,
    read_scheme_file,
    transposed,
    write_alphatensor,
    write_scheme_file,
)
from wordtensor.schemes.formats.files import format_named


def document(**changes):
    write = {"n": [1, 2, 1], "m": 2, "u": [[1, 0], [0, 1]], "v": [["1", 0], [0, "2/2"]]}
    return write | {"w": [[1], ["3/3"]]} | changes


def test_strings_and_extra_keys(tmp_path):
    path = tmp_path / "file"
    extra = document(complexity=1.5, type={"X": [None]}, u=[["-1/3", 0], [0, " +4 "]])
    path.write_text(
        "\ufeff \n" + json.dumps(extra | {"v": [[-1, 0], [0, "1/2"]], "w": [[3], ["1/2"]]})
    )
    (s,) = read_scheme_file(path)
    assert s.ring == "Q" and s.denominators == (3, 2, 2)
    assert s.U.tolist() == [[-1, 0], [0, 12]]


@pytest.mark.parametrize(
    "changes",
    [
        {"n": [1, -2, 1]},
        {"n": [1, 2]},
        {"n": [1, 2.0, 1]},
        {"n": [1, True, 1]},
        {"n": 2},
        {"n": [10**6, 10**6, 10**6]},
        {"n": [10**5000 // 10**4000, 2, 1]},
        {"m": 0},
        {"m": -1},
        {"m": 10**30},
        {"m": "2"},
        {"u": [[1, 0]]},
        {"u": [[1, 0], [0, 1, 0]]},
        {"u": [[1, 0], 7]},
        {"u": {"0": [1, 0]}},
        {"u": None},
        {"u": [[1.0, 0], [0, 1]]},
        {"u": [[float("nan"), 0], [0, 1]]},
        {"u": [[float("inf"), 0], [0, 1]]},
        {"u": [[True, 0], [0, 1]]},
        {"u": [[1, 0], [0, True]]},
        {"u": [[None, 0], [0, 1]]},
        {"u": [[[[1]], 0], [0, 1]]},
        {"u": [["1/0", 0], [0, 1]]},
        {"u": [["1/-2", 0], [0, 1]]},
        {"u": [["0.5", 0], [0, 1]]},
        {"u": [["x", 0], [0, 1]]},
        {"u": [["", 0], [0, 1]]},
        {"u": [["١", 0], [0, 1]]},
        {"u": [["9" * 10**5, 0], [0, 1]]},
        {"z2": "no"},
    ],
    ids=lambda changes: json.dumps(changes)[:40],
)
def test_hostile_json_is_refused(tmp_path, changes):
    path = tmp_path / "file"
    path.write_text(json.dumps(document(**changes)))
    with pytest.raises(FileFormatError) as refusal:
        read_scheme_file(path)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "nothing", '{"n": ' + "[" * 10**5, '{"m": ' + "9" * 5000 + "}", "{}"],
    ids=range(8),
)
def test_what_is_not_fmm_json_is_refused(tmp_path, text):
    path = tmp_path / "file"
    path.write_text(text)
    for read in (read_scheme_file, read_fmm, read_alphatensor):
        with pytest.raises(FileFormatError):
            read(path)
    path.write_bytes(b"{\xff\xfe\x00")
    with pytest.raises(FileFormatError, match=r"begins with .* and is in no format of schemes"):
        read_scheme_file(path)


def test_numbers_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / "file"
    for entry in (2**63, -(2**63), f"1/{2**63}", "9" * 40):
        path.write_text(json.dumps(document(u=[[entry, 0], [0, 1]])))
        with pytest.raises(SchemeError, match=r"2\^63"):
            read_scheme_file(path)
    primes = ["1/4294967291", "1/4294967279"]
    path.write_text(json.dumps(document(u=[[primes[0], 0], [0, primes[1]]])))
    with pytest.raises(SchemeError, match=r"'u'.*2\^63"):
        read_scheme_file(path)
    # The largest that fit are handled exactly.
    big = 2**63 - 1
    path.write_text(json.dumps(document(u=[[big, 0], [0, 1]], w=[[f"1/{big}"], [1]])))
    assert read_scheme_file(path)[0].denominators == (1, 1, big)


def test_too_few_terms_are_refused_before_memory_is_taken(tmp_path):
    size = 400
    ones = {"u": [[1] * size], "v": [[1] * size], "w": [[0]]}
    path = tmp_path / "file"
    path.write_text(json.dumps({"n": [1, size, 1], "m": 1} | ones))
    with pytest.raises(SchemeError, match="need at least 400"):
        read_scheme_file(path)


def npz(path, **members):
    """Write an npz file out of arrays and of raw bytes for the part behind the header."""
    with zipfile.ZipFile(path, "w") as archive:
        for key, value in members.items():
            stream = io.BytesIO()
            if isinstance(value, bytes):
                header = {"descr": "|O", "fortran_order": False, "shape": (3,)}
                np.lib.format.write_array_header_1_0(stream, header)
                stream.write(value)
            else:
                np.save(stream, value)
            archive.writestr(f"{key}.npy", stream.getvalue())
    return path


class Command:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def arrays_with(last):
    result = np.empty(3, dtype=object)
    result[:] = [np.ones((2, 2), dtype=np.int64), np.ones((2, 2), dtype=np.int64), None]
    result[2] = last
    return result


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_a_malicious_pickle_is_refused(tmp_path, protocol):
    path, target = tmp_path / "file", tmp_path / "owned"
    calls = [
        Command(os.system, f"touch {target}"),
        Command(Path.touch, target),
        Command(eval, f"open({str(target)!r}, 'w')"),
        Command(np.save, str(target), 1),
        Command(np.load, str(target)),
        Command(np.ndarray, (10**15,)),
    ]
    for call in calls:
        for attack in (call, [call], arrays_with(call), arrays_with([call])):
            npz(path, **{"1,2,1": pickle.dumps(attack, protocol=protocol)})
            with pytest.raises(FileFormatError, match="refused"):
                read_scheme_file(path)
            assert not target.exists() and not target.with_suffix(".npy").exists()


def test_a_forged_type_is_refused(tmp_path):
    """The type of objects with the flags of numbers: numpy would follow the bytes as addresses."""
    content = pickle.dumps(arrays_with(arrays_with(1)), protocol=3)
    forged = content.replace(b"K?", b"K\x00")
    assert forged != content
    inner = np.empty(3, dtype=object)
    for place in range(3):
        inner[place] = np.arange(2)
    plain = pickle.dumps(inner, protocol=3).replace(b"\x02\x00\x00\x00i8", b"\x02\x00\x00\x00O8")
    assert plain.count(b"O8") == 2
    for bad in (content, forged, plain):
        with pytest.raises(FileFormatError, match="refused"):
            read_scheme_file(npz(tmp_path / "file", **{"1,2,1": bad}))


def test_a_pickle_cannot_ask_for_memory(tmp_path):
    """A place in the memo costs memory up to its number, so only one byte of it is allowed."""
    write_alphatensor(tmp_path / "whole", [best_scheme(2, 2, 3)])
    with zipfile.ZipFile(tmp_path / "whole") as archive:
        content = archive.read("2,2,3.npy")[128:]
    assert read_scheme_file(npz(tmp_path / "file", **{"2,2,3": content}))[0].rank == 11
    content = content[:-1] + b"r" + (70000).to_bytes(4, "little") + b"."
    with pytest.raises(FileFormatError, match="LONG_BINPUT is not allowed"):
        read_scheme_file(npz(tmp_path / "file", **{"2,2,3": content}))


def test_pickles_of_numpy_are_read_as_numpy_reads_them(tmp_path):
    s = best_scheme(2, 2, 3)
    W = s.W.reshape(2, 3, -1).swapaxes(0, 1).reshape(6, -1)
    for dtype in ("<i8", ">i4", "i1", "<f8", ">f4"):
        for order in "CF":
            entry = np.empty(3, dtype=object)
            for place, factor in enumerate((s.U, s.V, W)):
                entry[place] = np.array(factor, dtype=dtype, order=order)
            for protocol in (3, 4):
                content = pickle.dumps(entry, protocol=protocol)
                (t,) = read_scheme_file(npz(tmp_path / "file", **{"2,2,3": content}))
                assert all((getattr(s, k) == getattr(t, k)).all() for k in "UVW")


def test_alphatensor_refusals(tmp_path):
    path, s = tmp_path / "file", best_scheme(2, 2, 2)
    stacked = np.stack([s.U, s.V, transposed(s).W])
    for members in (
        {"2,2": stacked},
        {"0,2,2": stacked},
        {"2,2,2": stacked[:2]},
        {"2,2,2": stacked[0]},
        {"2,2,2": np.array(1)},
        {"2,2,2": stacked.astype(complex)},
        {"2,2,2": stacked.astype("U1")},
        {"2,2,3": stacked},
        {"2,2,2": stacked * np.nan},
        {"2,2,2": np.zeros(3, dtype=[("a", "i8")])},
        {},
    ):
        with pytest.raises(FileFormatError):
            read_scheme_file(npz(path, **members))
    with pytest.raises(SchemeError, match=r"'2,2,2' of file.*2\^63"):
        read_scheme_file(npz(path, **{"2,2,2": stacked.astype(np.uint64) * 2**63}))


@pytest.mark.parametrize("format", FILE_FORMATS)
def test_changed_bytes_give_no_other_error_and_no_wrong_scheme(tmp_path, format):
    path = tmp_path / "file"
    write_scheme_file(path, [best_scheme(2, 2, 3)], format)
    path = format_named(format).targets(path)[0]
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(150):
        changed = bytearray(content)
        for place in rng.integers(0, len(content), rng.integers(1, 4)):
            changed[place] = rng.integers(0, 256)
        path.write_bytes(bytes(changed[: rng.integers(1, 2 * len(content))]))
        try:
            schemes = read_scheme_file(path)
        except WordTensorError:
            continue
        # A part of the lines of an expression may be a smaller scheme.
        shapes = [s.check().shape for s in schemes]
        assert shapes == [(2, 2, 3)] or (format == "exp" and len(changed) > len(path.read_bytes()))
