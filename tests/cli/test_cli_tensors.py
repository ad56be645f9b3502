"""``wordtensor solve`` and ``wordtensor rank``: files as people have them, and wrong ones."""

import io
import json
import pickle
from dataclasses import replace

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.schemes.matrix_product import dense_product_tensor

# The W state in many notations: its rank is 3.
W_STATE = {
    "frostt.tns": "# FROSTT\n1 1 2 1\n1 2 1 1\n2 1 1 1\n",
    "zero.txt": "0 0 1 1\n0 1 0 1\n1 0 0 1\n",
    "shape.txt": "2 2 2\n0 0 1 1\n0 1 0 1.0\n1 0 0 2/2\n",
    "matlab.txt": "  (1,1,2)  1\n  (1,2,1)  1\n  (2,1,1)  1\n",
    "ans.txt": "ans(:,:,1) =\n\n  0 1\n  1 0\n\nans(:,:,2) =\n\n  1 0\n  0 0\n",
    "sptensor.txt": "sptensor\n3\n2 2 2\n3\n1 1 2 1\n1 2 1 1\n2 1 1 1\n",
    "tensor.txt": "tensor\n3\n2 2 2\n0 1 1 0 1 0 0 0\n",
    "size.txt": "X is a sparse tensor of size 2 x 2 x 2\n(1,1,2) 1\n(1,2,1) 1\n(2,1,1) 1\n",
    "named.csv": "i,j,k,value\n0,0,1,1\n0,1,0,1\n1,0,0,1\n",
    "ones.txt": "0 0 1\n0 1 0\n1 0 0\n",
    "numpy.txt": "[[[0. 1.]\n  [1. 0.]]\n\n [[1. 0.]\n  [0. 0.]]]\n",
    "repr.txt": "array([[[0, 1],\n  [1, 0]],\n\n  [[1, 0],\n   [0, 0]]], dtype=int8)",
    "braces.m": "{{{0, 1}, {1, 0}}, {{1, 0}, {0, 0}}}",
    "slices.txt": "# by savetxt\n0 1\n1 0\n# New slice\n1 0\n0 0\n",
    "nested.json": "[[[0, 1], [1, 0]], [[1, 0], [0, 0]]]",
    "coords.json": '{"subs": [[0, 0, 1], [0, 1, 0], [1, 0, 0]], "vals": [1, 1, 1]}',
    "texts.json": '{"tensor": [[["0", "1/2"], ["1/2", 0]], [["1/2", 0], [0, 0]]], "name": "mine"}',
}  # fmt: skip


@pytest.mark.parametrize("name", W_STATE)
def test_a_tensor_is_read_in_many_notations(name, tmp_path, run):
    path = tmp_path / name
    path.write_text(W_STATE[name])
    done = run("solve", path, "--json", "--no-store")
    found = json.loads(done.stdout)
    assert (found["rank"], found["lower_bound"], found["status"]) == (3, 3, "exact")
    assert found["shape"] == [2, 2, 2]
    known = json.loads(run("rank", path, "--json").stdout)
    assert (known["upper"], known["lower_bound"]) == (3, 3)
    assert known["multilinear_ranks"] == [2, 2, 2]


def test_how_a_file_was_read_is_said(tmp_path, run):
    path = tmp_path / "w.tns"
    path.write_text(W_STATE["frostt.tns"])
    assert "indices from 1" in run("rank", path).stdout
    done = run("rank", path, "--json")
    assert done.stderr == f"note: {path}: indices from 1\n"


def arrays(kind, **values):
    stream = io.BytesIO()
    np.save(stream, values["tensor"]) if kind == "npy" else np.savez(stream, **values)
    return stream.getvalue()


UNIT = np.eye(2)
BINARY = {
    "dense.npy": arrays("npy", tensor=np.array([[[0, 1], [1, 0]], [[1, 0], [0, 0]]], np.uint8)),
    "alone.npz": arrays("npz", anything=np.array([[[0, 0.5], [0.5, 0]], [[0.5, 0], [0, 0]]])),
    "coords.npz": arrays(
        "npz", coords=[[0, 0, 1], [0, 1, 0], [1, 0, 0]], values=[1, 1, 1], shape=[2, 2, 2]
    ),
    "terms.npz": arrays(
        "npz", U=[[1, 1, 0], [0, 0, 1]], V=[[1, 0, 1], [0, 1, 0]], W=[[0, 1, 1], [1, 0, 0]]
    ),
}


@pytest.mark.parametrize("name", BINARY)
def test_arrays_are_read(name, tmp_path, run):
    path = tmp_path / name
    path.write_bytes(BINARY[name])
    found = json.loads(run("solve", path, "--json").stdout)
    assert (found["rank"], found["lower_bound"], found["status"]) == (3, 3, "exact")


WRONG = {
    "empty.txt": (b"", "no numbers"),
    "words.txt": (b"hello wide world and all\n", "line 1 has 5 numbers"),
    "matrix.txt": (b"1 2\n3 4\n", "line 2 has 2 numbers"),
    "letter.txt": (b"1 1 1 1\n1 2 1 x\n", "line 2 has 'x'"),
    "half.txt": (b"1 1 1 1\n1 2 1.5 1\n", "line 2 has the index '1.5'"),
    "negative.txt": (b"-1 0 0 1\n", "line 1 has the index '-1'"),
    "twice.txt": (b"1 1 1 1\n1 2 1 4\n1 1 1 3\n", "line 3 gives the place (1, 1, 1) again"),
    "ragged.txt": (b"1 1 1 1\n1 2 1\n2 2 2 1\n", "line 2 has 3 numbers"),
    "outside.txt": (b"2 2 2\n0 0 0 1\n0 0 3 1\n", "line 3 names a place outside"),
    "slices.txt": (b"1 2\n3 4\n\n1 2\n", "the slice that begins in line 4 has 1 rows"),
    "both.txt": (b"1 0 0 0\n0 1 0 0\n\n0 0 1 0\n0 0 0 1\n", "line 4 begins a block"),
    "open.txt": (b"[[[1, 2], [3, 4]]", "not closed"),
    "deep.txt": (b"[[[[1]]]]", "line 1 opens a bracket too many"),
    "flat.txt": (b"[[1, 2], [3, 4]]", "'1' outside of the inner brackets"),
    "uneven.txt": (b"[[[1, 2], [3]]]", "holds 1 parts, and another 2"),
    "dots.txt": (b"[[[1 2 ... 3]]]", "left out"),
    "bytes.txt": (b"\xff\xfe\x00\x01", "utf-8"),
    "flat.npy": (arrays("npy", tensor=np.eye(3)), "three axes, not shape (3, 3)"),
    "texts.npy": (arrays("npy", tensor=np.array([[["a"]]])), "'a', which is no number"),
    "nothing.npy": (arrays("npy", tensor=np.zeros((0, 2, 2))), "none of length 0"),
    "nan.npy": (arrays("npy", tensor=np.full((1, 1, 2), np.nan)), "entry (0, 0, 0) of the"),
    "huge.npy": (arrays("npy", tensor=np.full((1, 1, 2), 1e300)), "largest entry 1e+300"),
    "pickle.npy": (pickle.dumps([1, 2]), "damaged, or no tensor"),
    "other.npz": (arrays("npz", a=np.eye(2), b=np.eye(3)), "has the arrays 'a (2, 2)', 'b"),
    "terms.npz": (arrays("npz", U=UNIT, V=UNIT, W=np.ones((2, 3))), "shapes (x, R), (y, R) and"),
    "ragged.json": (b"[[[1, 2], [3]]]", "damaged, or no tensor"),
    "text.json": (b'[[["a", 1]]]', "'a', which is no number"),
    "object.json": (b'{"matrix": [[1, 2]]}', "it has the arrays 'matrix (1, 2)'"),
    "broken.json": (b'{"tensor": [', "damaged, or no tensor"),
    "far.txt": (b"1 1 1 1\n1000000 1000000 1000000 1\n", "1000000 x 1000000 x 1000000"),
}  # fmt: skip


@pytest.mark.parametrize("command", ["solve", "rank"])
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_in_one_line_that_says_where(name, command, tmp_path, run):
    content, said = WRONG[name]
    path = tmp_path / name
    path.write_bytes(content)
    done = run(command, path)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert name in done.stderr
    assert said in done.stderr


def test_files_that_are_none(tmp_path, run):
    for path, said in ((tmp_path / "no.npy", "no file of that name"), (tmp_path, "directory")):
        done = run("solve", path)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert said in done.stderr


def test_a_saved_result_is_verified_and_a_forged_one_is_not(tmp_path, run):
    path, out = tmp_path / "w.tns", tmp_path / "out.npz"
    path.write_text(W_STATE["frostt.tns"])
    assert run("solve", path, "-o", out).exit_code == 0
    assert "exists" in run("solve", path, "-o", out).stderr
    done = run("verify", out)
    assert done.exit_code == 0
    assert done.stdout.startswith("w: 3 terms\nverified")
    assert wt.load(out).rank == 3
    with np.load(out) as held:
        changed = dict(held)
    changed["U"] = changed["U"] + 0.5
    np.savez_compressed(out, **changed)
    assert run("verify", out).exit_code == 1


def test_a_saved_tensor_is_no_decomposition_of_a_word(tmp_path, run):
    path, out = tmp_path / "w.tns", tmp_path / "out.npz"
    path.write_text(W_STATE["frostt.tns"])
    run("solve", path, "-o", out)
    done = run("compare", out, "a*b", "S3")
    assert done.exit_code == 2
    assert "a solved tensor" in done.stderr
    # Its tensor may be solved again.
    assert json.loads(run("rank", out, "--json").stdout)["upper"] == 3


def test_terms_that_there_cannot_be_are_refused_at_once(tmp_path, run):
    path = tmp_path / "w.tns"
    path.write_text(W_STATE["frostt.tns"])
    done = run("solve", path, "--rank", 2)
    assert done.exit_code == 2
    assert "cannot be written with 2 terms" in done.stderr
    assert "at least 3 are needed" in done.stderr
    assert run("solve", path, "--rank", 3).exit_code == 0


def test_complex_terms_are_asked_for(tmp_path, run):
    path = tmp_path / "c.json"
    path.write_text("[[[1, 0], [0, 1]], [[0, 1], [-1, 0]]]")
    ranks = [
        json.loads(run("solve", path, "--json", "--field", field).stdout)["rank"]
        for field in ("real", "complex")
    ]
    assert ranks == [3, 2]
    path = tmp_path / "i.txt"
    path.write_text("1 1 1 1+2i\n")
    done = run("solve", path)
    assert done.exit_code == 2
    assert "Option --field must be 'complex'" in done.stderr
    assert run("solve", path, "--field", "complex").exit_code == 0


def test_an_interrupted_search_prints_and_saves_the_best(run, tmp_path, monkeypatch):
    path, out = tmp_path / "w.tns", tmp_path / "out.npz"
    path.write_text(W_STATE["frostt.tns"])
    cut = replace(wt.solve(path), interrupted=True)
    monkeypatch.setattr(wt, "solve", lambda *_, **__: cut, raising=False)
    done = run("solve", path, "-o", out)
    assert done.exit_code == 130
    assert "interrupted: the best found until then" in done.stdout
    assert wt.load(out).interrupted


LABELS = {
    "c3.csv": "x,y,z\ny,z,x\nz,x,y\n",
    "loop.csv": "*,e,a,b,c,d\ne,e,a,b,c,d\na,a,e,d,b,c\nb,b,c,e,d,a\nc,c,d,a,e,b\nd,d,b,c,a,e\n",
}


@pytest.mark.parametrize("command", ["solve", "rank"])
@pytest.mark.parametrize("name", LABELS)
def test_a_table_of_labels_is_pointed_to_decompose(name, command, tmp_path, run):
    path = tmp_path / name
    path.write_text(LABELS[name])
    done = run(command, path)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    kind = "group" if name == "c3.csv" else "loop"
    said = f"as the table of a {kind}: wordtensor decompose --table {str(path)!r}\n"
    assert done.stderr.endswith(said)
    assert run("decompose", "--table", path, "--no-store").exit_code == 0


@pytest.mark.parametrize("entries", [[[["3/7", 0], [0, 1]]], [[[0, 1], [1, 0]], [[1, 0], [0, 2]]]])
def test_exact_terms_are_written_as_json_and_read_again(entries, tmp_path, run):
    path, out = tmp_path / "t.json", tmp_path / "terms.json"
    path.write_text(json.dumps(entries))
    done = run("solve", path, "--terms", out, "--no-store")
    assert (done.exit_code, done.stderr) == (0, f"wrote {out}: exact terms as U, V, W\n")
    written = json.loads(out.read_text())
    assert set(written) == {"U", "V", "W"}
    if "sqrt" not in out.read_text():
        given, again = wt.read_tensor(path), wt.read_tensor(out)
        assert (given.entries == again.entries).all() and again.exact is not None
    assert "exists" in run("solve", path, "--terms", out).stderr
    both = run("solve", path, "--terms", tmp_path / "x.npz", "-o", tmp_path / "x.npz")
    assert (both.exit_code, both.stderr.count("\n")) == (2, 1)


def test_terms_to_rounding_are_not_written_as_exact_ones(tmp_path, run):
    path, out = tmp_path / "t.npy", tmp_path / "terms.json"
    np.save(path, np.random.default_rng(0).standard_normal((2, 2, 2)))
    done = run("solve", path, "--terms", out, "--no-store")
    assert done.exit_code == 2 and "2 x 2 x 2" in done.stdout
    assert "--terms writes exact ones" in done.stderr
    assert not out.exists()


def test_certify_says_what_it_takes_and_where_terms_of_tensors_are(tmp_path, run):
    path, out = tmp_path / "w.tns", tmp_path / "poly.npz"
    path.write_text(W_STATE["frostt.tns"])
    run("solve", path, "-o", out)
    for given in (out, path):
        done = run("certify", given)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert "certify takes WORD and GROUP" in done.stderr
        assert "load(FILE).exact_terms()" in done.stderr and "--terms" in done.stderr
    assert wt.load(out).exact_terms().rank == 3


def test_rank_names_solve_wherever_the_rank_may_fall(run, tmp_path):
    # Cyclic products, C3: solved at once. The product <2,2,3>, a direct sum: 10 or 11.
    shift = [[[int((i + j) % 3 == k) for k in range(3)] for j in range(3)] for i in range(3)]
    told = {}
    for name, array in {"C3": shift, "product": dense_product_tensor(2, 2, 3)}.items():
        np.save(tmp_path / name, np.array(array))
        told[name] = run("rank", tmp_path / f"{name}.npy").stdout.splitlines()[-1]
    assert "solve" not in told["C3"]
    assert told["product"] == "wordtensor solve may find fewer terms"
