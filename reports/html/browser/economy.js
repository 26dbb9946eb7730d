/**
 * Draws what was bought from the model, a bar per runner: all calls, and of these the ones bought again, as calls and as tokens.
 * Promises: kinds differ by pattern as well as by colour; the sums stand beside the bars as text.
 */
(() => {
  const { summary, shown, firstOfEach } = derbyCharts;
  const { axis, base, count, rowsHeight } = derbyParts;
  const ROW_HEIGHT = 30;
  const AGAIN = [
    { kind: "provoked", says: "provoked by a fault of the model", color: "offered", stripes: 0 },
    { kind: "unavoidable", says: "unavoidable", color: "stall", stripes: -1 },
    { kind: "avoidable", says: "avoidable", color: "broken", stripes: 1 },
  ];
  const tokens = ({ inputTokens, outputTokens }) => inputTokens + outputTokens;
  const calls = (of) => of.calls;
  const again = (economy, figure) => AGAIN.reduce((sum, { kind }) => sum + figure(economy[kind]), 0);
  const dollars = (value) => {
    if (value === 0) return "$0";
    if (value < 0.01) return "under $0.01";
    return value < 100 ? `$${value.toFixed(2)}` : `$${count(value)}`;
  };
  const short = (value) => {
    if (value < 10_000) return count(value);
    return value < 1e6 ? `${Number((value / 1000).toPrecision(3))} k` : `${Number((value / 1e6).toPrecision(3))} M`;
  };
  const againDollars = (economy) => dollars(AGAIN.reduce((sum, { kind }) => sum + economy[kind].dollars, 0));

  /** A striped fill; without a context, or without stripes, the plain colour. */
  function fill(color, stripes) {
    if (stripes === 0) return color;
    const tile = document.createElement("canvas");
    tile.width = 6;
    tile.height = 6;
    const ctx = tile.getContext("2d");
    ctx.fillStyle = color;
    ctx.fillRect(0, 0, 6, 6);
    ctx.strokeStyle = derbyCharts.colors.page;
    ctx.lineWidth = 1.2;
    for (const shift of [-6, 0, 6]) {
      ctx.beginPath();
      ctx.moveTo(shift, stripes > 0 ? 6 : 0);
      ctx.lineTo(shift + 6, stripes > 0 ? 0 : 6);
      ctx.stroke();
    }
    return ctx.createPattern(tile, "repeat");
  }

  const PANELS = {
    bought: {
      sets: (rows) => [
        {
          label: "first purchases",
          color: "intact",
          stripes: 0,
          data: rows.map(({ of }) => of.bought.calls - again(of, calls)),
        },
        ...AGAIN.map(({ kind, says, color, stripes }) => ({
          label: says,
          color,
          stripes,
          data: rows.map(({ of }) => of[kind].calls),
        })),
      ],
      says: (of) => `${short(of.bought.calls)}, ${dollars(of.bought.dollars)}`,
    },
    calls: {
      sets: (rows) =>
        AGAIN.map(({ kind, says, color, stripes }) => ({
          label: says,
          color,
          stripes,
          data: rows.map(({ of }) => of[kind].calls),
        })),
      says: (of) => `${short(again(of, calls))}, ${againDollars(of)}`,
    },
    tokens: {
      sets: (rows) =>
        AGAIN.map(({ kind, says, color, stripes }) => ({
          label: says,
          color,
          stripes,
          data: rows.map(({ of }) => tokens(of[kind])),
        })),
      says: (of) => `${short(again(of, tokens))} of ${short(tokens(of.bought))}`,
    },
  };

  /* Sums behind the bars. Options: {sums, ink}. */
  const derbySums = {
    id: "derbySums",
    afterDatasetsDraw(chart, _args, { sums, ink }) {
      const {
        ctx,
        scales: { x, y },
      } = chart;
      ctx.save();
      ctx.font = "11px system-ui, sans-serif";
      ctx.fillStyle = ink;
      ctx.textBaseline = "middle";
      sums.forEach(({ total, says }, row) => {
        ctx.fillText(says, x.getPixelForValue(total) + 6, y.getPixelForValue(row));
      });
      ctx.restore();
    },
  };

  derbyCharts.makers.economy = (canvas) => {
    const { colors } = derbyCharts;
    const rows = firstOfEach(shown(summary.scenarios[canvas.dataset.scenario])).map(({ runner, trial }) => ({
      runner,
      of: trial.economy,
    }));
    const panel = PANELS[canvas.dataset.panel];
    const sets = panel.sets(rows);
    const sums = rows.map(({ of }, row) => ({
      total: sets.reduce((sum, { data }) => sum + data[row], 0),
      says: panel.says(of),
    }));
    const most = Math.max(1, ...sums.map(({ total }) => total));
    const longest = Math.max(0, ...sums.map(({ says }) => says.length));
    rowsHeight(canvas, rows.length, ROW_HEIGHT, 34);
    return {
      type: "bar",
      data: {
        labels: rows.map(({ runner }) => (runner.length > 18 ? `${runner.slice(0, 17)}…` : runner)),
        datasets: sets.map(({ label, color, stripes, data }) => ({
          label,
          data,
          backgroundColor: fill(colors[color], stripes),
          borderColor: colors[color],
          borderWidth: 1,
          barThickness: 16,
        })),
      },
      plugins: [derbySums],
      options: {
        ...base(
          axis({
            stacked: true,
            min: 0,
            max: most,
            ticks: { maxTicksLimit: 4, includeBounds: false, callback: short },
          }),
          axis({ stacked: true, grid: { display: false }, ticks: { color: colors.ink, autoSkip: false } }),
          {
            derbySums: { sums, ink: colors.ink },
            tooltip: { callbacks: { label: ({ dataset, raw }) => `${dataset.label}: ${count(raw)}` } },
          },
        ),
        /* Room for the words behind the longest bar. */
        layout: { padding: { top: 2, right: 14 + 6.5 * longest } },
        indexAxis: "y",
        interaction: { mode: "index", axis: "y", intersect: false },
      },
    };
  };
})();
