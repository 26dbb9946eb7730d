/** Draws how touched sessions came back: the share that has not yet given an intact answer. Those who never do keep their line above zero. */
(() => {
  const { summary, shown } = derbyCharts;
  const { axis, base, blockName, ceiling, duration, durationAxis, line, styleOf } = derbyParts;

  /** Broken lines lie above full ones, so that two equal curves are both seen; the first block of a runner is drawn thick and named. */
  function curve({ runner, trial, row }, index, isFirst, least, most) {
    const style = styleOf(runner);
    const points = row.curve.map(([ms, left]) => ({ x: Math.max(least, ms), y: left * 100 }));
    const last = points.length > 0 ? points[points.length - 1].y : 100;
    return line(blockName(runner, trial), [...points, { x: most, y: last }], style.color, style.dash, {
      order: -index,
      stepped: "before",
      borderWidth: isFirst ? 2.4 : 1.1,
      pointStyle: style.marker,
      clip: 4,
      pointRadius: ({ dataIndex }) => (points.length < 2 || dataIndex % Math.ceil(points.length / 8) === 0 ? 3.5 : 0),
      endLabel: isFirst ? runner + (last > 0 ? `: ${Number(last.toPrecision(2))} % not` : ": all") : null,
    });
  }

  derbyCharts.makers.recovery = (canvas) => {
    const rows = shown(summary.scenarios[canvas.dataset.scenario]).flatMap(({ runner, trial }) =>
      trial.recovery
        .filter((row) => row.cohort === canvas.dataset.cohort && row.touched > 0)
        .map((row) => ({ runner, trial, row })),
    );
    const times = rows.flatMap(({ row }) => row.curve.map((point) => point[0])).filter((ms) => ms > 0);
    const shortest = times.reduce((a, b) => Math.min(a, b), 1000);
    const least = 10 ** Math.floor(Math.log10(Math.max(10, shortest)));
    const most = ceiling(times.reduce((a, b) => Math.max(a, b), 1000));
    const isFirst = (row) => rows.find((other) => other.runner === row.runner) === row;
    return {
      type: "line",
      data: { datasets: rows.map((row, index) => curve(row, index, isFirst(row), least, most)) },
      plugins: [derbyEnds],
      options: {
        ...base(
          durationAxis(least, most),
          axis({ min: 0, max: 100, ticks: { stepSize: 25, callback: (value) => `${value} %` } }),
          {
            derbyEnds: { ends: true, ink: derbyCharts.colors.ink },
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
  };
})();
