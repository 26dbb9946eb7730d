/**
 * Draws what each runtime can do alone, over rising connections: turns per second, and p99. Promises: steps with errors are left out, the
 * knee is marked large (hollow where something else than the runtime held it down), and what scenarios offer lies across on the same axis.
 */
(() => {
  const { summary, isHidden } = derbyCharts;
  const { axis, base, ceiling, count, duration, durationAxis, isPowerOfTen, line, styleOf } = derbyParts;
  const MEASURES = {
    rate: { of: (step) => step.turnsPerSecond, words: (value) => `${count(value)} turns/s` },
    p99: { of: (step) => step.p99Ms, words: duration },
  };
  const SLOWEST_MS = 1000;
  const NAMED_MOST = 6;

  function curve({ runner, steps, knee }, { of }) {
    const style = styleOf(runner);
    const points = steps
      .filter((step) => step.errors === 0 && of(step) !== null && of(step) > 0)
      .map((step) => ({
        x: step.connections,
        y: of(step),
        knee: knee !== null && step.connections === knee.saturatesAt,
      }));
    const atKnee = ({ raw }) => raw?.knee === true;
    return line(runner, points, style.color, style.dash, {
      clip: 8,
      pointStyle: (point) => (atKnee(point) ? "circle" : style.marker),
      pointRadius: (point) => (atKnee(point) ? 7 : 3),
      pointBorderWidth: (point) => (atKnee(point) ? 3 : 1),
      pointBorderColor: style.color,
      pointBackgroundColor: (point) => (atKnee(point) && knee.bound !== null ? derbyCharts.colors.page : style.color),
    });
  }

  /** A level that lies across the plot. */
  const across = (label, y, [from, to], endLabel) =>
    line(
      label,
      [
        { x: from, y },
        { x: to, y },
      ],
      derbyCharts.colors.muted,
      [4, 4],
      { borderWidth: 1, pointHitRadius: 0, endLabel },
    );

  /** What scenarios offer; of many only the least and the most are named. */
  function offers(span) {
    const offered = summary.capacity.offered.toSorted((a, b) => a.completionsPerSecond - b.completionsPerSecond);
    return offered.map(({ scenario, completionsPerSecond }, index) => {
      const named = offered.length <= NAMED_MOST || index === 0 || index === offered.length - 1;
      return across(`${scenario} offers`, completionsPerSecond, span, named ? scenario : null);
    });
  }

  derbyCharts.makers.capacity = (canvas) => {
    const measure = MEASURES[canvas.dataset.measure];
    const isRate = canvas.dataset.measure === "rate";
    const runners = summary.capacity.runners.filter(({ runner }) => !isHidden(runner));
    const places = [...new Set(runners.flatMap(({ steps }) => steps.map((step) => step.connections)))].sort(
      (a, b) => a - b,
    );
    const span = [places[0] ?? 1, places[places.length - 1] ?? 1];
    const curves = runners.map((one) => curve(one, measure));
    const levels = isRate ? offers(span) : [across("slowest that counts", SLOWEST_MS, span, null)];
    const values = [...curves, ...levels].flatMap(({ data }) => data.map(({ y }) => y)).filter((y) => y > 0);
    const least = 10 ** Math.floor(Math.log10(values.reduce((a, b) => Math.min(a, b), 10)));
    const most = ceiling(values.reduce((a, b) => Math.max(a, b), 10));
    const x = axis({
      type: "logarithmic",
      min: span[0],
      max: span[1],
      title: { display: true, text: "connections", color: derbyCharts.colors.muted, font: { size: 11 } },
      afterBuildTicks: (scale) => {
        scale.ticks = places.map((value) => ({ value }));
      },
      ticks: { callback: (value) => String(value) },
    });
    const rates = axis({
      type: "logarithmic",
      min: least,
      max: most,
      ticks: { callback: (value) => (isPowerOfTen(value) ? `${count(value)}/s` : "") },
      grid: {
        color: ({ tick }) => (tick && isPowerOfTen(tick.value) ? derbyCharts.colors.grid : "transparent"),
        tickColor: "transparent",
      },
    });
    return {
      type: "line",
      data: { datasets: [...curves, ...levels] },
      plugins: [derbyEnds],
      options: {
        ...base(x, isRate ? rates : durationAxis(least, most), {
          derbyEnds: { ends: true, ink: derbyCharts.colors.ink },
          tooltip: {
            filter: ({ datasetIndex }) => datasetIndex < curves.length,
            callbacks: {
              title: (items) => (items.length === 0 ? "" : `${count(items[0].parsed.x)} connections`),
              label: ({ dataset, parsed }) => `${dataset.label}: ${measure.words(parsed.y)}`,
            },
          },
        }),
        interaction: { mode: "nearest", axis: "x", intersect: false },
        layout: { padding: { top: 10, right: isRate && levels.length > 0 ? 120 : 12 } },
      },
    };
  };
})();
