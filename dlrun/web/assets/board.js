/* The table of all runs: a window of rows, which the server filters and sorts. */
"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const table = find("rows");
  if (!table) return;

  const LIMIT = 100;
  const asked = new URLSearchParams(location.search);
  const query = {
    where: asked.getAll("where"),
    columns: asked.getAll("column"),
    sort: asked.get("sort"),
    reverse: asked.get("reverse") === "1",
    inner: asked.get("inner") === "1",
    offset: Math.max(0, Number.parseInt(asked.get("offset") ?? "0", 10) || 0),
  };
  const selected = new Map(JSON.parse(sessionStorage.getItem("dlrun-selected") ?? "[]"));
  let number = 0;

  const make = (name, text = "", properties = {}) => {
    const element = document.createElement(name);
    element.textContent = text;
    return Object.assign(element, properties);
  };

  const words = () => {
    const found = new URLSearchParams();
    query.where.forEach((each) => found.append("where", each));
    query.columns.forEach((each) => found.append("column", each));
    if (query.sort) found.set("sort", query.sort);
    if (query.reverse) found.set("reverse", "1");
    if (query.inner) found.set("inner", "1");
    if (query.offset) found.set("offset", String(query.offset));
    return found;
  };

  const problem = (text) => {
    find("problem").textContent = text;
    find("problem").hidden = !text;
  };

  const load = async () => {
    const own = ++number, asking = words();
    history.replaceState(null, "", asking.size ? `?${asking}` : location.pathname);
    asking.set("limit", String(LIMIT));
    let answer;
    try {
      answer = await (await fetch(`/api/rows?${asking}`)).json();
    } catch {
      answer = { error: "no connection to dlrun board" };
    }
    if (own !== number) return true; /* a later question is on its way */
    if (answer.error) {
      problem(answer.error);
      return false;
    }
    problem("");
    if (query.offset && query.offset >= answer.matched) {
      query.offset = Math.max(0, Math.floor((answer.matched - 1) / LIMIT) * LIMIT);
      return load();
    }
    draw(answer);
    return true;
  };

  const order = (key) => {
    if (query.sort !== key) [query.sort, query.reverse] = [key, false];
    else if (!query.reverse) query.reverse = true;
    else [query.sort, query.reverse] = [null, false];
    query.offset = 0;
    load();
  };

  const head = (column) => {
    const cell = make("th", "", { className: column.number ? "n" : "" });
    if (column.key === null) {
      cell.textContent = column.title;
      return cell;
    }
    const button = make("button", column.title, { type: "button", title: column.key });
    if (query.sort === column.key) {
      button.dataset.order = query.reverse ? "down" : "up";
      cell.setAttribute("aria-sort", query.reverse ? "descending" : "ascending");
    }
    button.addEventListener("click", () => order(column.key));
    cell.append(button);
    return cell;
  };

  const box = (row) => {
    const input = make("input", "", { type: "checkbox", checked: selected.has(row.key) });
    input.setAttribute("aria-label", `Select ${row.cells[0]} ${row.cells[1]}`);
    input.addEventListener("change", () => {
      if (input.checked) selected.set(row.key, row.cells[1]);
      else selected.delete(row.key);
      choose();
    });
    const cell = make("td");
    cell.append(input);
    return cell;
  };

  const line = (row, columns) => {
    const element = make("tr");
    element.dataset.key = row.key;
    element.append(box(row));
    row.cells.forEach((text, place) => {
      const cell = make("td", "", { className: columns[place].number ? "n" : "", title: text });
      if (place < 2) cell.append(make("a", text || "-", { href: `/entry/${row.key}` }));
      else if (columns[place].key === "status") {
        cell.append(make("span", text, { className: `badge ${KINDS[text] ?? ""}` }));
      } else cell.textContent = text;
      element.append(cell);
    });
    return element;
  };

  const KINDS = {
    done: "good", "early-stopped": "good", running: "now",
    diverged: "bad", failed: "bad", killed: "bad",
  };

  const draw = (answer) => {
    const top = make("tr");
    top.append(make("th"), ...answer.columns.map(head));
    table.tHead.replaceChildren(top);
    const focus = table.contains(document.activeElement)
      ? document.activeElement.closest("tr")?.dataset.key
      : undefined;
    table.tBodies[0].replaceChildren(...answer.rows.map((row) => line(row, answer.columns)));
    if (focus) table.querySelector(`tr[data-key="${focus}"] input`)?.focus();
    const first = answer.matched ? answer.offset + 1 : 0;
    const last = answer.offset + answer.rows.length;
    const count = (value) => value.toLocaleString("en");
    const all = answer.matched === answer.total ? "" : `, ${count(answer.total)} in all`;
    const range = `${count(first)} to ${count(last)} of ${count(answer.matched)}${all}`;
    find("window").textContent = answer.total ? range : "No runs yet.";
    find("before").disabled = answer.offset === 0;
    find("after").disabled = last >= answer.matched;
    const notes = find("notes");
    notes.hidden = !answer.notes.length;
    notes.firstElementChild.textContent = `Skipped: ${answer.notes.length}`;
    notes.lastElementChild.replaceChildren(
      ...answer.notes.map((text) => make("p", text, { className: "note" })),
    );
    table.dataset.revision = String(answer.revision);
    chips();
  };

  const chip = (list, text, what) => {
    const button = make("button", text, { type: "button", className: "chip" });
    button.setAttribute("aria-label", `Remove ${what} ${text}`);
    button.addEventListener("click", () => {
      list.splice(list.indexOf(text), 1);
      query.offset = 0;
      load();
    });
    return button;
  };

  const chips = () =>
    find("conditions").replaceChildren(
      ...query.where.map((text) => chip(query.where, text, "the condition")),
      ...query.columns.map((text) => chip(query.columns, text, "the column")),
    );

  const choose = () => {
    sessionStorage.setItem("dlrun-selected", JSON.stringify([...selected]));
    find("compare").disabled = selected.size < 2;
    find("compare").textContent = selected.size ? `Compare ${selected.size}` : "Compare";
    find("clear").hidden = !selected.size;
  };

  const adds = (input, list) => async () => {
    const text = input.value.trim();
    if (!text || list.includes(text)) return;
    const before = query.offset;
    list.push(text);
    query.offset = 0;
    if (await load()) {
      input.value = "";
    } else {
      const said = find("problem").textContent;
      list.splice(list.indexOf(text), 1);
      query.offset = before;
      await load();
      problem(said);
    }
  };

  const onEnter = (id, action) =>
    find(id).addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      action();
    });

  const move = (rows) => () => {
    query.offset = Math.max(0, query.offset + rows);
    load();
    table.scrollIntoView();
  };

  onEnter("condition", adds(find("condition"), query.where));
  onEnter("column", adds(find("column"), query.columns));
  find("controls").addEventListener("submit", (event) => event.preventDefault());
  find("inner").checked = query.inner;
  find("inner").addEventListener("change", () => {
    [query.inner, query.offset] = [find("inner").checked, 0];
    load();
  });
  find("before").addEventListener("click", move(-LIMIT));
  find("after").addEventListener("click", move(LIMIT));
  find("compare").addEventListener("click", () => {
    location.href = `/compare?keys=${[...selected.keys()].join(",")}`;
  });
  find("clear").addEventListener("click", () => {
    selected.clear();
    table.querySelectorAll("td input").forEach((each) => (each.checked = false));
    choose();
  });

  choose();
  load();
  const source = new EventSource("/api/changes");
  source.addEventListener("listing", (event) => {
    const { revision } = JSON.parse(event.data);
    if (String(revision) !== table.dataset.revision) load();
  });
  source.addEventListener("error", () => problem("no connection to dlrun board"));
  source.addEventListener("open", () => table.dataset.revision && load());
})();
