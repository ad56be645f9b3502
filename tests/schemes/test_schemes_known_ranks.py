"""``read_known_ranks``: tables of the literature's ranks as people have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordtensor.errors import FileFormatError
from wordtensor.schemes import read_known_ranks


@pytest.fixture
def table(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "ranks.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize(
    "text",
    [
        "n,m,p,rank_Q\n3,4,5,47\n2,2,2,7\n",
        'p,n,rank_F2,m,Rank-Q,source\n3,5,44,4,47,a\n2,2,7,2,7,"b, c"\n',
        "# ours\n\nn;m;p;best known\n\n5;4;3;47\n2;2;2;7\n",
        "n\tm\tp\trank\r\n4\t3\t5\t47\r\n2\t2\t2\t7\r\n",
        "n,m,p,rank\n3,4,5,48\n5,4,3,47\n2,2,2,7\n9,9,9,?\n9,9,8,\n",
    ],
)
def test_what_is_read(table, text):
    for encoding in ("utf-8", "utf-8-sig"):
        assert read_known_ranks(table(text, encoding)) == {(3, 4, 5): 47, (2, 2, 2): 7}


def test_the_ring_chooses_the_column(table):
    path = table("n,m,p,rank_ZT,rank_Z,rank_Q,rank_best_any\n4,4,4,49,48,48,47\n")
    found = [read_known_ranks(path, ring)[4, 4, 4] for ring in ("ZT", "Z", "Q")]
    assert found == [49, 48, 48]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column 'n', 'm', 'p', 'rank_Q': it names none"),
        ("n,m,p,rank_F2\n4,4,4,47", "no column 'rank_Q': it names 'n', 'm', 'p', 'rank_F2'"),
        ("n,m,p,rank\n", "no line with a rank"),
        ("n,m,p,rank\n2,2,2,7\n3,3,23", "line 3 has 3 cells, and the first line 4"),
        ("n,m,p,rank\n\n2,x,2,7", "line 3 has 'x', where a whole number"),
        ("n,m,p,rank\n2,0,2,7", "line 2 has '0'"),
        ("n,m,p,rank\n2,2,2,-7", "line 2 has '-7'"),
        ("n,m,p,rank\n2,2,2,9", "line 2 says rank 9 of <2,2,2>, which lies between 4 and 8"),
        ("n,m,p,rank\n2,2,2,3", "line 2 says rank 3"),
        ("n,m,p,rank\n2,2,20000,80000", "line 2 has a size 20000, above 10000"),
    ],
)
def test_what_is_refused(table, text, said):
    with pytest.raises(FileFormatError) as caught:
        read_known_ranks(table(text))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "ranks.csv"
    path.write_bytes(b"n,m,p,rank\n\xff\xfe")
    with pytest.raises(FileFormatError, match="no table of ranks"):
        read_known_ranks(path)


@given(st.text("nmprank_Q,;\t\n\"'0123456789-?# ", max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text(f"n,m,p,rank\n{text}")
    try:
        known = read_known_ranks(path)
    except FileFormatError:
        return
    assert all(b * c <= rank <= a * b * c and a <= b <= c for (a, b, c), rank in known.items())
