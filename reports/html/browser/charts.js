/**
 * Reads the summary out of the page and draws it into the canvases that the page holds. Promises: axes are equal for all runners of a
 * scenario; charts follow the theme, print light, and a folded chart is drawn when it is opened. Leaves to others: marks and labels
 * (chart-frame.js), every number (the summary).
 */

(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const summary = read("summary");
  const look = read("look");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const charts = new Map();
  let colors = dark.matches ? look.dark : look.light;

  const duration = (ms) => (ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`);
  const isPowerOfTen = (value) => Math.abs(Math.log10(value) % 1) < 1e-9;
  const valid = (scenario) =>
    scenario.results.flatMap((result) =>
      result.trials
        .filter((trial) => trial.validity.verdict === "valid")
        .map((trial) => ({ runner: result.runner, trial })),
    );
  const largest = (lists) =>
    lists.reduce((most, list) => list.reduce((a, b) => (b !== null && b > a ? b : a), most), 0);
  const ceiling = (value) => 10 ** Math.ceil(Math.log10(Math.max(10, value)));

  /* Axes common to all runners of a scenario. */
  const limits = summary.scenarios.map((scenario) => {
    const lines = valid(scenario).map(({ trial }) => trial.timeline);
    return {
      seconds: lines.reduce((most, line) => Math.max(most, line.seconds), 0),
      rate: largest(lines.flatMap((line) => [line.offered, line.intact, line.amnesiac])),
      pending: largest(lines.map((line) => line.pending)),
      overheadMs: ceiling(largest(lines.map((line) => line.overheadMaxMs))),
    };
  });

  const axis = (given) => ({
    grid: { color: colors.grid, tickColor: "transparent" },
    border: { color: colors.rule },
    ...given,
    ticks: { color: colors.muted, font: { size: 11 }, maxRotation: 0, ...given.ticks },
  });
  const base = (x, y, plugins, top = 14) => ({
    animation: false,
    normalized: true,
    responsive: true,
    maintainAspectRatio: false,
    layout: { padding: { top } },
    interaction: { mode: "index", intersect: false },
    scales: { x, y },
    plugins: { legend: { display: false }, ...plugins },
  });
  const line = (label, data, color, dash, more) => ({
    label,
    data,
    borderColor: color,
    backgroundColor: color,
    borderWidth: 1.6,
    borderDash: dash,
    pointRadius: 0,
    pointHitRadius: 6,
    ...more,
  });
  const series = (values, least) =>
    values.map((y, x) => ({ x, y: y === null ? null : least === undefined ? y : Math.max(least, y) }));

  const SERIES = {
    goodput: (time) => [
      line("offered", series(time.offered), colors.offered, [4, 3], { borderWidth: 1.2 }),
      line("intact", series(time.intact), colors.intact, []),
      line("amnesiac", series(time.amnesiac), colors.amnesiac, [2, 2]),
    ],
    overhead: (time) => [
      line("max", series(time.overheadMaxMs, 1), colors.worst, [2, 2], { spanGaps: false }),
      line("p50", series(time.overheadP50Ms, 1), colors.median, [], { spanGaps: false }),
    ],
    pending: (time) => [line("pending", series(time.pending), colors.pending, [])],
  };
  const SPAN_NAMES = {
    "major-gc": "major collection",
    "minor-gc": "minor collection",
    "other-gc": "other collection",
    stall: "stall",
    silence: "silence",
  };
  const VALUE_AXIS = {
    goodput: (limit) => ({ min: 0, suggestedMax: limit.rate, ticks: { maxTicksLimit: 5 } }),
    overhead: (limit) => ({
      type: "logarithmic",
      min: 1,
      max: limit.overheadMs,
      ticks: { callback: (value) => (isPowerOfTen(value) ? duration(value) : "") },
      grid: {
        color: (context) => (context.tick && isPowerOfTen(context.tick.value) ? colors.grid : "transparent"),
        tickColor: "transparent",
      },
    }),
    pending: (limit) => ({ min: 0, suggestedMax: limit.pending, ticks: { maxTicksLimit: 5, precision: 0 } }),
  };

  function timeline(kind, canvas) {
    const scenario = summary.scenarios[canvas.dataset.scenario];
    const limit = limits[canvas.dataset.scenario];
    const { trial } = valid(scenario).find((one) => one.trial.id === canvas.dataset.trial);
    const time = trial.timeline;
    const stress = scenario.faults.length === 0 ? "load" : "fault";
    const marks = {
      phases: time.phases.map((phase) => ({ ...phase, name: phase.phase === "fault" ? stress : phase.phase })),
      faults: time.faults,
      spans: kind === "overhead" ? time.spans.shown : null,
      colors,
    };
    const unit = kind === "overhead" ? duration : String;
    /* The longest spans of the second that the pointer is in; the charts draw all. */
    const heldUp = (second) =>
      (marks.spans || [])
        .filter((span) => span.fromS < second + 1 && span.fromS + span.ms / 1000 >= second)
        .sort((a, b) => b.ms - a.ms)
        .slice(0, 4)
        .map((span) => `${SPAN_NAMES[span.kind]} at ${Number(span.fromS.toFixed(2))} s, ${duration(span.ms)}`);
    return {
      type: "line",
      data: { datasets: SERIES[kind](time) },
      plugins: [derbyMarks],
      options: base(
        axis({
          type: "linear",
          min: 0,
          max: limit.seconds,
          ticks: { maxTicksLimit: 8, includeBounds: false, callback: (value) => `${value} s` },
        }),
        axis({
          ...VALUE_AXIS[kind](limit),
          afterFit: (scale) => {
            scale.width = 52;
          },
        }),
        {
          derbyMarks: marks,
          tooltip: {
            callbacks: {
              title: (items) => `second ${items[0].parsed.x}`,
              label: (item) => `${item.dataset.label} ${unit(item.parsed.y)}`,
              afterBody: (items) => heldUp(items[0].parsed.x),
            },
          },
        },
        marks.spans ? derbyLanes.room() : 14,
      ),
    };
  }

  function styleOf(runner) {
    const found = summary.contestants.findIndex((contestant) => contestant.name === runner);
    const position = found >= 0 ? found : summary.contestants.length;
    const pick = (list) => list[position % list.length];
    return { color: pick(colors.runners), dash: pick(look.dashes), marker: pick(look.markers) };
  }

  function recovery(_kind, canvas) {
    const scenario = summary.scenarios[canvas.dataset.scenario];
    const rows = valid(scenario).flatMap(({ runner, trial }) =>
      trial.recovery
        .filter((row) => row.cohort === canvas.dataset.cohort && row.touched > 0)
        .map((row) => ({ runner, trial, row })),
    );
    const times = rows.flatMap(({ row }) => row.curve.map((point) => point[0])).filter((ms) => ms > 0);
    const least =
      10 **
      Math.floor(
        Math.log10(
          Math.max(
            10,
            times.reduce((a, b) => Math.min(a, b), 1000),
          ),
        ),
      );
    const most = ceiling(times.reduce((a, b) => Math.max(a, b), 1000));
    const named = new Set();
    /* Broken lines lie above full ones, so that two equal curves are both seen. */
    const sets = rows.map(({ runner, trial, row }, index) => {
      const style = styleOf(runner);
      const points = row.curve.map(([ms, left]) => ({ x: Math.max(least, ms), y: left * 100 }));
      const last = points.length > 0 ? points[points.length - 1].y : 100;
      const first = !named.has(runner);
      named.add(runner);
      return line(
        summary.campaign.blocks > 1 ? `${runner}, block ${trial.block}` : runner,
        [...points, { x: most, y: last }],
        style.color,
        style.dash,
        {
          order: -index,
          stepped: "before",
          borderWidth: first ? 2.4 : 1.1,
          pointStyle: style.marker,
          clip: 4,
          pointRadius: (context) =>
            points.length < 2 || context.dataIndex % Math.ceil(points.length / 8) === 0 ? 3.5 : 0,
          endLabel: first ? runner + (last > 0 ? `: ${Number(last.toPrecision(2))} % not` : ": all") : null,
        },
      );
    });
    return {
      type: "line",
      data: { datasets: sets },
      plugins: [derbyEnds],
      options: {
        ...base(
          axis({
            type: "logarithmic",
            min: least,
            max: most,
            ticks: { callback: (value) => (isPowerOfTen(value) ? duration(value) : "") },
          }),
          axis({ min: 0, max: 100, ticks: { stepSize: 25, callback: (value) => `${value} %` } }),
          {
            derbyEnds: { ends: true, ink: colors.ink },
            tooltip: {
              callbacks: {
                title: (items) => `after ${duration(items[0].parsed.x)}`,
                label: (item) => `${item.dataset.label}: ${Number(item.parsed.y.toPrecision(3))} % not yet`,
              },
            },
          },
        ),
        interaction: { mode: "nearest", axis: "x", intersect: false },
        layout: { padding: { top: 8, right: 190 } },
      },
    };
  }

  const MAKERS = { recovery, goodput: timeline, overhead: timeline, pending: timeline };

  function draw(root) {
    for (const canvas of root.querySelectorAll("canvas[data-chart]")) {
      if (charts.has(canvas) || canvas.closest("details:not([open])")) continue;
      const kind = canvas.dataset.chart;
      charts.set(canvas, new Chart(canvas, MAKERS[kind](kind, canvas)));
    }
  }
  function redraw(palette) {
    for (const chart of charts.values()) chart.destroy();
    charts.clear();
    colors = palette;
    draw(document);
  }

  draw(document);
  document.addEventListener("toggle", (event) => draw(event.target), true);
  dark.addEventListener("change", () => redraw(dark.matches ? look.dark : look.light));
  addEventListener("beforeprint", () => redraw(look.light));
  addEventListener("afterprint", () => redraw(dark.matches ? look.dark : look.light));
})();
