/**
 * Draws the heat map of a trial: a cell per second and bucket of overhead, darker (on a dark page brighter) the more turns were answered
 * in it. Promises: a single turn has a colour that stands out from the page, so that no extreme is lost; steps are equal for all runners
 * of a scenario, and come with the canvas.
 */
(() => {
  const { axis, base, duration, durationAxis } = derbyParts;
  const { aligned, limits, marksOf, timeAxis, trialOf } = derbyTimeline;

  /** Cells as rectangles in the units of the axes. The lowest and the highest bucket are open: they get the height of a neighbour. */
  function cellsOf({ edgesMs, everyS, columns }) {
    const low = (bucket) => (bucket === 0 ? edgesMs[0] / 1.5 : edgesMs[bucket - 1]);
    const high = (bucket) => (bucket === edgesMs.length ? edgesMs[bucket - 1] * 1.5 : edgesMs[bucket]);
    return columns.flatMap(([first, ...counts], column) =>
      counts.flatMap((n, offset) => {
        const bucket = first + offset;
        if (n === 0) return [];
        const [fromMs, toMs] = [low(bucket), high(bucket)];
        const fromS = column * everyS;
        return { x: fromS + everyS / 2, y: Math.sqrt(fromMs * toMs), n, fromS, toS: fromS + everyS, fromMs, toMs };
      }),
    );
  }

  /* Options: {steps, colors}. */
  const derbyHeat = {
    id: "derbyHeat",
    beforeDatasetsDraw(chart, _args, { steps, colors }) {
      const {
        ctx,
        chartArea: area,
        scales: { x, y },
      } = chart;
      ctx.save();
      for (const cell of chart.data.datasets[0].data) {
        const left = x.getPixelForValue(cell.fromS);
        const top = y.getPixelForValue(cell.toMs);
        const width = Math.max(1.5, Math.min(area.right, x.getPixelForValue(cell.toS)) - left);
        ctx.fillStyle = colors.heat[steps.findLastIndex((step) => cell.n >= step)];
        ctx.fillRect(left, top, width, Math.max(1.5, y.getPixelForValue(cell.fromMs) - top));
      }
      ctx.restore();
    },
  };
  const secondsOf = ({ fromS, toS }) => (toS - fromS > 1 ? `second ${fromS} to ${toS}` : `second ${fromS}`);
  const spanOf = ({ fromMs, toMs }, edges) => {
    if (fromMs < edges[0]) return `less than ${duration(toMs)}`;
    return fromMs === edges[edges.length - 1]
      ? `${duration(fromMs)} or more`
      : `${duration(fromMs)} to ${duration(toMs)}`;
  };

  derbyCharts.makers.heat = (canvas) => {
    const { scenario, trial } = trialOf(canvas);
    const { colors } = derbyCharts;
    const steps = canvas.dataset.steps.split(",").map(Number);
    const { seconds, overheadMs } = limits(canvas.dataset.scenario);
    const { edgesMs } = trial.heat;
    const plugins = {
      derbyMarks: marksOf(scenario, trial.timeline, false),
      derbyHeat: { steps, colors },
      tooltip: {
        callbacks: {
          title: ([item]) => (item ? secondsOf(item.raw) : ""),
          label: ({ raw }) => `${raw.n} ${raw.n === 1 ? "turn" : "turns"}, overhead ${spanOf(raw, edgesMs)}`,
        },
      },
    };
    const cells = { data: cellsOf(trial.heat), pointRadius: 0, pointHitRadius: 5, pointHoverRadius: 0 };
    return {
      type: "scatter",
      data: { datasets: [cells] },
      plugins: [derbyHeat, derbyMarks],
      options: {
        ...base(timeAxis(seconds), axis(aligned(durationAxis(edgesMs[0] / 1.5, overheadMs))), plugins),
        interaction: { mode: "nearest", intersect: true },
      },
    };
  };
})();
