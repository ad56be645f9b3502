// Tables of class "sortable": a click on a heading sorts, and a field above filters the rows.
"use strict";

// 12, 1.5 and "30 of 47" by their first number; all else as text.
function cellKey(row, column) {
  const text = row.cells[column]?.textContent.trim() ?? "";
  const number = parseFloat(text.replace(/[<⟨≥~,\s]/g, (c) => (c === "," ? "." : "")));
  return { text, number };
}

function compareRows(column, sign) {
  return (left, right) => {
    const a = cellKey(left, column), b = cellKey(right, column);
    if (!Number.isNaN(a.number) && !Number.isNaN(b.number) && a.number !== b.number) {
      return sign * (a.number - b.number);
    }
    return sign * a.text.localeCompare(b.text, undefined, { numeric: true });
  };
}

function makeSortable(table) {
  const body = table.tBodies[0], headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    heading.tabIndex = 0;
    const sort = () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      body.append(...[...body.rows].sort(compareRows(column, down ? -1 : 1)));
    };
    heading.addEventListener("click", sort);
    heading.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
  });
  const field = document.createElement("input");
  field.type = "search";
  field.placeholder = "Filter the rows";
  field.setAttribute("aria-label", "Filter the rows");
  field.className = "form-control table-filter";
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
  const outer = document.createElement("div");
  outer.className = "table-scroll";
  table.replaceWith(outer);
  outer.append(table);
  outer.before(field);
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("table.sortable").forEach(makeSortable);
});
