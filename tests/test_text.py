"""The text tables that everything prints with."""

import pytest

from wordtensor._text import cut_table, listed, printable, size_text, text_table


def test_numbers_stand_to_the_right_and_text_to_the_left():
    table = text_table(["block", "rank"], [["<2,2,2>", 7], ["<1,1,1>", 1]])
    assert table.splitlines() == ["block    rank", "<2,2,2>     7", "<1,1,1>     1"]


def test_a_long_table_says_how_many_rows_are_left_out():
    lines = cut_table(["k"], [[k] for k in range(42)]).splitlines()
    assert lines[-1] == "and 2 more; to_dict() or --json lists them all"


def test_what_a_terminal_obeys_is_written_out():
    assert printable("\x1b[2J\x07\x9b\x7f\r\n") == r"\x1b[2J\x07\x9b\x7f\r\n"
    assert printable("a\u202eb\u2066\u200f\u2028\ud800") == r"a\u202eb\u2066\u200f\u2028\ud800"
    plain = "C3 \N{MULTIPLICATION SIGN} Q8, é, 群, <2,2,2>_C\N{NO-BREAK SPACE}[a,b] \\ "
    assert printable(plain) == plain
    assert printable("a\nb\tc", keep="\n") == "a\nb\\tc"


def test_no_cell_of_a_table_breaks_its_line():
    assert text_table(["name"], [["two\nlines\x1b[0m"]]) == "name\n" + r"two\nlines\x1b[0m"


@pytest.mark.parametrize("count, text", [
    (0, "0 bytes"), (1, "1 byte"), (0.4, "1 byte"), (1023, "1023 bytes"), (1024, "1 KiB"),
    (1075, "1.05 KiB"), (2**20 - 1, "1 MiB"), (1000 * 2**10, "1000 KiB"), (2**29, "512 MiB"),
    (4 * 2**30, "4 GiB"), (21.5 * 2**30, "21.5 GiB"), (2**42, "4096 GiB"), (1e30, "9.31e+20 GiB"),
])  # fmt: skip
def test_sizes_have_a_unit_that_fits(count, text):
    assert size_text(count) == text


def test_lists_in_messages_are_short_and_obey_no_one():
    assert listed(["b", "a", "\x1b[2J"]) == r"'b', 'a', '\x1b[2J'"
    assert listed([]) == "none"
    many = listed(f"{k}" * 100 for k in range(10))
    assert many.endswith("7...' and 2 more")
    assert len(many) < 600
