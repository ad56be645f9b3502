"""The site's tables, clicked in a headless Chromium from file://, as a reader would."""

import json
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PAGE = """<!DOCTYPE html><meta charset="utf-8"><script src="{script}"></script>{table}
<pre id="out"></pre><script>
const shown = (column) => [...document.querySelectorAll("tbody tr")].filter((row) => !row.hidden)
  .map((row) => row.cells[column].textContent);
const head = (column) => document.querySelectorAll("th")[column];
const sort = (column) => {{ head(column).querySelector("button").click(); return shown(column); }};
const status = () => document.querySelector("[role=status]").textContent;
const filter = (text) => {{
  const field = document.querySelector("input[type=search]");
  field.value = text;
  field.dispatchEvent(new Event("input"));
}};
document.addEventListener("DOMContentLoaded", () => {{
  const result = (() => {{ {actions} }})();
  document.getElementById("out").textContent = JSON.stringify(result);
}});
</script>"""


@pytest.fixture
def browse(tmp_path):
    """Load a table with the site's script, do something with it, and return what came of it."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")

    def run(table, actions):
        path, script = tmp_path / "page.html", DOCS / "_static" / "tables.js"
        path.write_text(PAGE.format(table=table, actions=actions, script=script.as_uri()))
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
        command += [f"--user-data-dir={tmp_path / 'user'}", path.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        return json.loads(unescape(re.search('<pre id="out">(.*?)</pre>', done.stdout)[1]))

    return run


def table(*columns):
    """Write columns of cells as a table."""
    heads = "".join(f"<th>c{k}</th>" for k in range(len(columns)))
    rows = ["".join(f"<td>{cell}</td>" for cell in row) for row in zip(*columns, strict=True)]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table class="sortable"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


ORDERED = {
    "times": ["797 ns", "10.5 µs", "2 ms", "9.02 ms", "1.5 s", "never"],
    "bytes": ["28.2 MB", "64 MiB", "368 MB", "1.2 GB"],
    "thousands": ["7", "90", "1,526", "20 000", "330000000", "∞"],
    "small": ["1.0e-16", "2e-4", "0.315", "1", "3.5"],
    "ranges": ["-3", "0", "15", "23 to 27"],
    "sizes": ["&lt;2,2,2&gt;", "&lt;2,2,10&gt;", "&lt;2,10,2&gt;", "&lt;10,1,1&gt;"],
    "shapes": ["3x6x6", "6x6x6", "12x2x2"],
    "groups": ["C2", "C10", "D4", "S3"],
    "gaps": ["1", "2", "-", ""],
}


def test_columns_are_sorted_by_what_they_hold(browse):
    longest = max(map(len, ORDERED.values()))
    columns = [[*cells, *[""] * (longest - len(cells))][::-1] for cells in ORDERED.values()]
    up = browse(
        table(*columns), "return [...document.querySelectorAll('th')].map((_, k) => sort(k))"
    )
    for name, found in zip(ORDERED, up, strict=True):
        expected = [unescape(cell) for cell in ORDERED[name] if cell not in ("", "-")]
        assert found[: len(expected)] == expected, name
        assert set(found[len(expected) :]) <= {"", "-"}, name


def test_a_second_click_turns_the_order_round_and_says_so(browse):
    found = browse(
        table(["1", "", "3", "2"], ["a", "b", "c", "d"]),
        "const said = () => [0, 1].map((k) => head(k).getAttribute('aria-sort'));"
        "return [said(), sort(0), said(), sort(0), said(), sort(1), said()]",
    )
    none, up, down = [None, None], ["ascending", None], ["descending", None]
    assert found[:3] == [none, ["1", "2", "3", ""], up]
    assert found[3:5] == [["3", "2", "1", ""], down]
    assert found[5:] == [["a", "b", "c", "d"], [None, "ascending"]]


def test_the_filter_takes_all_words_and_counts(browse):
    found = browse(
        table(["C3", "Q8", "S4", "A4"], ["exact", "Exact", "numerical", "exact"]),
        "const seen = [status()];"
        "for (const text of ['exact', 'EXACT q8', 'nothing', ' ']) {"
        "  filter(text); seen.push([shown(0), status()]); }"
        "filter('exact'); seen.push(sort(0)); return seen",
    )
    assert found == [
        "4 rows",
        [["C3", "Q8", "A4"], "3 of 4 rows"],
        [["Q8"], "1 of 4 rows"],
        [[], "0 of 4 rows"],
        [["C3", "Q8", "S4", "A4"], "4 rows"],
        ["A4", "C3", "Q8"],
    ]


def test_a_long_table_shows_its_first_rows_until_asked(browse):
    numbers = [str(k) for k in range(200, 0, -1)]
    found = browse(
        table(numbers, ["even" if int(k) % 2 == 0 else "odd" for k in numbers]),
        "const more = document.querySelector('.table-more'), seen = [shown(0), status()];"
        "sort(0); seen.push(shown(0));"
        "filter('odd'); seen.push(shown(0), status(), more.textContent);"
        "more.click(); seen.push(shown(0).length, more.hidden);"
        "seen.push(document.activeElement.textContent);"
        "filter(''); seen.push(status()); return seen",
    )
    assert found[:2] == [numbers[:50], "200 rows, the first 50 are shown"]
    assert found[2] == [str(k) for k in range(1, 51)]
    assert found[3] == [str(k) for k in range(1, 101, 2)]
    assert found[4:6] == ["100 of 200 rows, the first 50 are shown", "Show all 100 rows"]
    assert found[6:] == [100, True, "101odd", "200 rows"]


def test_what_a_screen_reader_and_a_keyboard_find(browse):
    found = browse(
        table(["1", "2"]),
        "const field = document.querySelector('input');"
        "const box = document.querySelector('.table-scroll');"
        "head(0).querySelector('button').focus();"
        "return [field.labels[0].textContent, head(0).textContent, document.activeElement.tagName,"
        "  box.tabIndex, box.getAttribute('role'), box.getAttribute('aria-label').length > 0]",
    )
    assert found == ["Filter the rows", "c0", "BUTTON", 0, "region", True]


@pytest.fixture
def atlas_table(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(DOCS / "_ext"), *sys.path])
    return pytest.importorskip("atlas_table")


def test_the_atlas_is_whole_and_light(atlas_table):
    from wordtensor.atlas import default_atlas, lookup

    text = atlas_table.table()
    assert text.count("<tr>") == len(default_atlas()) + 1
    assert len(text.encode()) < 600_000
    entry = lookup("a*b", "Q8")
    assert "".join(f"<td>{cell}" for cell in atlas_table.cells(entry)) in text


def test_the_atlas_sorts_and_filters(browse, atlas_table):
    found = browse(
        atlas_table.table(),
        "const seen = [shown(0).length, status()]; filter('Q8 exact'); sort(3); sort(3);"
        "document.querySelector('.table-more')?.click();"
        "seen.push(shown(3).map(Number)); filter('D7'); sort(5); sort(5);"
        "seen.push(shown(5).map(Number)); return seen",
    )
    count = len(atlas_table.default_atlas())
    assert found[:2] == [50, f"{count} rows, the first 50 are shown"]
    assert found[2] == sorted(found[2], reverse=True) and max(found[2]) >= 12
    gaps = [entry.gap for entry in atlas_table.default_atlas() if entry.group == "D7"]
    assert found[3] == sorted(found[3], reverse=True) and found[3][0] >= max(gaps)
