// Tables of class "sortable": the headings are buttons that sort, a field above filters the rows, and
// of a long table only the first rows are shown until the reader asks for all. Without a script the
// whole table is there in its own order.
"use strict";

(() => {
  const FIRST = 50;
  const NUMBER = new RegExp(
    "^[≥≤~±]?\\s*([-−+]?(?:\\d{1,3}(?:[,\\s]\\d{3})+(?!\\d)|\\d+)(?:\\.\\d+)?(?:e[-+]?\\d+)?)"
    + "\\s*(ns|µs|ms|s|min|h|kB|MB|GB|KiB|MiB|GiB)?(?![\\w^*])", "i");
  const UNITS = {
    ns: 1e-9, "µs": 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600,
    kb: 1e3, mb: 1e6, gb: 1e9, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30,
  };
  const collator = new Intl.Collator(undefined, { numeric: true });

  const textOf = (row, column) => (row.cells[column]?.textContent ?? "").trim();
  const isEmpty = (text) => /^[-–—]?$/.test(text);

  // 12, 1.5 ms, 20 000, ∞ and "23 to 27" by their first number; NaN for what begins otherwise.
  function numberIn(text) {
    if (text === "∞" || text === "never") return Infinity;
    const found = NUMBER.exec(text);
    if (!found) return NaN;
    const value = Number(found[1].replace(/[,\s]/g, "").replace("−", "-"));
    return value * (UNITS[found[2]?.toLowerCase()] ?? 1);
  }

  // A column is sorted by numbers if every cell has one, else as text; empty cells come last.
  function sorted(rows, column, sign) {
    const keys = rows.map((row) => ({ row, text: textOf(row, column) }));
    const filled = keys.filter((key) => !isEmpty(key.text));
    filled.forEach((key) => { key.number = numberIn(key.text); });
    const numeric = filled.every((key) => !Number.isNaN(key.number));
    filled.sort((a, b) => {
      const order = numeric && a.number !== b.number ? a.number - b.number : collator.compare(a.text, b.text);
      return sign * order;
    });
    return [...filled, ...keys.filter((key) => isEmpty(key.text))].map((key) => key.row);
  }

  function element(name, properties) {
    return Object.assign(document.createElement(name), properties);
  }

  function makeSortable(table, number) {
    const body = table.tBodies[0], headings = [...table.tHead.rows[0].cells];
    const texts = new Map([...body.rows].map((row) => [row, row.textContent.toLowerCase()]));
    const field = element("input", { type: "search", id: `table-filter-${number}`, className: "form-control" });
    const label = element("label", { htmlFor: field.id, textContent: "Filter the rows" });
    const status = element("span", { className: "table-status" });
    status.setAttribute("role", "status");
    const more = element("button", { type: "button", className: "table-more btn btn-outline-secondary" });
    let whole = texts.size <= FIRST + 10;

    function show() {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      for (const row of body.rows) {
        const fits = words.every((word) => texts.get(row).includes(word));
        found += fits;
        row.hidden = !fits || (!whole && found > FIRST);
      }
      const cut = !whole && found > FIRST;
      status.textContent = `${found === texts.size ? "" : `${found} of `}${texts.size} rows`
        + (cut ? `, the first ${FIRST} are shown` : "");
      more.hidden = !cut;
      more.textContent = `Show all ${found} rows`;
    }

    headings.forEach((heading, column) => {
      const button = element("button", { type: "button", className: "table-sort" });
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const down = heading.getAttribute("aria-sort") === "ascending";
        headings.forEach((other) => other.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        body.append(...sorted([...body.rows], column, down ? -1 : 1));
        show();
      });
    });
    field.addEventListener("input", show);
    more.addEventListener("click", () => {
      const next = [...body.rows].filter((row) => !row.hidden).length;
      whole = true;
      show();
      // The button is gone: the focus goes on to the first row that it brought.
      const row = [...body.rows].filter((each) => !each.hidden)[next];
      row.tabIndex = -1;
      row.focus();
    });

    const tools = element("div", { className: "table-tools" });
    tools.append(label, field, status);
    const outer = element("div", { className: "table-scroll", tabIndex: 0 });
    outer.setAttribute("role", "region");
    outer.setAttribute("aria-label", "Table; its headings sort it");
    table.replaceWith(outer);
    outer.append(table);
    outer.before(tools);
    outer.after(more);
    show();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("table.sortable").forEach(makeSortable);
  });
})();
