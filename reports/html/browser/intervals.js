/**
 * Draws quantiles of overhead as dots with their intervals, a row per runner. Promises: a dot without an interval is hollow, and a quantile
 * that too few turns carry is named instead of drawn; calm and fault share their axis.
 */
(() => {
  const { summary, shown, firstOfEach } = derbyCharts;
  const { axis, base, ceiling, duration, durationAxis, rowsHeight, styleOf } = derbyParts;
  const ROW_HEIGHT = 34;
  const NAMES = [
    { q: 0.5, name: "p50", marker: "circle" },
    { q: 0.9, name: "p90", marker: "rect" },
    { q: 0.99, name: "p99", marker: "triangle" },
  ];
  const LEAST_MS = 1;

  /** Over several blocks: the median of the blocks with the interval of that median, or with the spread where they are too few. */
  function overBlocks(result, { cohort, phase }, name) {
    const found = result.overBlocks.figures.find(
      (one) => one.figure === `overhead ${name}` && one.cohort === cohort && one.phase === phase,
    );
    if (!found) return null;
    const { interval, lowest, highest } = found;
    const [low, high] = interval ? [interval.low, interval.high] : [lowest, highest];
    return { ms: found.median, low, high, sure: interval !== null };
  }
  function inTrial(trial, { cohort, phase }, q) {
    const found = (trial.intervals || []).find((one) => one.cohort === cohort && one.phase === phase && one.q === q);
    if (!found || found.ms === null) return null;
    const { ms, lowMs, highMs } = found;
    return { ms, low: lowMs ?? ms, high: highMs ?? ms, sure: lowMs !== null && highMs !== null };
  }

  /** What is known of each runner in a phase, in the order of the run. */
  function rowsOf(scenario, which) {
    return firstOfEach(shown(scenario)).map(({ runner, trial }) => {
      const result = scenario.results.find((one) => one.runner === runner);
      const dots = NAMES.map(({ q, name, marker }) => ({
        name,
        marker,
        known: result.overBlocks.blocks > 1 ? overBlocks(result, which, name) : inTrial(trial, which, q),
      }));
      return { runner, dots };
    });
  }

  /* Lines from low to high with caps, and words where dots are missing. Options: {missing, nobody, colors}. */
  const derbyIntervals = {
    id: "derbyIntervals",
    beforeDatasetsDraw(chart, _args, { missing, nobody, colors }) {
      const {
        ctx,
        chartArea: area,
        scales: { x, y },
      } = chart;
      ctx.save();
      for (const [index, set] of chart.data.datasets.entries()) {
        if (!chart.isDatasetVisible(index)) continue;
        ctx.strokeStyle = set.borderColor;
        ctx.lineWidth = 1.5;
        for (const dot of set.data) {
          if (dot.low === dot.high) continue;
          const at = y.getPixelForValue(dot.y);
          const [from, to] = [dot.low, dot.high].map((ms) => x.getPixelForValue(Math.max(LEAST_MS, ms)));
          ctx.beginPath();
          ctx.moveTo(from, at);
          ctx.lineTo(to, at);
          for (const cap of [from, to]) {
            ctx.moveTo(cap, at - 4);
            ctx.lineTo(cap, at + 4);
          }
          ctx.stroke();
        }
      }
      ctx.font = "10px system-ui, sans-serif";
      ctx.fillStyle = colors.muted;
      ctx.textAlign = "right";
      ctx.textBaseline = "middle";
      for (const { row, says } of missing) ctx.fillText(says, area.right - 2, y.getPixelForValue(row) + 11);
      ctx.fillText(nobody, area.right - 2, area.top - 8);
      ctx.restore();
    },
  };

  derbyCharts.makers.intervals = (canvas) => {
    const scenario = summary.scenarios[canvas.dataset.scenario];
    const { cohort, phase } = canvas.dataset;
    const { colors } = derbyCharts;
    const rows = rowsOf(scenario, { cohort, phase });
    const everywhere = ["calm", "fault"].flatMap((one) => rowsOf(scenario, { cohort, phase: one }));
    const known = everywhere.flatMap(({ dots }) => dots.flatMap((dot) => dot.known || []));
    const most = ceiling(known.reduce((far, { ms, high }) => Math.max(far, ms, high), 10));
    const lowest = known.reduce((near, { low }) => Math.min(near, low), most / 10);
    const least = 10 ** Math.floor(Math.log10(Math.max(LEAST_MS, lowest)));
    const sets = NAMES.map(({ name, marker }, which) => ({
      label: name,
      data: rows.flatMap(({ runner, dots }, row) => {
        const one = dots[which].known;
        /* The three stand a little apart, so that equal ones are all seen. */
        return one ? [{ x: Math.max(LEAST_MS, one.ms), y: row + (which - 1) * 0.16, runner, ...one }] : [];
      }),
      pointStyle: marker,
      pointRadius: 5,
      pointHoverRadius: 6,
      borderColor: colors.ink,
      pointBorderColor: ({ raw }) => (raw ? styleOf(raw.runner).color : colors.ink),
      pointBackgroundColor: ({ raw }) =>
        raw && !raw.sure ? colors.page : raw ? styleOf(raw.runner).color : colors.ink,
      pointBorderWidth: 2,
    }));
    const unknown = NAMES.filter((_name, which) => rows.every(({ dots }) => dots[which].known === null));
    const missing = rows.flatMap(({ dots }, row) => {
      const names = dots.filter((dot) => dot.known === null && !unknown.some(({ name }) => name === dot.name));
      return names.length === 0 ? [] : [{ row, says: `${names.map(({ name }) => name).join(", ")}: not enough` }];
    });
    const nobody = unknown.length === 0 ? "" : `${unknown.map(({ name }) => name).join(", ")}: not enough for anyone`;
    rowsHeight(canvas, rows.length, ROW_HEIGHT, 44);
    const y = axis({
      type: "linear",
      min: -0.5,
      max: Math.max(0.5, rows.length - 0.5),
      reverse: true,
      afterBuildTicks: (scale) => {
        scale.ticks = rows.map((_row, value) => ({ value }));
      },
      ticks: { callback: (value) => shortened(rows[value]?.runner ?? ""), color: colors.ink, autoSkip: false },
    });
    const label = ({ raw, dataset }) =>
      `${raw.runner} ${dataset.label} ${duration(raw.ms)}${raw.low === raw.high ? "" : `, ${duration(raw.low)} to ${duration(raw.high)}`}`;
    return {
      type: "scatter",
      data: { datasets: sets },
      plugins: [derbyIntervals],
      options: {
        ...base(
          durationAxis(least, most),
          y,
          {
            derbyIntervals: { missing, nobody, colors },
            tooltip: { callbacks: { title: () => "", label } },
          },
          16,
        ),
        interaction: { mode: "nearest", intersect: true },
      },
    };
  };
  const shortened = (name) => (name.length > 18 ? `${name.slice(0, 17)}…` : name);
})();
