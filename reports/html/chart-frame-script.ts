/**
 * Browser code, as text: the two Chart.js plugins that draw what the chart library has no notion of. Promises: plain JavaScript without
 * backticks, so that it can stand in this string; it reads `options.plugins.<id>` and draws, nothing else.
 */
export const CHART_FRAME_SCRIPT = `"use strict";
/* Bands of phases, lines of faults and ready instants, ticks of collections. Options: {phases, faults, gcs, colors, labels}. */
const derbyMarks = {
  id: "derbyMarks",
  beforeDatasetsDraw(chart, _args, options) {
    if (!options.phases) return;
    const { ctx, chartArea: area, scales: { x } } = chart;
    const within = (s) => Math.min(area.right, Math.max(area.left, x.getPixelForValue(s)));
    ctx.save();
    ctx.font = "10px system-ui, sans-serif";
    ctx.textBaseline = "alphabetic";
    options.phases.forEach((phase, index) => {
      const from = within(phase.fromS);
      const to = within(phase.toS);
      if (index % 2 === 0) {
        ctx.fillStyle = options.colors.band;
        ctx.fillRect(from, area.top, to - from, area.bottom - area.top);
      }
      if (ctx.measureText(phase.name).width + 4 <= to - from) {
        ctx.fillStyle = options.colors.muted;
        ctx.fillText(phase.name, from + 2, area.top - 3);
      }
    });
    ctx.restore();
  },
  afterDatasetsDraw(chart, _args, options) {
    if (!options.faults) return;
    const { ctx, chartArea: area, scales: { x } } = chart;
    const line = (s, dash) => {
      const at = x.getPixelForValue(s);
      ctx.setLineDash(dash);
      ctx.beginPath();
      ctx.moveTo(at, area.top);
      ctx.lineTo(at, area.bottom);
      ctx.stroke();
      return at;
    };
    ctx.save();
    ctx.font = "600 10px system-ui, sans-serif";
    ctx.fillStyle = options.colors.fault;
    ctx.strokeStyle = options.colors.fault;
    ctx.lineWidth = 1.25;
    let free = -Infinity;
    for (const fault of options.faults) {
      const at = line(fault.atS, []);
      if (fault.readyS !== null) line(fault.readyS, [2, 2]);
      const width = ctx.measureText(fault.kind).width;
      const left = at + 3 + width > area.right ? at - 3 - width : at + 3;
      if (left > free) {
        ctx.fillText(fault.kind, left, area.top + 9);
        free = left + width;
      }
    }
    ctx.setLineDash([]);
    ctx.strokeStyle = options.colors.muted;
    for (const gc of options.gcs || []) {
      const at = x.getPixelForValue(gc.atS);
      ctx.beginPath();
      ctx.moveTo(at, area.bottom);
      ctx.lineTo(at, area.bottom - 7);
      ctx.stroke();
    }
    ctx.restore();
  },
};

/* Names at the right end of each line, pushed apart where they would touch. Option: {ends: true}. */
const derbyEnds = {
  id: "derbyEnds",
  afterDatasetsDraw(chart, _args, options) {
    if (!options.ends) return;
    const { ctx, chartArea: area, scales: { y } } = chart;
    const labels = chart.data.datasets
      .filter((set) => set.endLabel)
      .map((set) => ({ text: set.endLabel, color: set.borderColor, at: y.getPixelForValue(set.data[set.data.length - 1].y) }))
      .sort((a, b) => a.at - b.at);
    const gap = 14;
    labels.forEach((label, index) => {
      if (index > 0) label.at = Math.max(label.at, labels[index - 1].at + gap);
    });
    for (let index = labels.length - 1, floor = area.bottom; index >= 0; index--, floor -= gap) {
      labels[index].at = Math.min(labels[index].at, floor);
    }
    ctx.save();
    ctx.font = "12px system-ui, sans-serif";
    ctx.textBaseline = "middle";
    for (const label of labels) {
      ctx.fillStyle = label.color;
      ctx.fillRect(area.right + 4, label.at - 1, 8, 2);
      ctx.fillStyle = options.ink;
      ctx.fillText(label.text, area.right + 16, label.at);
    }
    ctx.restore();
  },
};
`;
