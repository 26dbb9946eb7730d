/**
 * The charts of the live page, drawn on plain canvases once a second. Promises: they show something from the first second on; colours are
 * those of the style sheet, so that they follow the theme; time runs to the right, and all three have the same axis.
 */

window.liveCharts = (() => {
  const SHOWN_MOST_S = 300;
  const SHOWN_LEAST_S = 60;
  const MARGIN = { top: 16, right: 44, bottom: 18, left: 48 };

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const duration = (ms) => (ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`);

  /* A step of 1, 2 or 5 times a power of ten that divides the axis into about four. */
  function step(most) {
    const rough = Math.max(1, most / 4);
    const power = 10 ** Math.floor(Math.log10(rough));
    return [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough);
  }

  /* A canvas made ready: its context in CSS pixels, its area, and the axis of time. */
  function frame(canvas, current) {
    const { width, height } = canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const ctx = canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.font = "11px system-ui, sans-serif";
    const area = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
    const last = current.seconds.length > 0 ? current.seconds[current.seconds.length - 1].second + 1 : 0;
    const toS = Math.max(SHOWN_LEAST_S, last);
    const fromS = Math.max(0, toS - SHOWN_MOST_S);
    const x = (s) => area.left + ((s - fromS) / (toS - fromS)) * (area.right - area.left);
    const shown = current.seconds.filter(({ second }) => second >= fromS);
    return { ctx, area, fromS, toS, nowS: last, x, shown };
  }

  function timeAxis({ ctx, area, fromS, toS, x }) {
    ctx.fillStyle = color("muted");
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    const each = step(toS - fromS);
    for (let s = Math.ceil(fromS / each) * each; s <= toS; s += each) ctx.fillText(`${s} s`, x(s), area.bottom + 4);
    ctx.fillStyle = color("rule");
    ctx.fillRect(area.left, area.bottom, area.right - area.left, 1);
  }

  function bands({ ctx, area, fromS, nowS, x }, phases) {
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    phases.forEach((phase, index) => {
      const from = Math.max(fromS, phase.atS);
      const to = index + 1 < phases.length ? phases[index + 1].atS : nowS;
      if (to <= from) return;
      if (index % 2 === 0) {
        ctx.fillStyle = color("band");
        ctx.fillRect(x(from), area.top, x(to) - x(from), area.bottom - area.top);
      }
      ctx.fillStyle = color("muted");
      if (ctx.measureText(phase.phase).width + 4 <= x(to) - x(from))
        ctx.fillText(phase.phase, x(from) + 2, area.top - 4);
    });
  }

  function across({ ctx, area, x }, s, dash) {
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(x(s), area.top);
    ctx.lineTo(x(s), area.bottom);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  function faultLines(plot, faults) {
    const { ctx, area, fromS, x } = plot;
    ctx.strokeStyle = color("fault");
    ctx.fillStyle = color("fault");
    ctx.lineWidth = 1.25;
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    let free = -Infinity;
    for (const fault of faults.values()) {
      if (fault.cured !== null && fault.cured >= fromS) across(plot, fault.cured, [2, 2]);
      if (fault.fired === null || fault.fired < fromS) continue;
      across(plot, fault.fired, []);
      const width = ctx.measureText(fault.kind).width;
      const left = x(fault.fired) + 3 + width > area.right ? x(fault.fired) - 3 - width : x(fault.fired) + 3;
      if (left <= free) continue;
      ctx.fillText(fault.kind, left, area.top + 10);
      free = left + width;
    }
  }

  /* Ticks of a linear axis from 0, on the left or on the right; gives where a value stands. */
  function valueAxis({ ctx, area }, most, side) {
    const each = step(most);
    const top = Math.max(each, Math.ceil(most / each) * each);
    const y = (value) => area.bottom - (value / top) * (area.bottom - area.top);
    ctx.textBaseline = "middle";
    ctx.textAlign = side === "left" ? "right" : "left";
    for (let value = 0; value <= top; value += each) {
      if (side === "left") {
        ctx.fillStyle = color("grid");
        ctx.fillRect(area.left, y(value), area.right - area.left, 1);
      }
      ctx.fillStyle = color("muted");
      ctx.fillText(String(value), side === "left" ? area.left - 6 : area.right + 6, y(value));
    }
    return y;
  }

  function line({ ctx, shown, x }, y, of, name, dash) {
    ctx.strokeStyle = color(name);
    ctx.lineWidth = 1.8;
    ctx.setLineDash(dash);
    ctx.beginPath();
    for (const second of shown) ctx.lineTo(x(second.second + 0.5), y(of(second)));
    if (shown.length === 1) ctx.arc(x(shown[0].second + 0.5), y(of(shown[0])), 1, 0, 7);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  const mostOf = (shown, ...each) => shown.reduce((most, second) => Math.max(most, ...each.map((of) => of(second))), 0);
  const over = (shown) => `over the last ${shown.length} s`;

  function goodput(canvas, current) {
    const plot = frame(canvas, current);
    const { shown } = plot;
    const series = [
      ["offered", "offered", [4, 3], (second) => second.offered],
      ["answered", "intact", [], (second) => second.answered],
      ["failed", "broken", [2, 2], (second) => second.failed],
    ];
    bands(plot, current.phases);
    const y = valueAxis(plot, mostOf(shown, ...series.map(([, , , of]) => of)), "left");
    for (const [, name, dash, of] of series) line(plot, y, of, name, dash);
    faultLines(plot, current.faults);
    timeAxis(plot);
    const told = series.map(
      ([name, , , of]) => `${name} ${mostOf(shown.slice(-1), of)} (at most ${mostOf(shown, of)})`,
    );
    canvas.setAttribute("aria-label", `Turns per second ${over(shown)}: ${told.join(", ")}.`);
  }

  function standing(canvas, current) {
    const plot = frame(canvas, current);
    const { shown } = plot;
    const pending = (second) => second.pending;
    const live = (second) => second.live;
    bands(plot, current.phases);
    const left = valueAxis(plot, mostOf(shown, pending), "left");
    const right = valueAxis(plot, mostOf(shown, live), "right");
    line(plot, right, live, "offered", [4, 3]);
    line(plot, left, pending, "pending", []);
    faultLines(plot, current.faults);
    timeAxis(plot);
    const told = [pending, live].map((of) => `${mostOf(shown.slice(-1), of)} (at most ${mostOf(shown, of)})`);
    canvas.setAttribute("aria-label", `Turns pending ${over(shown)}: ${told[0]}; live sessions: ${told[1]}.`);
  }

  /* Rows are buckets of overhead: the first up to 1 ms, then `perOctave` for each doubling. */
  function heat(canvas, current, perOctave) {
    const plot = frame(canvas, current);
    const { ctx, area, shown, x } = plot;
    /* At least up to 1 s, so that the first second does not set the scale. */
    const rows = Math.max(
      Math.log2(1000) * perOctave + 2,
      ...shown.flatMap(({ overhead }) => overhead.buckets.map(([row]) => row + 2)),
    );
    const most = Math.max(1, ...shown.flatMap(({ overhead }) => overhead.buckets.map(([, turns]) => turns)));
    const y = (row) => area.bottom - (row / rows) * (area.bottom - area.top);
    bands(plot, current.phases);
    ctx.fillStyle = color("intact");
    for (const { second, overhead } of shown) {
      for (const [row, turns] of overhead.buckets) {
        ctx.globalAlpha = most === 1 ? 1 : 0.3 + 0.7 * (Math.log(turns) / Math.log(most));
        ctx.fillRect(x(second), y(row + 1), Math.max(1, x(second + 1) - x(second)), y(row) - y(row + 1));
      }
    }
    ctx.globalAlpha = 1;
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (let ms = 1; Math.log2(ms) * perOctave + 1 <= rows; ms *= 10) {
      const at = y(Math.log2(ms) * perOctave + 1);
      ctx.fillStyle = color("grid");
      ctx.fillRect(area.left, at, area.right - area.left, 1);
      ctx.fillStyle = color("muted");
      ctx.fillText(ms === 1 ? "≤ 1 ms" : duration(ms), area.left - 6, at);
    }
    faultLines(plot, current.faults);
    timeAxis(plot);
    const worst = mostOf(shown, ({ overhead }) => overhead.maxMs || 0);
    const turns = shown.reduce((sum, { answered }) => sum + answered, 0);
    canvas.setAttribute(
      "aria-label",
      `Overhead of ${turns} turns answered ${over(shown)}: at most ${duration(worst)}. The cell with most turns has ${most}.`,
    );
  }

  return { goodput, standing, heat, duration };
})();
