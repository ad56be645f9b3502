"""Cayley tables from files: what people write is read as what it means, or refused by name."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.errors import FileFormatError, GroupError, MemoryLimitError, WordTensorError
from wordtensor.groups import identify, read_group
from wordtensor.groups._text_rows import TextRows
from wordtensor.groups._written_table import read_rows

C3 = [[0, 1, 2], [1, 2, 0], [2, 0, 1]]

# The files that people brought (shared/cases): contents, and the labels that they have.
BROUGHT = {
    "header.csv": ("*,e,a,b\ne,e,a,b\na,a,b,e\nb,b,e,a\n", "e a b"),
    "letters.csv": ("e,a,b\na,b,e\nb,e,a\n", "e a b"),
    "sage.txt": ("*  a b c\n +------\na| a b c\nb| b c a\nc| c a b\n", "a b c"),
    "gap.txt": ("[ [ 1, 2, 3 ], [ 2, 3, 1 ], [ 3, 1, 2 ] ]\n", "1 2 3"),
    "list.txt": ("[[0,1,2],[1,2,0],[2,0,1]]\n", "0 1 2"),
    "tabs.tsv": ("0\t1\t2\n1\t2\t0\n2\t0\t1\n", "0 1 2"),
    "trailing.csv": ("0,1,2,\n1,2,0,\n2,0,1,\n", "0 1 2"),
    "floats.csv": ("0.0,1.0,2.0\n1.0,2.0,0.0\n2.0,0.0,1.0\n", "0 1 2"),
    "other.json": (json.dumps({"elements": ["e", "r", "s"], "table": C3}), "e r s"),
    # The same in other hands.
    "savetxt.txt": ("0.0e+00 1.0e+00 2.0e+00\n1.0e+00 2.0e+00 0.0e+00\n2 0 1\n", "0 1 2"),
    "numpy.txt": ("[[0 1 2]\n [1 2 0]\n [2 0 1]]", "0 1 2"),
    "gap.csv": ("[ [ 1, 2, 3 ],\n  [ 2, 3, 1 ], [ 3, 1, 2 ] ];", "1 2 3"),
    "mathematica.txt": ("{{1, 2, 3}, {2, 3, 1}, {3, 1, 2}}", "1 2 3"),
    "from_one.csv": ("1,2,3\n2,3,1\n3,1,2\n", "1 2 3"),
    "pandas.csv": (",e,a,b\ne,e,a,b\na,a,b,e\nb,b,e,a\n", "e a b"),
    "no_index.csv": ("e,a,b\ne,a,b\na,b,e\nb,e,a\n", "e a b"),
    "no_index_numbers.csv": ("0,1,2\n0,1,2\n1,2,0\n2,0,1\n", "0 1 2"),
    "rows_in_another_order.csv": ("*,e,a,b\nb,b,e,a\ne,e,a,b\na,a,b,e\n", "e a b"),
    "semicolons.csv": ("e;a;b\na;b;e\nb;e;a\n", "e a b"),
    "quoted.csv": ('"e","(1,2,3)","(1,3,2)"\n"(1,2,3)","(1,3,2)","e"\n"(1,3,2)","e","(1,2,3)"',
                   "e (1,2,3) (1,3,2)"),
    "cycles.csv": ("(),(1,2,3),(1,3,2)\n(1,2,3),(1,3,2),()\n(1,3,2),(),(1,2,3)",
                   "() (1,2,3) (1,3,2)"),
    "cycles.txt": ("() (1,2,3) (1,3,2)\n(1,2,3) (1,3,2) ()\n(1,3,2) () (1,2,3)",
                   "() (1,2,3) (1,3,2)"),
    "corner.tsv": ("\te\ta\tb\ne\te\ta\tb\na\ta\tb\te\nb\tb\te\ta\n", "e a b"),
    "comments.csv": ("# C3\n\n0,1,2 # the identity\n\n1,2,0\n2,0,1\n", "0 1 2"),
    "windows.csv": ("\ufeff0,1,2\r\n1,2,0\r\n2,0,1\r\n", "0 1 2"),
    "residues.txt": ("1 2 4\n2 4 1\n4 1 2\n", "1 2 4"),  # the squares modulo 7
    "letters.json": (json.dumps([["e", "a", "b"], ["a", "b", "e"], ["b", "e", "a"]]), "e a b"),
    "floats.json": (json.dumps(np.array(C3, dtype=float).tolist()), "0 1 2"),
    "residues.json": (json.dumps({"elements": [1, 2, 4], "t": [[1, 2, 4], [2, 4, 1], [4, 1, 2]]}),
                      "1 2 4"),
    "markdown.txt": ("| * | e | a | b |\n|---|---|---|---|\n| e | e | a | b |\n| a | a | b | e |\n"
                     "| b | b | e | a |\n", "e a b"),
    "pretty.txt": ("+---+---+---+---+\n| * | e | a | b |\n+---+---+---+---+\n| e | e | a | b |\n"
                   "| a | a | b | e |\n| b | b | e | a |\n+---+---+---+---+\n", "e a b"),
    "latex.txt": ("\\begin{tabular}{c|ccc}\n$*$ & $e$ & $a$ & $b$ \\\\ \\hline\n"
                  "$e$ & $e$ & $a$ & $b$ "
                  "\\\\\n$a$ & $a$ & $b$ & $e$ \\\\\n$b$ & $b$ & $e$ & $a$ \\\\ \\hline\n"
                  "\\end{tabular}\n", "e a b"),
    "bare_latex.txt": ("e & a & b \\\\\na & b & e \\\\\nb & e & a\n", "e a b"),
    "array.txt": ("array([[0, 1, 2],\n       [1, 2, 0],\n       [2, 0, 1]], dtype=int32)", "0 1 2"),
    "assigned.txt": ("T = np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1]])\n", "0 1 2"),
    "table.g": ("T := [ [ 1, 2, 3 ], [ 2, 3, 1 ], [ 3, 1, 2 ] ];\n", "1 2 3"),
    "display.gap": ("[ [  1,  2,  3 ],\n  [  2,  3,  1 ],\n  [  3,  1,  2 ] ]\n", "1 2 3"),
    "quotes.txt": ("[['()', '(1,2,3)', '(1,3,2)'], ['(1,2,3)', '(1,3,2)', '()'], "
                   "['(1,3,2)', '()', '(1,2,3)']]", "() (1,2,3) (1,3,2)"),
    "elements.txt": ("      *        ()  (1,2,3)  (1,3,2)\n       +---------------------------\n"
                     "     ()|       ()  (1,2,3)  (1,3,2)\n(1,2,3)|  (1,2,3)  (1,3,2)       ()\n"
                     "(1,3,2)|  (1,3,2)       ()  (1,2,3)\n", "() (1,2,3) (1,3,2)"),
    "braces.txt": ("{{e, a, b}, {a, b, e}, {b, e, a}}", "e a b"),
    "unicode.csv": ("*,ε,α,β\nε,ε,α,β\nα,α,β,ε\nβ,β,ε,α\n", "ε α β"),
    "cayley_table.json": (json.dumps({"order": 3, "cayley_table": C3}), "0 1 2"),
    "labels.json": (json.dumps({"cayley": [[1, 2, 3], [2, 3, 1], [3, 1, 2]],
                                "labels": ["e", "a", "b"]}), "e a b"),
    "hash.csv": ("#,e,a,b\ne,e,a,b\na,a,b,e\nb,b,e,a\n", "e a b"),
    "ampersand.csv": ("e,a,a&b\na,a&b,e\na&b,e,a\n", "e a a&b"),
    "title.csv": ("C3,e,a,b\ne,e,a,b\na,a,b,e\nb,b,e,a\n", "e a b"),
    "formula.csv": ("x\\y,e,a,b\nb,b,e,a\ne,e,a,b\na,a,b,e\n", "e a b"),
    "no_corner.txt": ("   e  a  b\ne  e  a  b\na  a  b  e\nb  b  e  a\n", "e a b"),
    "loops.txt": ("    |  1  2  3\n----+---------\n 1  |  1  2  3\n 2  |  2  3  1\n 3  |  3  1  2",
                  "1 2 3"),
    "named_indices.csv": (",e,a,b\ne,0,1,2\na,1,2,0\nb,2,0,1\n", "e a b"),
    "named_columns.csv": ("e,a,b\n1,2,3\n2,3,1\n3,1,2\n", "e a b"),
    "sage_matrix.txt": ("[0 1 2]\n[1 2 0]\n[2 0 1]\n", "0 1 2"),
    "matlab.txt": ("T = [1 2 3; 2 3 1; 3 1 2];\n", "1 2 3"),
    "tuples.txt": ("((0, 1, 2), (1, 2, 0), (2, 0, 1))\n", "0 1 2"),
    "prompt.txt": ("gap> MultiplicationTable(G);\n[ [ 1, 2, 3 ], [ 2, 3, 1 ], [ 3, 1, 2 ] ]\n",
                   "1 2 3"),
    "out.txt": ("Out[1]= {{1, 2, 3}, {2, 3, 1}, {3, 1, 2}}", "1 2 3"),
    "code.txt": ("int t[3][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}};", "0 1 2"),
    "excel.csv": ("sep=;\n;e;a;b\ne;e;a;b\na;a;b;e\nb;b;e;a\n;;;\n", "e a b"),
    "shifted.csv": (",*,e,a,b\n,e,e,a,b\n,a,a,b,e\n,b,b,e,a\n", "e a b"),
    "bold.md.txt": ("| * | **e** | **a** | **b** |\n|:-:|:-:|:-:|:-:|\n| **e** | e | a | b |\n"
                    "| **a** | a | b | e |\n| **b** | b | e | a |\n", "e a b"),
    "rst.txt": ("= = = =\n* e a b\n= = = =\ne e a b\na a b e\nb b e a\n= = = =\n", "e a b"),
    "box.txt": ("┌───┬───┬───┬───┐\n│ * │ e │ a │ b │\n├───┼───┼───┼───┤\n│ e │ e │ a │ b │\n"
                "│ a │ a │ b │ e │\n│ b │ b │ e │ a │\n", "e a b"),
    "bar.csv": ("* | e, a, b\ne | e, a, b\na | a, b, e\nb | b, e, a\n", "e a b"),
    "pmatrix.txt": ("\\[\\begin{pmatrix} 0 & 1 & 2 \\\\ 1 & 2 & 0 \\\\ 2 & 0 & 1 \\end{pmatrix}\\]",
                    "0 1 2"),
    "primes.csv": ("e,a,a'\na,a',e\na',e,a\n", "e a a'"),
    "quotes.csv": ('"e","a""","b"\n"a""","b","e"\n"b","e","a"""\n', 'e a" b'),
    "split.json": (json.dumps({"columns": ["e", "a", "b"], "index": ["b", "e", "a"],
                               "data": [["b", "e", "a"], ["e", "a", "b"], ["a", "b", "e"]]}),
                   "e a b"),
    "split_numbers.json": (json.dumps({"columns": ["e", "a", "b"], "index": [0, 1, 2], "data":
                                       [["e", "a", "b"], ["a", "b", "e"], ["b", "e", "a"]]}),
                           "e a b"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "labels"), [(k, *v) for k, v in BROUGHT.items()])
def test_what_people_bring_is_the_group_that_they_mean(tmp_path, caplog, name, content, labels):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    G = read_group(path)
    assert G.cayley.tolist() == C3
    assert G.labels == tuple(labels.split(" "))
    said = caplog.text
    assert ("counts from 1" in said) == (
        name
        in (
            "named_columns.csv",
            "matlab.txt",
            "prompt.txt",
            "out.txt",
            "table.g",
            "display.gap",
            "gap.txt",
            "gap.csv",
            "mathematica.txt",
            "from_one.csv",
            "labels.json",
        )
    )


REFUSED = {
    "hash.txt": ("e #\n# e\n", "square"),
    "hashes.txt": ("x#1 x#2\n#x x#1\n", "square"),
    "word.txt": ("S3\n", "One entry, 'S3', is no table"),
    "html.txt": ("<table><tr><td>0</td></tr></table>", "no table"),
    "nul.txt": ("0 1\n1 0\0\n", "no text, or saved as UTF-16; save it as UTF-8"),
    "no_labels.json": (json.dumps({"labels": [], "cayley": [[0]]}), "list of 1 to 5040 labels"),
    "hole.csv": ("0,1,2\n1,,0\n2,0,1\n", "not closed"),
    "near.csv": ("0,0.9999\n1,0\n", "no whole number"),
    "nan.csv": ("0,nan\n1,0\n", "no whole number"),
    "header_twice.csv": ("*,e,e\ne,e,a\na,a,e\n", "different label for each"),
    "column.csv": ("*,e,a\ne,e,a\ne,a,e\n", "header column"),
    "stranger.csv": ("*,e,a\ne,e,a\na,a,z\n", "entry 'z' at row 1, column 1"),
    "unordered.csv": ("a,e\ne,b\n", "not closed"),
    "no_order.csv": ("a,b,e\nb,e,a\na,e,b\n", "first row and the first column"),
    "signs.csv": ("+,-\n-,-\n", "twice"),
    "typo.csv": ("e,a\na,a\n", "twice"),
    "number_corner.csv": ("0,1,2,3\n1,1,2,3\n2,2,3,1\n3,3,1,2\n", "twice"),
    "minus.txt": ("0 -1\n-1 0\n1 0\n", "not closed"),
    "two.txt": ("[[0,1],[1,0]] and [[0]]", "outside of the inner brackets"),
    "ranges.txt": ("[ [ 1 .. 3 ], [ 2, 3, 1 ], [ 3, 1, 2 ] ]", "first row and the first column"),
    "several.json": (json.dumps({"a": [[0]], "b": [[0]]}), "several tables, 'a', 'b'"),
    "no_key.json": (json.dumps({"rows": 3, "data": [0, 1]}), "'cayley'; the keys are 'rows', "),
    "twice.json": ('{"cayley": [[0]], "cayley": [[0, 1], [1, 0]]}', "a key twice"),
    "bool.json": ("[[0, true], [true, 0]]", "row 0 holds bool"),
    "object.json": ("[[0, {}], [1, 0], [1, 0]]", "row 0 holds dict"),
    "null.json": ("[[0, null], [1, 0]]", "row 0 holds NoneType"),
    "nested.json": ("[[[0], [1]], [[1], [0]]]", "row 0 holds list"),
    "text.json": ('"0 1"', "one text"),
    "objects.json": ("[{}, {}]", "square"),
    "elements.json": (json.dumps({"elements": 3, "cayley": [[0]]}), "list of 1 to 5040 labels"),
    "elements2.json": (json.dumps({"elements": [[0]], "cayley": [[0]]}), "labels or numbers"),
    "few.json": (json.dumps({"elements": ["e"], "table": [[0, 1], [1, 0]]}), "2 distinct labels"),
    "same.json": (json.dumps({"labels": ["e", "e"], "cayley": [[0, 1], [1, 0]]}), "distinct"),
    "long.json": (json.dumps({"labels": ["e", "a" * 10_000], "cayley": [[0, 1], [1, 0]]}),
                  "at most 4000 letters"),
    "long_name.json": (json.dumps({"name": "a" * 10_000, "cayley": [[0]]}), "at most 1000 letters"),
    "digits.txt": ("0 " + "9" * 5000 + "\n1 0\n", "no whole number"),
    "big.txt": ("0 " + "9" * 200 + "\n1 0\n", "not closed"),
    "wide.csv": ("0," * 6000 + "\n", "5040"),
    "tall.csv": ("0\n" * 6000, "5040"),
    "lines.csv": ("*,e,a,b\ne,e,a,b\n\na,a,b,b\nb,b,e,a\n",
                  "entry 'b' at row 1, column 2 (line 4) is in the same row twice, in column 1"),
    "column2.csv": ("0,1,2\n1,2,0\n2,1,0\n",
                    "entry '1' at row 2, column 1 (line 3) is in the same column twice, in row 0"),
    "stranger2.csv": ("# mine\n*,e,a\ne,e,a\na,a,z\n", "entry 'z' at row 1, column 1 (line 4) is"),
    "short.csv": ("0,1,2\n1,2,0\n2,0\n", "row 2 (line 3) has 2 entries and row 0 has 3; tables"),
    "short.json": ("[[0, 1], [1]]", "row 1 has 1 entries and row 0 has 2"),
    "markdown.txt": ("| e | a |\n|---|---|\n| a | a |\n",
                     "at row 1, column 1 (line 3) is in the same"),
    "statement.g": ("LoadPackage(\"x\");\nG := SmallGroup(8,3);\n", "not closed"),
    "missing_row.txt": ("0 1 2\n1 2 0\n", "given shape (2, 3); tables are read"),
    "missing_row.json": ("[[1, 2, 0], [2, 0, 1]]", "given shape (2, 3)"),
    "cut.txt": ("[[0,1,2],\n[1,2", "outside of the inner brackets"),
    "elided.txt": ("[[0 1 2 ... 7 8 9]\n [1 2 0 ... 7 8 9]]", "cut short where '...' stands"),
    "generators.json": (json.dumps({"generators": []}), "must be a list of permutations, not []"),
    "generators2.json": (json.dumps({"generators": [[0, 0, 1]]}), "not a permutation of 0..2"),
    "generators3.json": (json.dumps({"generators": [[0, True]]}), "hold True"),
    "cut_pandas.txt": ("   0  ...  5\n0  0  ...  5\n.. ..  ... ..\n5  5  ...  0\n", "cut short"),
    "twice.txt": ("[[0,1],[1,0]]\n[[0,1],[1,0]]", "outside of the inner brackets"),
    "mixed_order.csv": (",e,a,b\nb,2,0,1\ne,0,1,2\na,1,2,0\n", "in the same order"),
    "index.json": (json.dumps({"columns": ["e"], "index": ["e", "a"], "data": [["e"]]}), "'index'"),
    "corner0.csv": ("0,0,1\n0,0,1\n1,1,0\n", "twice"),
    "different.csv": ("0,1,2,3\n4,5,6,7\n8,9,10,11", "not closed"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "said"), [(k, *v) for k, v in REFUSED.items()])
def test_what_is_no_table_is_refused_by_name(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(WordTensorError) as refusal:
        read_group(path)
    message = str(refusal.value)
    assert said in message and name in message
    assert len(message) < 400 + len(str(path))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (np.array([[False, True], [True, False]]), "bool"),
        (np.array([[0, 1j], [1, 0]]), "complex"),
        (np.array([[0, 0.5], [1, 0]], dtype="f2"), "float16"),
        (np.full((2, 2), np.inf, dtype="f2"), "float16"),
        (np.zeros((0, 0)), "at least one row"),
        (np.full((2, 2), 1e300), "float64"),
        (np.array([[0, 0.9999], [1, 0]]), "float64"),
        (np.array([[0, np.nan], [1, 0]]), "float64"),
        (np.array([[b"e", b"a"], [b"a", b"e"]]), "integers"),
        (np.array([["e", "a"], ["a", "a"]]), "twice"),
        (np.zeros((2, 2, 2), dtype=int), "square"),
        (np.zeros(2, dtype="U1"), "integers|square"),
        (np.array([[0, 2**63], [1, 0]], dtype=np.uint64), "not closed"),
        (np.array([[0, 1], [1, 0]], dtype="M8[s]"), "integers"),
    ],
)
@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_arrays_that_are_no_table(tmp_path, table, said, kind):
    path = tmp_path / f"table.{kind}"
    np.save(path, table) if kind == "npy" else np.savez(path, table)
    with pytest.raises(WordTensorError, match=said):
        read_group(path)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "dtype", ["<f8", ">f4", "f2", "g", "c8", "c16", ">i4", "<u2", "u8", "u1", "U3"]
)
@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_arrays_of_whole_numbers_or_labels(tmp_path, dtype, kind):
    path, table = tmp_path / f"table.{kind}", np.array(C3).astype(dtype)
    np.save(path, table) if kind == "npy" else np.savez(path, table)
    assert read_group(path).cayley.tolist() == C3


@pytest.mark.filterwarnings("error")
def test_half_precision_cannot_count_to_every_order(tmp_path):
    table = np.add.outer(np.arange(2100), np.arange(2100)) % 2100
    np.save(tmp_path / "t.npy", table.astype(np.float16))
    with pytest.raises(WordTensorError, match=r"not closed|twice"):
        read_group(tmp_path / "t.npy")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("labels", ["012", "éab"])
@pytest.mark.parametrize("encoding", [
    "utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32",
])  # fmt: skip
def test_text_is_utf_8_or_refused_with_what_to_do(encoding, labels, ends, tmp_path):
    path = tmp_path / "t.csv"
    rows = [",".join(labels[g] for g in row) for row in C3]
    path.write_bytes(ends.join(rows).encode(encoding))
    if encoding.startswith("utf-8") or (encoding == "latin-1" and labels == "012"):
        assert read_group(path).cayley.tolist() == C3
        assert read_group(path).labels == tuple(labels)
    else:
        with pytest.raises(FileFormatError, match=r"t\.csv.*save it as UTF-8"):
            read_group(path)


def test_an_archive_of_several_arrays_names_them(tmp_path):
    np.savez(tmp_path / "t.npz", table=C3, more=C3)
    with pytest.raises(FileFormatError, match="no array 'cayley'; there are 'table', 'more'"):
        read_group(tmp_path / "t.npz")
    with pytest.raises(FileFormatError, match=r"Cannot read .*t\.npz"):
        read_group(tmp_path / "t.npz")


def test_an_archive_keeps_the_labels_beside_its_table(tmp_path):
    np.savez(tmp_path / "t.npz", cayley=C3, labels=np.array(["e", "a", "b"]))
    assert read_group(tmp_path / "t.npz").labels == ("e", "a", "b")


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_numbers_that_were_cut_to_a_byte_are_refused(tmp_path, dtype):
    """What 256 became is none of the elements of a group, and one of the values of a table."""
    table = np.add.outer(np.arange(300), np.arange(300)) % 300
    np.save(tmp_path / "t.npy", table.astype(dtype))
    for read in (read_group, wt.value_table):
        with pytest.raises(WordTensorError, match="larger ones were cut; save them as int32"):
            read(tmp_path / "t.npy")
    np.save(tmp_path / "t.npy", (table % 100).astype(dtype))
    assert wt.value_table(tmp_path / "t.npy").size == 300


def write(table: np.ndarray, labels: list[str], way: str) -> str:
    """Write a table as somebody would."""
    named = [[labels[g] for g in row] for row in table]
    match way:
        case "numbers":
            return "\n".join(",".join(map(str, row)) for row in table)
        case "from 1":
            return str((table + 1).tolist())
        case "border":
            rows = [["*", *labels], *([a, *row] for a, row in zip(labels, named, strict=True))]
            return "\n".join(";".join(row) for row in rows)
        case "sage":
            lines = ["*  " + " ".join(labels), " +" + "-" * 9]
            lines += [f"{a}| " + " ".join(row) for a, row in zip(labels, named, strict=True)]
            return "\n".join(lines)
        case _:
            return "\n".join("\t".join(row) for row in [labels, *named])


@given(
    st.sampled_from(["C3", "Q8", "S3", "C4:C4[3]", "C2"]),
    st.sampled_from(["numbers", "from 1", "border", "sage", "header"]),
    st.integers(0, 1000),
)
def test_every_way_of_writing_gives_the_same_table(name, way, seed):
    """Whatever the order of the elements: the identity may be anywhere."""
    G = wt.group(name)
    place = np.random.default_rng(seed).permutation(G.order)
    table = np.empty_like(G.cayley)
    table[np.ix_(place, place)] = place[G.cayley]
    read = read_rows(TextRows(write(table, [f"g{k}" for k in range(G.order)], way)), None)
    np.testing.assert_array_equal(read.table, table)


@settings(deadline=None)
@given(st.text(alphabet="01234ea*+-.,;|\t \n[]{}()\"'#", max_size=60))
def test_no_text_gives_anything_but_a_table_or_a_sentence(text):
    try:
        written = read_rows(TextRows(text), None)
        G = wt.Group.from_cayley(written.table, labels=written.labels)
    except GroupError as error:
        assert "\n" not in str(error)
    else:
        assert wt.Group.from_cayley(G.cayley) == G


def test_a_table_of_json_is_estimated_before_it_is_parsed(tmp_path):
    path = tmp_path / "t.json"
    path.write_text(json.dumps(np.array(wt.group("C60").cayley).tolist()))
    assert read_group(path) == wt.group("C60")
    with wt.memory_limit(1e-4), pytest.raises(MemoryLimitError, match=r"t\.json"):
        read_group(path)


def test_labels_and_names_of_files_are_stored_escaped(tmp_path):
    path = tmp_path / "evil\x1b[2J.json"
    path.write_text(json.dumps({"cayley": [[0, 1], [1, 0]], "labels": ["e", "\x1b[31m\u202e\n"]}))
    G = read_group(path)
    assert G.name == "evil\\x1b[2J"
    assert G.labels == ("e", "\\x1b[31m\\u202e\\n")
    with pytest.raises(GroupError, match="distinct"):
        wt.Group.from_cayley([[0, 1], [1, 0]], labels=["\n", "\\n"])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "json", "npy"])
def test_the_largest_table_is_read(tmp_path, kind):
    G = wt.group("D2520")
    path = tmp_path / f"largest.{kind}"
    match kind:
        case "npy":
            np.save(path, G.cayley.astype(np.int64))
        case "json":
            path.write_text(json.dumps(G.cayley.tolist()))
        case _:
            np.savetxt(path, G.cayley, fmt="%d", delimiter=",")
    assert read_group(path) == G


@pytest.mark.parametrize("name", ["Q8", "C7:C3", "C3"])
def test_the_table_of_a_saved_decomposition_keeps_the_name_and_the_labels(name, tmp_path):
    path = tmp_path / "saved.npz"
    wt.decompose("a*b", name).save(path)
    G = read_group(path)
    assert (G.name, G.labels) == (wt.group(name).name, wt.group(name).labels)


PADDED = {
    "00,01,10,11\n01,00,11,10\n10,11,00,01\n11,10,01,00\n": (("00", "01", "10", "11"), "V4"),
    ",00,01,10,11\n00,00,01,10,11\n01,01,00,11,10\n10,10,11,00,01\n11,11,10,01,00\n": (
        ("00", "01", "10", "11"),
        "V4",
    ),
    "0,00,01,1\n00,01,1,0\n01,1,0,00\n1,0,00,01\n": (("0", "00", "01", "1"), "C4"),
    "012,120,201\n120,201,012\n201,012,120\n": (("012", "120", "201"), "C3"),
    "00,01,02\n02,00,01\n01,02,00\n": (None, None),  # plain numbers, and no group in that order
    "00,01,02\n01,02,00\n02,00,01\n": (("0", "1", "2"), "C3"),
}


@pytest.mark.parametrize("text", PADDED)
def test_zeros_before_a_number_make_a_label_unless_all_are_indices(tmp_path, text):
    labels, name = PADDED[text]
    (tmp_path / "t.csv").write_text(text)
    if name is None:
        with pytest.raises(GroupError):
            read_group(tmp_path / "t.csv")
        return
    G = read_group(tmp_path / "t.csv")
    assert identify(G).name == name
    assert G.labels == labels or labels == ("0", "1", "2")


def test_elements_with_zeros_before_them_are_listed_in_their_order(tmp_path):
    names = ["10", "00", "11", "01"]
    table = [
        ["00", "10", "01", "11"],
        ["10", "00", "11", "01"],
        ["01", "11", "00", "10"],
        ["11", "01", "10", "00"],
    ]
    (tmp_path / "t.json").write_text(json.dumps({"elements": names, "cayley": table}))
    G = read_group(tmp_path / "t.json")
    assert G.labels == tuple(names) and G.labels[G.identity] == "00"
