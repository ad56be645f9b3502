"""The atlas as one page that sorts and filters without a network."""

import json
from collections.abc import Sequence
from html import escape
from string import Template
from typing import Final

_PAGE: Final = Template("""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Atlas of word tensors</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem; color: #222; }
table { border-collapse: collapse; } th, td { padding: .25rem .6rem; text-align: left; }
th { cursor: pointer; border-bottom: 2px solid #888; position: sticky; top: 0; background: #fff; }
td { border-bottom: 1px solid #ddd; vertical-align: top; } .wide { overflow-x: auto; }
input { font: inherit; padding: .3rem; width: min(30rem, 90%); }
</style></head><body>
<h1>Atlas of word tensors</h1>
<p>Each line is one tensor T[a, b, w(a, b)] up to relabelling, with a shortest word for it over the
smallest group that has it. The rank is the number of terms that are known, the lower bound is
proved over the real numbers. $settled of $count entries are settled: the two are equal.</p>
<p><label>Show lines with <input id="filter" placeholder="S3, [a,b], exact ..."></label>
<span id="shown"></span></p>
<div class="wide"><table><thead><tr>$heads</tr></thead><tbody id="rows"></tbody></table></div>
<script>
const rows = $rows;
const body = document.getElementById("rows"), filter = document.getElementById("filter");
let column = 0, up = true, order = rows.map((_, k) => k);
function show() {
  const wanted = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
  body.textContent = "";
  let count = 0;
  for (const k of order) {
    const text = rows[k].join(" ").toLowerCase();
    if (!wanted.every(word => text.includes(word))) continue;
    const line = body.insertRow();
    for (const value of rows[k]) line.insertCell().textContent = value;
    count += 1;
  }
  document.getElementById("shown").textContent = count + " of " + rows.length;
}
document.querySelectorAll("th").forEach((head, k) => head.addEventListener("click", () => {
  up = k === column ? !up : true;
  column = k;
  order.sort((a, b) => {
    const x = rows[a][k], y = rows[b][k];
    const way = typeof x === "number" ? x - y : String(x).localeCompare(String(y));
    return up ? way : -way;
  });
  show();
}));
filter.addEventListener("input", show);
show();
</script></body></html>
""")


def page(heads: Sequence[str], rows: Sequence[Sequence[object]], settled: int) -> str:
    """Return the page with one line for each entry."""
    return _PAGE.substitute(
        settled=settled,
        count=len(rows),
        heads="".join(f"<th>{escape(head)}</th>" for head in heads),
        rows=json.dumps(rows).replace("</", "<\\/"),
    )
