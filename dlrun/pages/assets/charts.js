/* Charts of lines and points: uPlot has axes, scales and zoom; the series are drawn here, because
   their x values may repeat and need not be sorted. */
"use strict";
(() => {
  const DASHES = { dashed: [6, 4], dotted: [2, 3] };
  const HEIGHT = 270;

  const extent = (chart, axis) => {
    if (chart[axis].ends) return chart[axis].ends;
    let low = Infinity, high = -Infinity;
    const log = chart[axis].scale === "log";
    for (const series of chart.series) {
      for (const value of series[axis]) {
        if (value === null || (log && value <= 0)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    for (const value of chart[axis].include ?? []) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (low > high) return log ? [1, 10] : [0, 1];
    if (log) {
      const margin = low === high ? 2 : Math.pow(high / low, 0.04);
      return [low / margin, high * margin];
    }
    const single = chart[axis].integer ? 0.5 : Math.abs(low) * 0.1 || 0.5;
    const margin = low === high ? single : (high - low) * 0.04;
    return [low - margin, high + margin];
  };

  const path = (context, u, series) => {
    let down = false, before = 0;
    context.beginPath();
    series.x.forEach((x, place) => {
      const y = series.y[place];
      if (x === null || y === null) {
        down = false;
        return;
      }
      const left = u.valToPos(x, "x", true), top = u.valToPos(y, "y", true);
      if (!Number.isFinite(left) || !Number.isFinite(top)) {
        down = false;
        return;
      }
      if (down && series.style === "step") context.lineTo(left, before);
      if (down) context.lineTo(left, top);
      else context.moveTo(left, top);
      down = true;
      before = top;
    });
    context.stroke();
  };

  const marker = (context, shape, left, top, size) => {
    context.beginPath();
    if (shape === "triangle") {
      context.moveTo(left - size, top - size * 0.8);
      context.lineTo(left + size, top - size * 0.8);
      context.lineTo(left, top + size);
      context.closePath();
    } else if (shape === "cross") {
      context.moveTo(left - size, top - size);
      context.lineTo(left + size, top + size);
      context.moveTo(left + size, top - size);
      context.lineTo(left - size, top + size);
      context.stroke();
      return;
    } else if (shape === "square") {
      context.rect(left - size * 0.85, top - size * 0.85, 1.7 * size, 1.7 * size);
    } else {
      context.arc(left, top, size, 0, 2 * Math.PI);
    }
    context.fill();
  };

  const points = (context, u, series, ratio) => {
    series.x.forEach((x, place) => {
      const y = series.y[place];
      if (x === null || y === null) return;
      const left = u.valToPos(x, "x", true), top = u.valToPos(y, "y", true);
      if (Number.isFinite(left) && Number.isFinite(top)) {
        marker(context, series.marker, left, top, (series.size ?? 3) * ratio);
      }
    });
  };

  const draw = (u, chart, hidden) => {
    const context = u.ctx, ratio = devicePixelRatio;
    context.save();
    context.beginPath();
    context.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    context.clip();
    for (const mark of chart.marks ?? []) {
      const left = u.valToPos(mark.x, "x", true);
      context.strokeStyle = dlrun.color("ink-soft");
      context.lineWidth = ratio;
      context.setLineDash([4 * ratio, 3 * ratio]);
      context.beginPath();
      context.moveTo(left, u.bbox.top);
      context.lineTo(left, u.bbox.top + u.bbox.height);
      context.stroke();
    }
    chart.series.forEach((series) => {
      if (hidden.has(series.group ?? series.name)) return;
      const color = dlrun.color(series.color);
      context.strokeStyle = color;
      context.fillStyle = color;
      context.globalAlpha = series.alpha ?? 1;
      context.lineWidth = (series.width ?? 2) * ratio;
      context.lineJoin = "round";
      context.setLineDash((DASHES[series.style] ?? []).map((each) => each * ratio));
      if (series.style !== "points") path(context, u, series);
      context.setLineDash([]);
      context.lineWidth = 1.5 * ratio;
      if (series.style === "points" || series.marker) points(context, u, series, ratio);
    });
    context.restore();
  };

  const nearest = (u, chart, hidden) => {
    const { left, top } = u.cursor;
    let found = null, best = 24 * 24;
    if (left < 0) return null;
    for (const series of chart.series) {
      if (series.quiet || hidden.has(series.group ?? series.name)) continue;
      series.x.forEach((x, place) => {
        const y = series.y[place];
        if (x === null || y === null) return;
        const dx = u.valToPos(x, "x") - left, dy = u.valToPos(y, "y") - top;
        const distance = dx * dx + dy * dy;
        if (distance < best) {
          best = distance;
          found = { series, place, x, y };
        }
      });
    }
    return found;
  };

  const describe = (chart, found) => {
    if (found === null) return "";
    const { series, place } = found;
    const said = series.text?.[place];
    const lines = [said ?? series.name];
    lines.push(`${chart.x.label}: ${dlrun.short(found.x)}`);
    lines.push(`${chart.y.label}: ${dlrun.short(found.y)}`);
    return lines.join("\n");
  };

  const axis = (chart, name) => {
    const { label, scale, integer, names } = chart[name];
    const space = name === "x" ? 56 : 34;
    const most = (u) => u.bbox[name === "x" ? "width" : "height"] / devicePixelRatio / space;
    const of = (u, low, high) => {
      if (scale === "log") return dlrun.logTicks(low, high, most(u));
      const lines = dlrun.evenTicks(low, high, most(u), integer);
      return { lines, labels: new Set(lines) };
    };
    const scaleOf = (u) => [u.scales[name].min, u.scales[name].max];
    return {
      scale: name,
      label,
      labelSize: 22,
      size: name === "x" ? 36 : 58,
      labelFont: "13px system-ui, sans-serif",
      font: "12px system-ui, sans-serif",
      stroke: () => dlrun.color("ink-soft"),
      grid: { stroke: () => dlrun.color("grid"), width: 1 },
      ticks: { stroke: () => dlrun.color("grid"), width: 1, size: 5 },
      space,
      incrs: [Number.MAX_VALUE], // uPlot searches one, but the ticks do not depend on it
      splits: (u, at, low, high) => of(u, low, high).lines,
      filter: (u, splits) => {
        const { labels } = of(u, ...scaleOf(u));
        return splits.map((each) => (labels.has(each) ? each : null));
      },
      values: (u, splits) =>
        splits.map((each) => {
          if (each === null) return "";
          if (names) return names[each] ?? "";
          return dlrun.short(+each.toPrecision(6));
        }),
    };
  };

  const build = (holder, chart) => {
    const hidden = new Set();
    const ends = { x: extent(chart, "x"), y: extent(chart, "y") };
    const scale = (name) => ({
      time: false,
      auto: true,
      distr: chart[name].scale === "log" ? 3 : 1,
      range: (u, low, high) => (low === null || low === high ? ends[name] : [low, high]),
    });
    const plot = new uPlot(
      {
        width: Math.max(220, holder.clientWidth),
        height: chart.height ?? HEIGHT,
        legend: { show: false },
        cursor: { drag: { x: true, y: true, uni: 24 }, points: { show: false } },
        scales: { x: scale("x"), y: scale("y") },
        axes: [axis(chart, "x"), axis(chart, "y")],
        series: [{}, { scale: "y", paths: () => null, points: { show: false } }],
        hooks: {
          draw: [(u) => draw(u, chart, hidden)],
          setCursor: [
            (u) => {
              const text = describe(chart, nearest(u, chart, hidden));
              const box = u.over.getBoundingClientRect();
              dlrun.showHint(text, box.left + u.cursor.left, box.top + u.cursor.top);
            },
          ],
        },
      },
      [ends.x, ends.y],
      holder,
    );
    plot.over.addEventListener("mouseleave", () => dlrun.showHint(""));
    dlrun.charts.push(() => plot.redraw(false, true));
    dlrun.updates[holder.id] = () => {
      const { min, max } = plot.scales.x;
      const zoomed = min !== ends.x[0] || max !== ends.x[1];
      Object.assign(ends, { x: extent(chart, "x"), y: extent(chart, "y") });
      plot.setData([ends.x, ends.y], !zoomed);
      if (zoomed) plot.redraw();
    };
    addEventListener("resize", () =>
      plot.setSize({ width: Math.max(220, holder.clientWidth), height: chart.height ?? HEIGHT }),
    );
    const legend = holder.closest("figure").querySelectorAll("[data-series]");
    legend.forEach((button) =>
      button.addEventListener("click", () => {
        const name = button.dataset.series, off = !hidden.has(name);
        if (off) hidden.add(name);
        else hidden.delete(name);
        button.setAttribute("aria-pressed", String(!off));
        plot.redraw();
      }),
    );
  };

  /* One after another, so that the page can be read at once. */
  const waiting = [...document.querySelectorAll("[data-chart]")];
  const next = () => {
    const holder = waiting.shift();
    if (!holder) return;
    build(holder, dlrun.data[holder.id]);
    setTimeout(next);
  };
  next();
  addEventListener("beforeprint", () => {
    while (waiting.length) {
      const holder = waiting.shift();
      build(holder, dlrun.data[holder.id]);
    }
  });
})();
