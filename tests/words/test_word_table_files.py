"""Files with tables of values: the forms that people have, and what is refused in one line."""

import json

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.errors import FileFormatError, TableError
from wordtensor.words import value_table

LOOP5 = [[0, 1, 2, 3, 4], [1, 0, 3, 4, 2], [2, 4, 0, 1, 3], [3, 2, 4, 0, 1], [4, 3, 1, 2, 0]]
LETTERS = [["eabcd"[k] for k in row] for row in LOOP5]
FROM_ONE = [[k + 1 for k in row] for row in LOOP5]


def lines(rows, sign=","):
    return "\n".join(sign.join(map(str, row)) for row in rows) + "\n"


def bordered(rows, names, corner="*"):
    return [[corner, *names], *([name, *row] for name, row in zip(names, rows, strict=True))]


# What a file of the loop of order 5 may be: its name, its text, and the labels of its elements.
FORMS = {
    "plain.csv": (lines(LOOP5), "01234"),
    "tabs.tsv": (lines(LOOP5, "\t"), "01234"),
    "blanks.txt": (lines(LOOP5, " "), "01234"),
    "brackets.txt": (str(LOOP5), "01234"),
    "gap.txt": (str(FROM_ONE), "12345"),
    "letters.csv": (lines(LETTERS), "eabcd"),
    "header.csv": (lines(bordered(LETTERS, "eabcd")), "eabcd"),
    "sage.txt": (lines(bordered(LETTERS, "eabcd"), " ").replace("\n", "\n+----\n", 1), "eabcd"),
    "short.txt": (lines(bordered(LETTERS, "eabcd"), " ")[1:], "eabcd"),
    "indices.csv": (lines(bordered(LOOP5, "eabcd")), "eabcd"),
    "floats.csv": (lines([[f"{k}.0" for k in row] for row in LOOP5]), "01234"),
    "trailing.csv": (lines([[*row, ""] for row in LOOP5]), "01234"),
    "list.json": (json.dumps(LOOP5), "01234"),
    "named.json": (json.dumps({"values": LETTERS, "labels": list("eabcd")}), "eabcd"),
    "title.csv": (lines([["loop", *"eabcd"], *bordered(LETTERS, "eabcd")[1:]]), "eabcd"),
    "header_alone.csv": (lines([[*"eabcd"], *LETTERS]), "eabcd"),
    "elements_from_one.json": (json.dumps({"table": FROM_ONE, "elements": list("eabcd")}), "eabcd"),
    "other.json": (json.dumps({"loop": LOOP5, "order": 5}), "01234"),
}


NOTED = {"title.csv", "header_alone.csv", "elements_from_one.json"}


@pytest.mark.parametrize("name", FORMS)
def test_a_loop_in_every_form(tmp_path, name):
    text, labels = FORMS[name]
    (tmp_path / name).write_text(text)
    table = value_table(tmp_path / name)
    assert table.values.tolist() == LOOP5
    assert table.kind == "loop"
    assert table.labels == tuple(labels)
    assert table.name == name.split(".")[0]
    assert bool(table.notes) == (labels == "12345" or name in NOTED)
    assert value_table(str(tmp_path / name)) == table


def test_arrays(tmp_path):
    np.save(tmp_path / "a.npy", np.array(LOOP5))
    np.savez(tmp_path / "b.npz", values=np.array(LOOP5, dtype=float), more=np.zeros(3))
    np.savez(tmp_path / "c.npz", np.array(LETTERS))
    for name in ("a.npy", "b.npz", "c.npz"):
        assert value_table(tmp_path / name).values.tolist() == LOOP5


@pytest.mark.parametrize("name", ["C3", "S3", "Q8"])
def test_a_saved_decomposition_and_a_cayley_table_hold_a_group(tmp_path, name):
    G = wt.group(name)
    wt.decompose("a*b", name).save(tmp_path / "d.npz")
    (tmp_path / "e.json").write_text(json.dumps({"cayley": G.cayley.tolist()}))
    for file in ("d.npz", "e.json"):
        assert value_table(tmp_path / file).group() == G


def test_rows_in_another_order_than_columns(tmp_path):
    rows = bordered(LETTERS, "eabcd")
    (tmp_path / "t.csv").write_text(lines([rows[0], *reversed(rows[1:])]))
    assert value_table(tmp_path / "t.csv").values.tolist() == LOOP5


def test_other_values_are_numbered_in_sorted_order_and_said(tmp_path):
    for text, labels, values in (
        ("10,9.5,-2\n9.5,10,10\n", ("-2", "9.5", "10"), [[2, 1, 0], [1, 2, 2]]),
        ("red,blue\nblue,green\n", ("blue", "green", "red"), [[2, 0], [0, 1]]),
        ("1/3;1/2\n1/2;1/2\n1/2;1/2\n", ("1/2", "1/3"), [[1, 0], [0, 0], [0, 0]]),
    ):
        (tmp_path / "t.csv").write_text(text)
        table = value_table(tmp_path / "t.csv")
        assert (table.labels, table.values.tolist(), table.kind) == (labels, values, "table")
        assert f"numbered in sorted order: {', '.join(labels)}" in table.notes[0]


def test_a_quotient_with_its_arguments_beside_it(tmp_path):
    made = value_table("x/y mod 5")
    (tmp_path / "t.csv").write_text(
        lines([["x\\y", *made.columns], *([x, *row] for x, row in enumerate(made.values))])
    )
    read = value_table(tmp_path / "t.csv")
    assert read == made
    assert (read.rows, read.columns) == (made.rows, made.columns)


def test_a_header_above_numbers_is_said(tmp_path):
    (tmp_path / "t.csv").write_text("left,right\n0,1\n1,1\n0,0\n")
    table = value_table(tmp_path / "t.csv")
    assert (table.shape, table.columns) == ((3, 2, 2), ("left", "right"))
    assert "names of the columns" in table.notes[0]


def test_numbers_beside_a_table_are_no_names_of_its_indices(tmp_path):
    """x*y mod 3 for x and y from 1 to 3: the value 1 is no element, and not the second one."""
    (tmp_path / "t.csv").write_text(",1,2,3\n1,1,2,0\n2,2,1,0\n3,0,0,0\n")
    table = value_table(tmp_path / "t.csv")
    assert (table.kind, table.labels, table.rows) == ("table", ("0", "1", "2"), ("1", "2", "3"))
    assert table.values.tolist() == [[1, 2, 0], [2, 1, 0], [0, 0, 0]]


def test_a_sign_in_the_corner_is_no_value(tmp_path):
    for sign in "&|∧#-%":
        (tmp_path / "t.csv").write_text(f"{sign},F,U,T\nF,F,F,F\nU,F,U,U\nT,F,U,T\n")
        table = value_table(tmp_path / "t.csv")
        assert (table.kind, table.labels) == ("operation", ("F", "U", "T"))


def test_signs_are_values(tmp_path):
    (tmp_path / "t.csv").write_text("+,-\n-,-\n")
    assert value_table(tmp_path / "t.csv").shape == (2, 2, 2)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"0,1\n1\n", "row 1 (line 2) has 1 entries and row 0 has 2"),
        ("b.csv", b"0,1\n1,0\n1,0,1\n", "row 2 (line 3) has 3 entries"),
        ("c.txt", b"", "there are no rows"),
        ("d.txt", b"hello", "one entry, 'hello', is no table"),
        ("e.csv", b"1,nan\n2,3\n", "numbers and texts, such as"),
        ("f.json", b'{"values": [[0, null]]}', "row 0 holds None"),
        ("g.json", b"[[0, true]]", "row 0 holds True"),
        ("h.json", b'{"a": [[0]], "b": [[0]]}', "not one table alone: 'a', 'b'"),
        ("i.json", b"[0, 1]", "list of rows"),
        ("j.csv", b"*,a,a\na,a,a\na,a,a\n", "different name each"),
        ("k.txt", b"[[0,1],[1,0]] and more", "outside of the inner brackets"),
        ("l.csv", b"0\x00,\x001\x00", "UTF-16"),
        ("m.csv", b"\xff\xfe1", "another encoding"),
        ("n.npy", b"no array", "damaged"),
        ("o.json", b"[[1e999, 1]]", "entry inf is no number"),
        ("p.csv", (",".join(["1"] * 6000) + "\n").encode(), "more than 5040 rows or columns"),
        ("q.csv", b"1\n" * 6000, "more than 5040 rows or columns"),
        ("s.csv", b"0,1,2\n1,,2\n", "row 1, column 1 (line 2) is empty"),
        ("t.txt", b"abc\nbca\ncab\n", "put commas or blanks between entries"),
        ("u.csv", b"0,0,0\n0,1,1\n1,0,1\n1,1,0\n", "a list of x, y and value"),
        ("v.csv", b"0,1,2\n1,1,2\n2,2,1\n", "may be a header, or values as well"),
        ("w.csv", b"z,a,b\na,a,a\nb,a,b\n", "may be a header, or values as well"),
        ("x.txt", b"0 1 ... 9\n1 2 ... 0\n", "cut short"),
        ("r.dat", b"0 1", "must be a file .npy"),
    ],
)
def test_wrong_files_are_refused_in_one_line(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises((TableError, FileFormatError)) as error:
        value_table(str(tmp_path / name))
    assert said in str(error.value)
    assert str(tmp_path / name) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileFormatError, match=r"missing\.csv"):
        value_table(str(tmp_path / "missing.csv"))


def test_another_kind_of_file_is_named(tmp_path):
    (tmp_path / "s.json").write_text('{"n": 1, "m": 1, "p": 1, "u": [], "v": [], "w": []}')
    with pytest.raises(FileFormatError, match="a file of schemes, not a table of values"):
        value_table(tmp_path / "s.json")


def test_many_values_are_refused_before_memory_is_taken(tmp_path):
    np.save(tmp_path / "t.npy", np.arange(300 * 300).reshape(300, 300))
    with pytest.raises(TableError, match="more than 5040 different values"):
        value_table(tmp_path / "t.npy")
