"""The text tables that everything prints with."""

from wordtensor._text import cut_table, text_table


def test_numbers_stand_to_the_right_and_text_to_the_left():
    table = text_table(["block", "rank"], [["<2,2,2>", 7], ["<1,1,1>", 1]])
    assert table.splitlines() == ["block    rank", "<2,2,2>     7", "<1,1,1>     1"]


def test_a_long_table_says_how_many_rows_are_left_out():
    lines = cut_table(["k"], [[k] for k in range(42)]).splitlines()
    assert lines[-1] == "and 2 more; to_dict() or --json lists them all"
