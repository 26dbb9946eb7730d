/**
 * Sorts tables by a column: largest or last letter first or last, then back to the order of the run. Promises: a value is read as it is
 * written, so what looks equal keeps the order of the run; "never" is longer than any time; what is no value stays below in both
 * directions; the state is told by aria-sort. Leaves to others: which tables may be sorted (`data-sortable`).
 */

(() => {
  const SIZE = { ms: 1, s: 1000, KB: 1, MB: 1024 };
  const NUMBER = /^[≥≤<>+ ]*\$?(-?[\d,]+(?:\.\d+)?)(?:[\s\u00a0]*(ms|s|KB|MB)(?![a-z]))?/;
  const EMPTY = /^(–|-|not enough|not observed|not measured|not asked|no reads|)$/;

  /** A number, a text in small letters, or null for a cell without a value. */
  function valueIn(cell) {
    if (cell === undefined || cell.colSpan > 1) return null; // a note in place of values
    const text = (cell.dataset.sort ?? cell.textContent).trim();
    if (EMPTY.test(text)) return null;
    if (text === "never") return Number.POSITIVE_INFINITY;
    if (/^under \$/.test(text)) return 0.005;
    const found = NUMBER.exec(text);
    return found === null ? text.toLowerCase() : Number(found[1].replaceAll(",", "")) * (SIZE[found[2]] ?? 1);
  }

  /** Numbers before texts, texts by their letters; -1, 0 or 1. */
  function compare(a, b) {
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return a < b ? -1 : a > b ? 1 : 0;
  }

  function sorted(rows, position, direction) {
    return rows
      .map((row) => ({ row, value: valueIn(row.cells[position]) }))
      .sort((a, b) => {
        if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
        return direction * compare(a.value, b.value);
      })
      .map(({ row }) => row);
  }

  function makeSortable(table) {
    const [body] = table.tBodies;
    const heads = [...(table.tHead?.rows[table.tHead.rows.length - 1].cells ?? [])];
    if (body === undefined || body.rows.length < 2) return;
    const run = [...body.rows];
    const begins = new Set(run.filter((row) => row.classList.contains("begins")));

    function order(head, direction) {
      for (const other of heads) other.setAttribute("aria-sort", "none");
      if (direction !== "none") head.setAttribute("aria-sort", direction);
      const rows = direction === "none" ? run : sorted(run, heads.indexOf(head), direction === "ascending" ? 1 : -1);
      for (const row of rows) row.classList.toggle("begins", direction === "none" && begins.has(row));
      body.append(...rows);
      const how = direction === "none" ? "in the order of the run" : `by ${head.textContent.trim()}, ${direction}`;
      derbyPage.announce(`Sorted ${how}`);
    }

    for (const head of heads) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      if (button.textContent.trim() === "") continue;
      head.append(button);
      head.setAttribute("aria-sort", "none");
      /* Names go up first, numbers down: the worst is what one looks for. */
      const first = head.classList.contains("text") ? "ascending" : "descending";
      const second = first === "ascending" ? "descending" : "ascending";
      const next = { none: first, [first]: second, [second]: "none" };
      button.addEventListener("click", () => order(head, next[head.getAttribute("aria-sort")]));
    }
  }

  for (const table of document.querySelectorAll("table[data-sortable]")) makeSortable(table);
})();
