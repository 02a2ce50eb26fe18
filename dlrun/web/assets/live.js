/* Follows runs in training: their charts grow, their states change, and at the end the page is
   loaded again, as the finished report. */
"use strict";
(() => {
  const output = document.getElementById("live");
  if (!output) return;

  const reload = () => {
    const last = Number(sessionStorage.getItem("dlrun-loaded") ?? 0);
    const wait = Math.max(0, last + 5000 - Date.now());
    setTimeout(() => {
      sessionStorage.setItem("dlrun-loaded", String(Date.now()));
      location.reload();
    }, wait);
  };

  const grow = (id, grown) => {
    const chart = dlrun.data[id];
    const fits =
      chart &&
      chart.y.scale === grown.scale &&
      chart.series.length === grown.series.length &&
      chart.series.every((each, place) => each.name === grown.series[place].name);
    if (!fits) return false;
    chart.y.ends = grown.ends;
    grown.series.forEach((more, place) => {
      const series = chart.series[place];
      series.x.splice(more.from, Infinity, ...more.x);
      series.y.splice(more.from, Infinity, ...more.y);
    });
    dlrun.updates[id]?.();
    return true;
  };

  const show = (key, state) => {
    for (const each of document.querySelectorAll(`[data-progress="${key}"]`)) {
      each.textContent = state.progress;
    }
    for (const each of document.querySelectorAll(`[data-state="${key}"]`)) {
      each.firstElementChild.textContent = state.status;
    }
  };

  const source = new EventSource(output.dataset.live);
  source.addEventListener("charts", (event) => {
    const grown = Object.entries(JSON.parse(event.data));
    if (!grown.every(([id, each]) => grow(id, each))) {
      source.close();
      reload();
    }
  });
  source.addEventListener("state", (event) => {
    const states = Object.entries(JSON.parse(event.data));
    states.forEach(([key, state]) => show(key, state));
    output.classList.remove("lost");
    const running = states.filter(([, state]) => state.status === "running").length;
    output.textContent = states.length === 1 ? states[0][1].text : `${running} running`;
  });
  source.addEventListener("end", () => {
    source.close();
    output.textContent = "ended";
    reload();
  });
  source.addEventListener("error", () => {
    output.classList.add("lost");
    output.textContent = "no connection to dlrun board";
  });
})();
