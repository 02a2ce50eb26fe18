/* Tables that are sorted by a click on a column and filtered by words and comparisons. */
"use strict";
(() => {
  const value = (cell) => {
    const text = cell?.dataset.sort ?? cell?.textContent ?? "";
    const number = Number(text);
    return text.trim() !== "" && !Number.isNaN(number) ? number : text;
  };

  const compare = (one, other) => {
    if (one === "" || other === "") return (one === "") - (other === ""); /* empty cells last */
    if (typeof one === "number" && typeof other === "number") return one - other;
    return String(one).localeCompare(String(other), undefined, { numeric: true });
  };

  const sort = (table, column, button) => {
    const up = button.dataset.order !== "up";
    table.querySelectorAll("th button").forEach((each) => delete each.dataset.order);
    table.querySelectorAll("th").forEach((each) => each.removeAttribute("aria-sort"));
    button.dataset.order = up ? "up" : "down";
    button.parentElement.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [value(row.cells[column]), row]);
    keyed.sort(([one], [other]) => {
      if (one === "" || other === "") return compare(one, other);
      return up ? compare(one, other) : compare(other, one);
    });
    body.append(...keyed.map(([, row]) => row));
  };

  const condition = (word, names) => {
    const found = /^(.+?)(<=|>=|<|>|=)(.+)$/.exec(word);
    const column = found ? names.indexOf(found[1].toLowerCase()) : -1;
    if (column < 0) {
      const text = word.toLowerCase();
      return (row) => row.textContent.toLowerCase().includes(text);
    }
    const limit = Number(found[3]), sign = found[2];
    return (row) => {
      const own = value(row.cells[column]);
      if (sign === "=" && Number.isNaN(limit)) {
        return String(own).toLowerCase() === found[3].toLowerCase();
      }
      if (typeof own !== "number") return false;
      if (sign === "<") return own < limit;
      if (sign === ">") return own > limit;
      if (sign === "<=") return own <= limit;
      return sign === ">=" ? own >= limit : own === limit;
    };
  };

  const show = (table) => {
    const input = document.querySelector(`[data-filter="${table.id}"]`);
    const names = [...table.tHead.rows[0].cells].map((each) => each.textContent.toLowerCase());
    const words = input ? input.value.trim().split(/\s+/).filter(Boolean) : [];
    const conditions = words.map((word) => condition(word, names));
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const chosen = !table.only || table.only.has(row.dataset.key);
      row.hidden = !chosen || !conditions.every((holds) => holds(row));
      shown += !row.hidden;
    }
    const count = input?.parentElement.querySelector("output");
    if (count) count.textContent = `${shown} of ${table.tBodies[0].rows.length} rows`;
  };

  dlrun.only = (id, keys) => {
    const table = document.getElementById(id);
    if (!table) return;
    table.only = keys;
    show(table);
  };

  document.querySelectorAll("table.sortable").forEach((table) => {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = head.querySelector("button");
      button?.addEventListener("click", () => sort(table, column, button));
    });
  });
  document.querySelectorAll("[data-filter]").forEach((input) => {
    const table = document.getElementById(input.dataset.filter);
    input.addEventListener("input", () => show(table));
    show(table);
  });
})();
