"""The text tables that everything prints with."""

from wordtensor._text import cut_table, text_table


def test_text_text_table():
    assert (
        " ".join(str(text_table(["block", "rank"], [["<2,2,2>", 7], ["<1,1,1>", 1]])).split())
        == "block rank <2,2,2> 7 <1,1,1> 1"
    )


def test_text_cut_table():
    assert (
        cut_table(["k"], [[k] for k in range(42)]).splitlines()[-1]
        == "and 2 more; to_dict() or --json lists them all"
    )
