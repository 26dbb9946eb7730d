/**
 * Draws percentile spectra: each step to the right is a tenth of the turns, so that the tail gets the room that it has in a user's day.
 * Promises: as counted from the intended start beside the successful attempt alone, in the same colour; calm and fault share their axes.
 */
(() => {
  const { summary, shown, firstOfEach } = derbyCharts;
  const { axis, base, blockName, ceiling, count, duration, durationAxis, line, styleOf } = derbyParts;
  const PHASES = ["calm", "fault"];
  /* Quantiles that people name; 1 / (1 − q) of each is its place. */
  const NAMED = [0.5, 0.9, 0.99, 0.999, 0.9999];
  const place = (q) => 1 / (1 - q);
  const percent = (q) => `${Number((q * 100).toPrecision(6))} %`;
  /* Less is below what anyone waits for, and a logarithm knows no zero. */
  const LEAST_MS = 1;
  const MEASURES = {
    overhead: { intended: "overheadMs", service: "serviceOverheadMs", latency: "overheadMs" },
    latency: { intended: "latencyMs", service: "serviceMs", latency: "latencyMs" },
  };

  function points(spectrum, values) {
    return values.map((ms, index) => ({
      x: place(spectrum.q[index]),
      y: Math.max(LEAST_MS, ms),
      q: spectrum.q[index],
    }));
  }
  /** The quantiles that are known, then the largest value of all where it is. */
  function intended({ spectrum, trial }, measure) {
    const known = points(spectrum, spectrum[measure.intended]);
    const row = trial.latency.find(({ cohort, phase }) => cohort === spectrum.cohort && phase === spectrum.phase);
    const { max, n } = row ? row[measure.latency] : { max: null, n: 0 };
    const last = known.length > 0 ? known[known.length - 1].x : 1;
    return max === null || n <= last ? known : [...known, { x: n, y: Math.max(LEAST_MS, max), q: null }];
  }

  const rowsOf = (canvas, phase) =>
    shown(summary.scenarios[canvas.dataset.scenario]).flatMap(({ runner, trial }) =>
      trial.spectrum
        .filter((one) => one.cohort === canvas.dataset.cohort && one.phase === phase && one.q)
        .map((spectrum) => ({ runner, trial, spectrum })),
    );

  function linesOf(canvas, phase, measure) {
    const rows = rowsOf(canvas, phase);
    const first = firstOfEach(rows);
    /* Broken lines lie above full ones, so that two equal spectra are both seen. */
    return rows.flatMap((row, index) => {
      const { color, dash, marker } = styleOf(row.runner);
      const name = blockName(row.runner, row.trial);
      const isFirst = first.includes(row);
      const whole = intended(row, measure);
      const named = whole.map(({ q }) => q === null || NAMED.some((one) => Math.abs(one - q) < 1e-9));
      const look = { order: -index, borderWidth: isFirst ? 2 : 1, clip: 6, pointStyle: marker };
      const lines = [
        line(name, whole, color, dash, {
          ...look,
          pointRadius: ({ dataIndex }) => (isFirst && named[dataIndex] ? 3.5 : 0),
          pointBackgroundColor: ({ dataIndex }) => (whole[dataIndex]?.q === null ? "transparent" : color),
          pointBorderWidth: 1.5,
        }),
      ];
      const service = row.spectrum[measure.service];
      if (isFirst && service && service.length > 0)
        lines.push(
          line(`${name}, successful attempt alone`, points(row.spectrum, service), color, [1, 3], { borderWidth: 1.4 }),
        );
      return lines;
    });
  }

  derbyCharts.makers.spectrum = (canvas) => {
    const measure = MEASURES[canvas.dataset.measure];
    const sets = linesOf(canvas, canvas.dataset.phase, measure);
    const all = PHASES.flatMap((phase) => linesOf(canvas, phase, measure)).flatMap(({ data }) => data);
    const most = all.reduce((far, { y }) => Math.max(far, y), 10);
    const least = all.reduce((near, { y }) => Math.min(near, y), most);
    const right = 1.15 * all.reduce((far, { x }) => Math.max(far, x), place(0.9));
    const x = axis({
      type: "logarithmic",
      min: 1,
      max: right,
      afterBuildTicks: (scale) => {
        scale.ticks = NAMED.filter((q) => place(q) <= right).map((q) => ({ value: place(q) }));
      },
      ticks: { callback: (value) => percent(1 - 1 / value) },
    });
    return {
      type: "line",
      data: { datasets: sets },
      options: {
        ...base(
          x,
          durationAxis(10 ** Math.floor(Math.log10(least)), ceiling(most)),
          {
            tooltip: {
              callbacks: {
                title: ([item]) =>
                  item.raw.q === null ? `the longest of ${count(item.raw.x)}` : `${percent(item.raw.q)} within`,
                label: (item) => `${item.dataset.label}: ${duration(item.parsed.y)}`,
              },
            },
          },
          6,
        ),
        interaction: { mode: "nearest", axis: "xy", intersect: false },
      },
    };
  };
})();
