/* Parallel coordinates: one line per trial; dragging along an axis selects, also in the table. */
"use strict";
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const TOP = 46, HEIGHT = 270, SIDE = 84;

  const node = (name, attributes, parent) => {
    const made = document.createElementNS(NS, name);
    Object.entries(attributes).forEach(([key, each]) => made.setAttribute(key, each));
    parent?.append(made);
    return made;
  };

  const scaled = (axis) => {
    const seen = axis.values.filter((each) => each !== null);
    if (axis.names) {
      const last = Math.max(1, axis.names.length - 1);
      return { place: (each) => each / last, ticks: axis.names.map((name, at) => [at, name]) };
    }
    const turn = axis.scale === "log" ? Math.log10 : (each) => each;
    const back = axis.scale === "log" ? (each) => 10 ** each : (each) => each;
    const numbers = seen.map(turn);
    let low = Math.min(...numbers), high = Math.max(...numbers);
    if (!(low < high)) [low, high] = [low - 0.5, low + 0.5];
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
      const at = back(low + part * (high - low));
      return [at, dlrun.short(+at.toPrecision(3))];
    });
    return { place: (each) => (turn(each) - low) / (high - low), ticks };
  };

  const build = (holder, data) => {
    const room = (holder.clientWidth - 2 * SIDE) / Math.max(1, data.axes.length - 1);
    const gap = Math.max(118, Math.min(260, room));
    const width = SIDE * 2 + gap * (data.axes.length - 1);
    const svg = node("svg", { viewBox: `0 0 ${width} ${TOP + HEIGHT + 24}`, width, role: "img" });
    svg.setAttribute("aria-label", data.label);
    const opacity = Math.max(0.25, Math.min(0.85, 80 / data.trials.length));
    const lines = node("g", { class: "lines", "stroke-opacity": opacity }, svg);
    const scales = data.axes.map(scaled);
    const left = (at) => SIDE + at * gap;
    const height = (part) => TOP + (1 - part) * HEIGHT;
    const drawn = data.trials.map((trial, row) => {
      let text = "", down = false;
      data.axes.forEach((axis, at) => {
        const value = axis.values[row];
        if (value === null) down = false;
        else {
          text += `${down ? "L" : "M"}${left(at)} ${height(scales[at].place(value)).toFixed(1)}`;
          down = true;
        }
      });
      const line = node("path", { d: text, class: trial.best ? "best" : `q${trial.level}` }, lines);
      line.addEventListener("pointermove", (event) => {
        const said = data.axes.map(({ label, names, values }) => {
          const own = values[row];
          return own === null ? "" : `${label}: ${names ? names[own] : dlrun.short(own)}`;
        });
        const all = [`trial ${trial.number}`, ...said.filter(Boolean)];
        dlrun.showHint(all.join("\n"), event.clientX, event.clientY);
      });
      line.addEventListener("pointerleave", () => dlrun.showHint(""));
      return line;
    });
    const chosen = data.axes.map(() => null);
    const apply = () => {
      const keys = new Set();
      data.trials.forEach((trial, row) => {
        const kept = chosen.every((range, at) => {
          if (range === null) return true;
          const value = data.axes[at].values[row];
          if (value === null) return false;
          const part = scales[at].place(value);
          return part >= range[0] && part <= range[1];
        });
        drawn[row].classList.toggle("off", !kept);
        if (kept) keys.add(String(trial.number));
      });
      dlrun.only(data.table, chosen.some((each) => each !== null) ? keys : null);
    };
    data.axes.forEach((axis, at) => {
      const x = left(at);
      node("line", { x1: x, x2: x, y1: TOP, y2: TOP + HEIGHT, class: "axis" }, svg);
      const title = node("text", { x, y: at % 2 ? 14 : 30, class: "title" }, svg);
      title.textContent = axis.label.length > 26 ? `…${axis.label.slice(-25)}` : axis.label;
      scales[at].ticks.forEach(([value, text]) => {
        const label = node("text", { x: x + 5, y: height(scales[at].place(value)) + 4 }, svg);
        label.textContent = text.length > 14 ? `${text.slice(0, 13)}…` : text;
      });
      const brush = node("rect", { x: x - 8, width: 16, y: TOP, height: 0, class: "brush" }, svg);
      const grip = node(
        "rect",
        { x: x - 12, width: 24, y: TOP - 8, height: HEIGHT + 16, class: "grip" },
        svg,
      );
      const part = (event) => {
        const box = svg.getBoundingClientRect();
        const y = ((event.clientY - box.top) * (TOP + HEIGHT + 24)) / box.height;
        return Math.min(1, Math.max(0, 1 - (y - TOP) / HEIGHT));
      };
      let from = null;
      grip.addEventListener("pointerdown", (event) => {
        grip.setPointerCapture(event.pointerId);
        from = part(event);
        event.preventDefault();
      });
      grip.addEventListener("pointermove", (event) => {
        if (from === null) return;
        const to = part(event);
        chosen[at] = [Math.min(from, to) - 1e-9, Math.max(from, to) + 1e-9];
        brush.setAttribute("y", height(chosen[at][1]));
        brush.setAttribute("height", (chosen[at][1] - chosen[at][0]) * HEIGHT);
        apply();
      });
      grip.addEventListener("pointerup", (event) => {
        if (Math.abs(part(event) - from) < 0.01) {
          chosen[at] = null;
          brush.setAttribute("height", 0);
          apply();
        }
        from = null;
      });
    });
    holder.append(svg);
  };

  document.querySelectorAll("[data-parallel]").forEach((holder) => {
    build(holder, dlrun.data[holder.id]);
  });
})();
