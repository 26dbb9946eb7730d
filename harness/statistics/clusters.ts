/**
 * How many samples count as one: what goes wrong together is one observation.
 *
 * Samples are counted in *cells*, a second of one process each. The counts beyond a threshold, added up over blocks of 1 to 20 seconds
 * and over whole processes, vary more than those of independent samples would; the ratio of the variances is the design effect
 * (Kish 1965). Cells are all that is needed, so interval histograms serve as well as samples.
 */
import { normalQuantile } from "./normal.ts";

/** Samples by second and process. */
export interface Cells {
  /** Start of each cell, counted from the first of its process. */
  readonly startsMs: ArrayLike<number>;
  /** Number of the process, ascending from 0. */
  readonly processes: ArrayLike<number>;
  /** Samples in each cell. */
  readonly all: ArrayLike<number>;
}

const CELL_MS = 1000;

/**
 * The cells of samples taken at these instants.
 * @param processes number of the process of each sample, from 0; left out, all come from one
 * @returns the cells, and for each sample the index of its own
 */
export function cellsOf(
  timesMs: ArrayLike<number>,
  processes?: ArrayLike<number>,
): { readonly cells: Cells; readonly cellOf: Int32Array } {
  const spans: { firstMs: number; lastMs: number; start: number }[] = [];
  for (let i = 0; i < timesMs.length; i++) {
    const timeMs = timesMs[i] ?? 0;
    const process = processes?.[i] ?? 0;
    while (spans.length <= process)
      spans.push({ firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY, start: 0 });
    const span = spans[process];
    if (span === undefined) continue;
    if (timeMs < span.firstMs) span.firstMs = timeMs;
    if (timeMs > span.lastMs) span.lastMs = timeMs;
  }
  const startsMs: number[] = [];
  const owners: number[] = [];
  for (const [process, span] of spans.entries()) {
    span.start = startsMs.length;
    for (let startMs = 0; startMs <= span.lastMs - span.firstMs; startMs += CELL_MS) {
      startsMs.push(startMs);
      owners.push(process);
    }
  }
  const all = new Float64Array(startsMs.length);
  const cellOf = new Int32Array(timesMs.length);
  for (let i = 0; i < timesMs.length; i++) {
    const span = spans[processes?.[i] ?? 0];
    const cell = span === undefined ? 0 : span.start + Math.floor(((timesMs[i] ?? 0) - span.firstMs) / CELL_MS);
    cellOf[i] = cell;
    all[cell] = (all[cell] ?? 0) + 1;
  }
  return { cells: { startsMs, processes: owners, all }, cellOf };
}

/** How many values of each cell lie above the threshold. */
export function countsBeyond(
  values: ArrayLike<number>,
  cellOf: Int32Array,
  cells: number,
  threshold: number,
): Float64Array {
  const beyond = new Float64Array(cells);
  for (let i = 0; i < values.length; i++) {
    const cell = cellOf[i] ?? 0;
    if ((values[i] ?? 0) > threshold) beyond[cell] = (beyond[cell] ?? 0) + 1;
  }
  return beyond;
}

/** One way to cluster, and what it says. */
export interface Clustering {
  /** Variance of the clusters' counts over that of independent samples. */
  readonly dispersion: number;
  /** Clusters less one. */
  readonly degrees: number;
  /** Length of the blocks; infinite for whole processes. */
  readonly blockMs: number;
}

export const BLOCKS_MS: readonly number[] = [1_000, 2_000, 5_000, 10_000, 20_000, Number.POSITIVE_INFINITY];
/** With fewer blocks their variance says nothing. */
const BLOCKS_LEAST = 4;
/** Processes are few and costly: from two on they are asked. */
const PROCESSES_LEAST = 2;
const Z_99 = normalQuantile(0.99);

/** 99 % point of chi-square over its degrees of freedom (Wilson and Hilferty 1931): how large a dispersion chance makes. */
export function chanceDispersion(degrees: number): number {
  const spread = 2 / (9 * degrees);
  return (1 - spread + Z_99 * Math.sqrt(spread)) ** 3;
}

/** Squared distances of the blocks' counts from what the share lets expect, and how many blocks held anything. */
function blocksOf(cells: Cells, beyond: ArrayLike<number>, share: number, blockMs: number): [number, number] {
  let squares = 0;
  let blocks = 0;
  let all = 0;
  let count = 0;
  let current = -1;
  let process = -1;
  const close = (): void => {
    if (all === 0) return;
    squares += (count - share * all) ** 2;
    blocks += 1;
    all = 0;
    count = 0;
  };
  for (let cell = 0; cell < cells.all.length; cell++) {
    const block = Math.floor((cells.startsMs[cell] ?? 0) / blockMs);
    if (block !== current || cells.processes[cell] !== process) close();
    current = block;
    process = cells.processes[cell] ?? 0;
    all += cells.all[cell] ?? 0;
    count += beyond[cell] ?? 0;
  }
  close();
  return [squares, blocks];
}

/**
 * What each way of clustering says of the counts beyond a threshold; ways with too few clusters are left out.
 * @param cells in the order of process and time @param beyond samples beyond the threshold in each cell
 */
export function clusterings(cells: Cells, beyond: ArrayLike<number>): Clustering[] {
  let n = 0;
  let far = 0;
  for (let cell = 0; cell < cells.all.length; cell++) {
    n += cells.all[cell] ?? 0;
    far += beyond[cell] ?? 0;
  }
  if (far === 0 || far === n) return [];
  const share = far / n;
  return BLOCKS_MS.flatMap((blockMs) => {
    const [squares, blocks] = blocksOf(cells, beyond, share, blockMs);
    if (blocks < (Number.isFinite(blockMs) ? BLOCKS_LEAST : PROCESSES_LEAST)) return [];
    const degrees = blocks - 1;
    return [{ dispersion: (squares / (n * share * (1 - share))) * (blocks / degrees), degrees, blockMs }];
  });
}

/** The largest dispersion that is larger than chance makes it; at least 1. */
export function largestEffect(found: readonly Clustering[]): number {
  return found.reduce(
    (largest, { dispersion, degrees }) =>
      dispersion > chanceDispersion(degrees) ? Math.max(largest, dispersion) : largest,
    1,
  );
}
