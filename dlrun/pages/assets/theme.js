/* Colours, which follow the reader's setting and are light on paper; and a box for hints. */
"use strict";
const dlrun = { charts: [], updates: {}, data: JSON.parse(document.getElementById("data").textContent) };

dlrun.color = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

dlrun.redraw = () => dlrun.charts.forEach((each) => each());

dlrun.setPrinting = (on) => {
  document.documentElement.classList.toggle("paper", on);
  dlrun.redraw();
};

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dlrun.redraw);
addEventListener("beforeprint", () => dlrun.setPrinting(true));
addEventListener("afterprint", () => dlrun.setPrinting(false));

dlrun.hint = document.createElement("div");
dlrun.hint.className = "hint";
dlrun.hint.hidden = true;
document.body.append(dlrun.hint);

dlrun.showHint = (text, x, y) => {
  const box = dlrun.hint;
  box.hidden = !text;
  if (!text) return;
  box.textContent = text;
  const left = Math.min(x + 14, innerWidth - box.offsetWidth - 8);
  const top = y + box.offsetHeight + 24 > innerHeight ? y - box.offsetHeight - 10 : y + 14;
  box.style.left = `${Math.max(4, left)}px`;
  box.style.top = `${Math.max(4, top)}px`;
};

dlrun.short = (value) => {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return String(value);
  const size = Math.abs(value);
  if (value === 0 || (Number.isInteger(value) && size < 1e6)) return String(value);
  const text = size >= 1e5 || size < 1e-3 ? value.toExponential(2) : value.toPrecision(4);
  return text.includes("e") ? text.replace(/\.?0+e/, "e") : text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
};
