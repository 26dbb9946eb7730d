/** The Chart.js plugins that draw what the chart library has no notion of. They read `options.plugins.<id>` and draw, nothing else. */

/* Lanes above the plot: what held the runtime up, on the axis of the plot itself. A lane holds kinds of spans; lesser kinds are half as high. */
const derbyLanes = {
  height: 7,
  gap: 3,
  top: 14,
  list: [
    { name: "GC", color: "collection", whole: ["major-gc"], half: ["minor-gc", "other-gc"] },
    { name: "stall", color: "stall", whole: ["stall"], half: [] },
    { name: "silent", color: "silence", whole: ["silence"], half: [] },
  ],
  room() {
    return this.top + this.list.length * (this.height + this.gap) + this.gap;
  },
  draw(chart, spans, colors) {
    const {
      ctx,
      chartArea: area,
      scales: { x },
    } = chart;
    ctx.save();
    ctx.font = "9px system-ui, sans-serif";
    ctx.textBaseline = "middle";
    ctx.textAlign = "right";
    this.list.forEach((lane, index) => {
      const top = area.top - this.room() + this.gap + index * (this.height + this.gap);
      ctx.fillStyle = colors.muted;
      ctx.fillText(lane.name, area.left - 5, top + this.height / 2);
      ctx.fillStyle = colors.grid;
      ctx.fillRect(area.left, top + this.height - 1, area.right - area.left, 1);
      ctx.fillStyle = colors[lane.color];
      for (const span of spans) {
        const whole = lane.whole.includes(span.kind);
        if (!whole && !lane.half.includes(span.kind)) continue;
        const from = Math.min(area.right - 1.5, x.getPixelForValue(span.fromS));
        const to = Math.min(area.right, x.getPixelForValue(span.fromS + span.ms / 1000));
        const height = whole ? this.height : this.height / 2;
        ctx.fillRect(from, top + this.height - height, Math.max(1.5, to - from), height);
      }
    });
    ctx.restore();
  },
};

/* Bands of phases, bands from each fault until the runtime was ready again with their lines, lanes of spans. Options: {phases, faults, spans, colors}; spans may be null. */
globalThis.derbyMarks = {
  id: "derbyMarks",
  beforeDatasetsDraw(chart, _args, options) {
    if (!options.phases) return;
    const {
      ctx,
      chartArea: area,
      scales: { x },
    } = chart;
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
    ctx.fillStyle = options.colors.fault;
    ctx.globalAlpha = 0.12;
    for (const { atS, readyS } of options.faults) {
      if (readyS !== null) ctx.fillRect(within(atS), area.top, within(readyS) - within(atS), area.bottom - area.top);
    }
    ctx.restore();
  },
  afterDatasetsDraw(chart, _args, options) {
    if (!options.faults) return;
    const {
      ctx,
      chartArea: area,
      scales: { x },
    } = chart;
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
    ctx.restore();
    if (options.spans) derbyLanes.draw(chart, options.spans, options.colors);
  },
};

/* Names at the right end of each line, pushed apart where they would touch. Option: {ends: true}. */
globalThis.derbyEnds = {
  id: "derbyEnds",
  afterDatasetsDraw(chart, _args, options) {
    if (!options.ends) return;
    const {
      ctx,
      chartArea: area,
      scales: { y },
    } = chart;
    const labels = chart.data.datasets
      .filter((set) => set.endLabel)
      .map((set) => ({
        text: set.endLabel,
        color: set.borderColor,
        at: y.getPixelForValue(set.data[set.data.length - 1].y),
      }))
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
