"""``wordtensor compare --train-mask``: all forms in which people keep their training pairs."""

import json

import numpy as np
import pytest
import torch

import wordtensor as wt

from .test_cli_bad_input import check_one_line

S3 = wt.group("S3")
MASK = np.random.default_rng(0).random((6, 6)) < 0.5
PAIRS = np.argwhere(MASK)


@pytest.fixture(scope="module")
def logits(tmp_path_factory):
    path = tmp_path_factory.mktemp("logits") / "logits.npy"
    np.save(path, wt.word_tensor("a*b", "S3").to_dense())
    return path


def text(pairs, between=","):
    return "".join(f"{a}{between}{b}\n" for a, b in pairs)


def labelled(G, pairs, form="{}"):
    return [(form.format(G.labels[a]), form.format(G.labels[b])) for a, b in pairs]


ARRAYS = {
    "flat booleans": (MASK.ravel(), "flat booleans, the pair (a, b) at 6 a + b: reshape(6, 6)"),
    "a column": (MASK.reshape(36, 1), "flat booleans"),
    "flat 0 and 1": (MASK.ravel().astype(float), "flat 0 and 1"),
    "flat indices": (np.flatnonzero(MASK)[::-1], "flat indices 6 a + b of the pairs (a, b)"),
    "whole floats": (PAIRS.astype(float), ""),
    "labels": (np.array(labelled(S3, PAIRS)), "pairs of labels"),
    "unsigned": (PAIRS.astype(np.uint8), ""),
}


@pytest.mark.parametrize("form", ARRAYS)
@pytest.mark.parametrize("ending", ["npy", "npz", "pt"])
def test_arrays_of_training_pairs(run, logits, tmp_path, form, ending):
    values, reading = ARRAYS[form]
    path = tmp_path / f"m.{ending}"
    if ending == "npy":
        np.save(path, values)
    elif ending == "npz":
        np.savez(path, values)
    elif values.dtype.kind == "U":
        return
    else:
        torch.save(torch.from_numpy(values.copy()), path)
    check_read(run, logits, path, reading)


TEXTS = {
    "header": ("a,b\n" + text(PAIRS), "rows, below the header 'a,b'"),
    "commented header": ("# a,b\n" + text(PAIRS), ""),
    "floats": ("".join(f"{a:.18e} {b:.18e}\n" for a, b in PAIRS), ""),
    "a column": ("\n".join(f"{int(x)}" for x in MASK.ravel()), "flat 0 and 1"),
    "indices in a column": ("\n".join(map(str, np.flatnonzero(MASK))), "flat indices"),
    "labels": (text(labelled(S3, PAIRS)), "pairs of labels"),
    "labels with tabs": (text(labelled(S3, PAIRS), "\t"), "pairs of labels"),
    "labels in quotes": (
        "left,right\r\n" + text(labelled(S3, PAIRS, '"{}"')), "below the header 'left,right'",
    ),
    "bytes at the start": ("\ufeff" + text(PAIRS), ""),
}  # fmt: skip


@pytest.mark.parametrize("form", TEXTS)
def test_texts_of_training_pairs(run, logits, tmp_path, form):
    content, reading = TEXTS[form]
    path = tmp_path / "m.csv"
    path.write_text(content)
    check_read(run, logits, path, reading)


def check_read(run, logits, path, reading, group="S3", mask=MASK):
    result = run("compare", logits, "a*b", group, "--train-mask", path, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["gcr"]["train_pairs"] == mask.sum()
    lines = [line for line in result.stderr.splitlines() if "training pair" in line]
    if reading:
        assert len(lines) == 1 and f"{mask.sum()} training pairs, read as " in lines[0]
        assert reading in lines[0]
    else:
        assert not lines


@pytest.mark.parametrize("name", ["C3", "Q8", "C7:C3", "C2 x C2"])
def test_the_pairs_are_those_that_were_written(name, tmp_path):
    from wordtensor.cli._train_mask import read_train_mask

    G = wt.group(name)
    n = G.order
    mask = np.random.default_rng(1).random((n, n)) < 0.4
    labels = (G.labels, G.labels)
    pairs = np.argwhere(mask)
    (tmp_path / "m.csv").write_text(text(labelled(G, pairs)))
    np.save(tmp_path / "m.npy", np.flatnonzero(mask))
    np.save(tmp_path / "flat.npy", mask.ravel())
    for file in ("m.csv", "m.npy", "flat.npy"):
        np.testing.assert_array_equal(read_train_mask(tmp_path / file, (n, n), labels), mask)


def test_labels_that_are_numbers_are_told_from_indices(tmp_path, capsys):
    from wordtensor.cli._train_mask import read_train_mask

    units = (("1", "5", "7", "11"),) * 2
    path = tmp_path / "m.csv"
    path.write_text("1,5\n11,7\n")
    assert np.argwhere(read_train_mask(path, (4, 4), units)).tolist() == [[0, 1], [3, 2]]
    assert "pairs of labels, and not of indices from 0" in capsys.readouterr().err
    ones = (("1", "2", "3"),) * 2
    path.write_text("1,2\n2,2\n")
    assert np.argwhere(read_train_mask(path, (3, 3), ones)).tolist() == [[1, 2], [2, 2]]
    assert "pairs of indices from 0, and not of labels" in capsys.readouterr().err
    path.write_text("0,1\n1,0\n")
    assert np.argwhere(read_train_mask(path, (2, 2), (("e", "x"),) * 2)).tolist() == [
        [0, 1],
        [1, 0],
    ]
    assert "a table of 0 and 1, not as a list of pairs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (PAIRS + 1, "and 6 is none of the indices 0 to 5; they seem to be counted from 1"),
        (PAIRS - 1, "is none of the indices 0 to 5"),
        (np.flatnonzero(MASK) + 7, "none of the flat indices 0 to 35"),
        (np.arange(1, 37), "index 36 is 36, none of the flat indices 0 to 35 of pairs; they seem"),
        (S3.cayley.ravel(), "the flat index 0 stands there 6 times; give every pair once"),
        (S3.cayley, "of which entry (0, 2) is 2"),
        (PAIRS.T, "transposed (.T) it would be a list of pairs"),
        (MASK.reshape(4, 9), "reshape(6, 6)"),
        (MASK.ravel()[:30], "6 x 6 booleans"),
        (PAIRS + 0.5, "must be whole, not 0.5"),
        (np.full((3, 2), np.nan), "must be whole, not nan"),
        (np.full((3, 2), 1e300), "must be whole"),
        (np.array([["e", "no"]]), "pair 1 is 'e\\tno', not two elements"),
        (np.zeros((2, 2), dtype=complex), "not complex128"),
        (np.int64(3), "of shape ()"),
        (np.zeros((0, 2), dtype=int), "of shape (0, 2)"),
    ],
)
def test_what_is_no_list_of_training_pairs_is_said(run, logits, tmp_path, values, message):
    path = tmp_path / "m.npy"
    np.save(path, values)
    line = check_one_line(run("compare", logits, "a*b", "S3", "--train-mask", path))
    assert message in line and "m.npy" in line


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("() (2 3)\nxx,yy\n", "line 2 has 'xx,yy', neither numbers nor the labels"),
        ("a,b,c\n0,1\n", "line 1 has 'a,b,c'"),
        ("(2 3),(2 4)\n(2 3),(2 3)\n", "m.csv"),
        ("a,b\n", "line 1 has 'a,b'"),
        ("0,b\n0,1\n", "line 1 has '0,b'"),
    ],
)
def test_texts_that_are_no_training_pairs(run, logits, tmp_path, content, message):
    path = tmp_path / "m.csv"
    path.write_text(content)
    assert message in check_one_line(run("compare", logits, "a*b", "S3", "--train-mask", path))


def test_a_state_dict_is_no_list_of_pairs(run, logits, tmp_path):
    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "m.pt")
    line = check_one_line(run("compare", logits, "a*b", "S3", "--train-mask", tmp_path / "m.pt"))
    assert "holds no tensor, but" in line


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_masks_of_few_bits_are_read(run, logits, tmp_path, dtype):
    np.save(tmp_path / "m.npy", np.eye(6, dtype=dtype))
    done = run("compare", logits, "a*b", "S3", "--train-mask", tmp_path / "m.npy", "--json")
    assert done.exit_code == 0 and "6" in done.stdout
