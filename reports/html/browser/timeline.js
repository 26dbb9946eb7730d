/**
 * Draws the second by second panels of a trial: goodput with the band in which it counts as recovered, overhead, pending turns, memory and
 * CPU. Promises: one time axis for all of them, and equal axes for all runners of a scenario.
 */

/* The band of calm as a shaded stripe, and where goodput was back in it. Options: {band, colors}; band may be null. */
const derbyBand = {
  id: "derbyBand",
  beforeDatasetsDraw(chart, _args, { band, colors }) {
    if (!band) return;
    const {
      ctx,
      chartArea: area,
      scales: { y },
    } = chart;
    const top = y.getPixelForValue(band.high);
    ctx.save();
    ctx.fillStyle = `${colors.pending}38`;
    ctx.fillRect(area.left, top, area.right - area.left, Math.max(2, y.getPixelForValue(band.low) - top));
    ctx.restore();
  },
  afterDatasetsDraw(chart, _args, { band, colors }) {
    if (!band) return;
    const {
      ctx,
      chartArea: area,
      scales: { x, y },
    } = chart;
    ctx.save();
    ctx.font = "600 10px system-ui, sans-serif";
    ctx.fillStyle = colors.good;
    const floor = y.getPixelForValue(band.low);
    for (const { atS } of band.back) {
      if (atS === null) continue;
      const at = x.getPixelForValue(atS);
      ctx.beginPath();
      ctx.moveTo(at, floor + 2);
      ctx.lineTo(at - 5, floor + 11);
      ctx.lineTo(at + 5, floor + 11);
      ctx.fill();
      if (band.back.length === 1 && at + 34 < area.right) ctx.fillText("back", at + 8, floor + 11);
    }
    ctx.restore();
  },
};

/* A horizontal line with its name. Options: {at, says, colors}; at may be null. */
const derbyLimit = {
  id: "derbyLimit",
  afterDatasetsDraw(chart, _args, { at, says, colors }) {
    if (at === null || at === undefined) return;
    const {
      ctx,
      chartArea: area,
      scales: { y },
    } = chart;
    const height = y.getPixelForValue(at);
    ctx.save();
    ctx.strokeStyle = colors.notable;
    ctx.fillStyle = colors.notable;
    ctx.setLineDash([6, 3]);
    ctx.beginPath();
    ctx.moveTo(area.left, height);
    ctx.lineTo(area.right, height);
    ctx.stroke();
    ctx.font = "10px system-ui, sans-serif";
    ctx.textAlign = "right";
    ctx.fillText(says, area.right - 2, height - 3);
    ctx.restore();
  },
};

globalThis.derbyTimeline = (() => {
  const { summary, valid } = derbyCharts;
  const { axis, base, ceiling, duration, durationAxis, largest, line } = derbyParts;
  /** Above this share of its cores a runtime is saturated, and not ranked. */
  const SATURATED_PERCENT = 70;
  const limitsOf = new Map();

  /** Axes common to all runners of a scenario. */
  function limits(position) {
    if (!limitsOf.has(position)) {
      const lines = valid(summary.scenarios[position]).map(({ trial }) => trial.timeline);
      limitsOf.set(position, {
        seconds: lines.reduce((most, time) => Math.max(most, time.seconds), 0),
        rate: largest(lines.flatMap((time) => [time.offered, time.intact, time.amnesiac])),
        pending: largest(lines.map((time) => time.pending)),
        overheadMs: ceiling(largest(lines.map((time) => time.overheadMaxMs))),
        rssMb: largest(lines.map((time) => time.rssMb)),
        percent: Math.max(100, 100 * largest(lines.map((time) => time.cpuShare))),
      });
    }
    return limitsOf.get(position);
  }
  const point = (y, x, least) => ({ x, y: y === null ? null : least === undefined ? y : Math.max(least, y) });
  const series = (values, least) => derbySampling.thin(values.map((y, x) => point(y, x, least)));
  const unanswered = ({ failed, refused, unknown }) => failed.map((n, second) => n + refused[second] + unknown[second]);

  const PANELS = {
    goodput: {
      lines: (time, colors) => [
        line("offered", series(time.offered), colors.offered, [4, 3], { borderWidth: 1.2 }),
        line("intact", series(time.intact), colors.intact, []),
        line("amnesiac", series(time.amnesiac), colors.amnesiac, [2, 2]),
        ...(time.endings
          ? [
              line("not answered", series(unanswered(time.endings)), colors.broken, [7, 3]),
              line("late", series(time.endings.late), colors.notable, [9, 3, 2, 3], { borderWidth: 1.2 }),
            ]
          : []),
      ],
      axis: (limit) => ({ min: 0, suggestedMax: limit.rate, ticks: { maxTicksLimit: 5 } }),
    },
    overhead: {
      lines: (time, colors) => [
        line("max", series(time.overheadMaxMs, 1), colors.worst, [2, 2], { spanGaps: false }),
        line("p50", series(time.overheadP50Ms, 1), colors.median, [], { spanGaps: false }),
      ],
      axis: (limit) => durationAxis(1, limit.overheadMs),
      unit: duration,
    },
    pending: {
      lines: (time, colors) => [line("pending", series(time.pending), colors.pending, [])],
      axis: (limit) => ({ min: 0, suggestedMax: limit.pending, ticks: { maxTicksLimit: 5, precision: 0 } }),
    },
    memory: {
      lines: (time, colors) => [line("memory", series(time.rssMb), colors.pending, [], { spanGaps: false })],
      axis: (limit) => ({ min: 0, suggestedMax: limit.rssMb, ticks: { maxTicksLimit: 5 } }),
      unit: (value) => `${value} MB`,
    },
    cpu: {
      lines: (time, colors) => [
        line("CPU", series(time.cpuShare.map((one) => (one === null ? null : one * 100))), colors.median, [], {
          spanGaps: false,
        }),
      ],
      axis: (limit) => ({ min: 0, max: limit.percent, ticks: { maxTicksLimit: 5, callback: (value) => `${value} %` } }),
      unit: (value) => `${Number(value.toPrecision(3))} %`,
      limit: { at: SATURATED_PERCENT, says: `saturated above ${SATURATED_PERCENT} %` },
    },
  };
  const SPAN_NAMES = {
    "major-gc": "major collection",
    "minor-gc": "minor collection",
    "other-gc": "other collection",
    stall: "stall",
    silence: "silence",
  };

  /** Phases, faults and spans as `derbyMarks` wants them. */
  function marksOf(scenario, time, withSpans) {
    const stress = scenario.faults.length === 0 ? "load" : "fault";
    return {
      phases: time.phases.map((phase) => ({ ...phase, name: phase.phase === "fault" ? stress : phase.phase })),
      faults: time.faults,
      spans: withSpans ? time.spans.shown : null,
      colors: derbyCharts.colors,
    };
  }
  /** The longest spans of the second that the pointer is in; the charts draw all. */
  const heldUp = (spans, second) =>
    (spans || [])
      .filter((span) => span.fromS < second + 1 && span.fromS + span.ms / 1000 >= second)
      .sort((a, b) => b.ms - a.ms)
      .slice(0, 4)
      .map((span) => `${SPAN_NAMES[span.kind]} at ${Number(span.fromS.toFixed(2))} s, ${duration(span.ms)}`);
  const timeAxis = (seconds) =>
    axis({
      type: "linear",
      min: 0,
      max: seconds,
      ticks: { maxTicksLimit: 8, includeBounds: false, callback: (value) => `${value} s` },
    });
  /** Keeps the plots of a row exactly under each other. */
  const aligned = (given) => ({
    ...given,
    afterFit: (scale) => {
      scale.width = 52;
    },
  });
  function trialOf(canvas) {
    const scenario = summary.scenarios[canvas.dataset.scenario];
    return { scenario, ...valid(scenario).find((one) => one.trial.id === canvas.dataset.trial) };
  }

  function panel(canvas) {
    const kind = canvas.dataset.chart;
    const { scenario, trial } = trialOf(canvas);
    const limit = limits(canvas.dataset.scenario);
    const { colors } = derbyCharts;
    const { lines, axis: value, unit = String, limit: marked } = PANELS[kind];
    const marks = marksOf(scenario, trial.timeline, kind === "overhead");
    const plugins = {
      derbyMarks: marks,
      derbyBand: { band: kind === "goodput" ? trial.timeline.band || null : null, colors },
      derbyLimit: { at: null, ...marked, colors },
      tooltip: {
        callbacks: {
          title: (items) => `second ${items[0].parsed.x}`,
          label: (item) => `${item.dataset.label} ${unit(item.parsed.y)}`,
          afterBody: (items) => heldUp(marks.spans, items[0].parsed.x),
        },
      },
    };
    return {
      type: "line",
      data: { datasets: lines(trial.timeline, colors) },
      plugins: [derbyMarks, derbyBand, derbyLimit],
      options: base(
        timeAxis(limit.seconds),
        axis(aligned(value(limit))),
        plugins,
        marks.spans ? derbyLanes.room() : 14,
      ),
    };
  }

  for (const kind of Object.keys(PANELS)) derbyCharts.makers[kind] = panel;
  return { aligned, limits, marksOf, timeAxis, trialOf };
})();
