/**
 * Draws the shift plots of a comparison. Promises: the axis of quantiles is that of a percentile spectrum (each step to the right is a
 * tenth of the turns), ratios on a log axis that is equal for all plots.
 */

(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const comparison = read("comparison");
  const look = read("look");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const place = (q) => -Math.log10(1 - q);
  const NAMED = [0, 0.5, 0.9, 0.99, 0.999];
  const all = comparison.scenarios.flatMap((match) => match.shifts).flatMap((shift) => shift.points);
  /* At least from four fifths to five quarters, so that noise does not look like news. */
  const most = all.reduce((far, point) => Math.max(far, point.high, 1 / point.low), 1.25);
  const ticks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 1, 1.1, 1.25, 2, 5, 10, 20, 50, 100];
  let charts = [];

  function plot(canvas, colors) {
    const shift = comparison.scenarios[canvas.dataset.match].shifts[canvas.dataset.shift];
    const line = (label, key, more) => ({
      label,
      data: shift.points.map((point) => ({ x: place(point.q), y: point[key] })),
      borderColor: colors.intact,
      backgroundColor: "transparent",
      pointRadius: 0,
      borderWidth: 0,
      ...more,
    });
    const axis = (given) => ({
      grid: { color: colors.grid },
      border: { color: colors.rule },
      ...given,
      ticks: { color: colors.muted, font: { size: 11 }, ...given.ticks },
    });
    return new Chart(canvas, {
      type: "line",
      data: {
        datasets: [
          line("b/a", "ratio", { borderWidth: 2, pointRadius: 2, backgroundColor: colors.intact }),
          line("low", "low", {}),
          line("high", "high", { fill: "-1", backgroundColor: `${colors.intact}33` }),
          {
            label: "equal",
            data: [
              { x: 0, y: 1 },
              { x: place(0.999), y: 1 },
            ],
            borderColor: colors.muted,
            borderWidth: 1,
            borderDash: [4, 3],
            pointRadius: 0,
          },
        ],
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        scales: {
          x: axis({
            type: "linear",
            min: 0,
            max: place(0.999),
            afterBuildTicks: (scale) => {
              scale.ticks = NAMED.map((q) => ({ value: place(q) }));
            },
            ticks: { callback: (_value, index) => `p${NAMED[index] * 100}` },
          }),
          y: axis({
            type: "logarithmic",
            min: 1 / most,
            max: most,
            afterBuildTicks: (scale) => {
              scale.ticks = ticks.filter((value) => value >= 1 / most && value <= most).map((value) => ({ value }));
            },
            ticks: { callback: (value) => String(value) },
          }),
        },
        plugins: {
          legend: { display: false },
          tooltip: {
            filter: (item) => item.datasetIndex < 3,
            callbacks: {
              title: (items) =>
                items.length === 0 ? "" : `p${Number((shift.points[items[0].dataIndex].q * 100).toFixed(1))}`,
              label: (item) => `${item.dataset.label} ${Number(item.parsed.y.toFixed(3))}`,
            },
          },
        },
      },
    });
  }
  function draw(colors) {
    for (const chart of charts) chart.destroy();
    charts = [...document.querySelectorAll("canvas[data-shift]")].map((canvas) => plot(canvas, colors));
  }
  const now = () => (dark.matches ? look.dark : look.light);
  draw(now());
  dark.addEventListener("change", () => draw(now()));
  addEventListener("beforeprint", () => draw(look.light));
  addEventListener("afterprint", () => draw(now()));
})();
