/**
 * Fewer points for long lines. Promises: in every stretch that becomes one, the lowest and the highest point stay, in their order, and a
 * gap stays a gap; so no peak and no hole is lost. Lines that are short enough stay as they are.
 */
globalThis.derbySampling = {
  most: 800,
  /** @param points {x, y} in order of x; y may be null @param most points at most, at least 4 */
  thin(points, most = this.most) {
    if (points.length <= most) return points;
    /* Lowest, highest and a gap of each stretch. */
    const length = Math.ceil(points.length / Math.floor(most / 3));
    const kept = [];
    for (let from = 0; from < points.length; from += length) {
      const stretch = points.slice(from, from + length);
      const known = stretch.filter((point) => point.y !== null);
      const chosen = new Set();
      if (known.length > 0) {
        chosen.add(known.reduce((a, b) => (b.y < a.y ? b : a)));
        chosen.add(known.reduce((a, b) => (b.y > a.y ? b : a)));
      }
      const gap = stretch.find((point) => point.y === null);
      if (gap) chosen.add(gap);
      for (const point of stretch) if (chosen.has(point)) kept.push(point);
    }
    return kept;
  },
};
