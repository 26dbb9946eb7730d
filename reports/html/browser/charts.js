/**
 * Keeps the charts of the page: reads the summary, and has each canvas drawn by the maker of its kind. Promises: a chart is drawn when it
 * comes near the window, or when the browser has nothing else to do; follows theme and filter, and prints light; nothing of a summary becomes markup. Leaves to others: what is drawn
 * (a file of makers per subject, which add themselves to `derbyCharts.makers`), marks and labels (chart-frame.js), every number (the summary).
 *
 * Others tell it by events on the document: `derby:filter` with detail {hidden: [runner, …]} hides runners in every chart.
 */
const derbyCharts = (() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const summary = read("summary");
  const look = read("look");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const makers = {};
  const drawn = new Map();
  let hidden = new Set();

  /** The palette of the page as it looks now, whoever chose it. */
  function paletteNow() {
    if (typeof getComputedStyle === "undefined") return dark.matches ? look.dark : look.light;
    const page = getComputedStyle(document.documentElement).getPropertyValue("--page").trim();
    return page === look.dark.page ? look.dark : look.light;
  }
  let colors = paletteNow();

  const valid = (scenario) =>
    scenario.results.flatMap((result) =>
      result.trials
        .filter((trial) => trial.validity.verdict === "valid")
        .map((trial) => ({ runner: result.runner, trial })),
    );
  const shown = (scenario) => valid(scenario).filter(({ runner }) => !hidden.has(runner));
  /** The first of these of each runner. */
  const firstOfEach = (rows) => rows.filter((row) => rows.find((other) => other.runner === row.runner) === row);

  function drawOne(canvas) {
    if (drawn.has(canvas) || canvas.closest("details:not([open])")) return;
    const make = makers[canvas.dataset.chart];
    if (make) drawn.set(canvas, new Chart(canvas, make(canvas)));
  }
  const near =
    typeof IntersectionObserver === "undefined"
      ? null
      : new IntersectionObserver(
          (entries) => {
            for (const entry of entries) if (entry.isIntersecting) drawOne(entry.target);
          },
          { rootMargin: "600px 0px" },
        );
  function wait(canvas) {
    if (near === null) drawOne(canvas);
    else {
      near.unobserve(canvas); // an observer tells only of changes, and of what is new to it
      near.observe(canvas);
    }
  }
  const canvases = () => [...document.querySelectorAll("canvas[data-chart]")];

  /** Draws what is still waiting, one chart whenever the browser is idle, so that whoever looks later finds it there. */
  function drawInIdleTime() {
    if (typeof requestIdleCallback === "undefined") return;
    const next = canvases().find((canvas) => !drawn.has(canvas) && !canvas.closest("details:not([open])"));
    if (next === undefined || makers[next.dataset.chart] === undefined) return;
    requestIdleCallback(() => {
      drawOne(next);
      drawInIdleTime();
    });
  }

  /** Draws at once what is near the window, the rest when it comes near. */
  function redraw(palette) {
    const before = [...drawn.keys()];
    for (const chart of drawn.values()) chart.destroy();
    drawn.clear();
    colors = palette;
    for (const canvas of before) wait(canvas);
    drawInIdleTime();
  }
  function followTheme() {
    const palette = paletteNow();
    if (palette !== colors) redraw(palette);
  }
  function follow() {
    dark.addEventListener("change", followTheme);
    if (typeof MutationObserver !== "undefined")
      new MutationObserver(followTheme).observe(document.documentElement, { attributes: true });
    document.addEventListener("derby:filter", (event) => {
      hidden = new Set(event.detail.hidden);
      redraw(colors);
    });
    addEventListener("beforeprint", () => {
      redraw(look.light);
      canvases().forEach(drawOne);
    });
    addEventListener("afterprint", () => redraw(paletteNow()));
  }
  /* Once every script has run, so that all makers are known. */
  document.addEventListener("DOMContentLoaded", () => {
    canvases().forEach(wait);
    follow();
    drawInIdleTime();
  });

  return {
    makers,
    summary,
    look,
    valid,
    shown,
    firstOfEach,
    isHidden: (runner) => hidden.has(runner),
    get colors() {
      return colors;
    },
  };
})();

/* What charts are made of: axes, lines and words in the look of the page. */
globalThis.derbyParts = (() => {
  const { look, summary } = derbyCharts;
  const duration = (ms) => (ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`);
  const isPowerOfTen = (value) => Math.abs(Math.log10(value) % 1) < 1e-9;
  const axis = (given) => ({
    grid: { color: derbyCharts.colors.grid, tickColor: "transparent" },
    border: { color: derbyCharts.colors.rule },
    ...given,
    ticks: { color: derbyCharts.colors.muted, font: { size: 11 }, maxRotation: 0, ...given.ticks },
  });
  return {
    duration,
    isPowerOfTen,
    axis,
    count: (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ","),
    largest: (lists) => lists.reduce((most, list) => list.reduce((a, b) => (b !== null && b > a ? b : a), most), 0),
    ceiling: (value) => 10 ** Math.ceil(Math.log10(Math.max(10, value))),
    /** Milliseconds on a logarithmic axis with a line at each power of ten. */
    durationAxis: (min, max, given = {}) =>
      axis({
        type: "logarithmic",
        min,
        max,
        ...given,
        ticks: { callback: (value) => (isPowerOfTen(value) ? duration(value) : "") },
        grid: {
          color: ({ tick }) => (tick && isPowerOfTen(tick.value) ? derbyCharts.colors.grid : "transparent"),
          tickColor: "transparent",
        },
      }),
    base: (x, y, plugins, top = 14) => ({
      animation: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      layout: { padding: { top } },
      interaction: { mode: "index", intersect: false },
      scales: { x, y },
      plugins: { legend: { display: false }, ...plugins },
    }),
    line: (label, data, color, dash, more) => ({
      label,
      data,
      borderColor: color,
      backgroundColor: color,
      borderWidth: 1.6,
      borderDash: dash,
      pointRadius: 0,
      pointHitRadius: 6,
      ...more,
    }),
    styleOf(runner) {
      const found = summary.contestants.findIndex((contestant) => contestant.name === runner);
      const position = found >= 0 ? found : summary.contestants.length;
      const pick = (list) => list[position % list.length];
      return { color: pick(derbyCharts.colors.runners), dash: pick(look.dashes), marker: pick(look.markers) };
    },
    blockName: (runner, trial) => (summary.campaign.blocks > 1 ? `${runner}, block ${trial.block}` : runner),
    /** A chart whose height grows with its rows. */
    rowsHeight(canvas, rows, each, rest) {
      if (canvas.parentNode) canvas.parentNode.style.height = `${rest + Math.max(1, rows) * each}px`;
    },
  };
})();
