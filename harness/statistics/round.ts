/** Rounding for what is written down: the same figure is the same text on every machine. */

/** Rounds half away from zero to this many decimals; never gives minus zero. */
export function round(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  return (Math.sign(value) * Math.round(Math.abs(value) * factor)) / factor + 0;
}

/** {@link round}, passing null on. */
export function roundOrNull(value: number | null, decimals: number): number | null {
  return value === null ? null : round(value, decimals);
}

/** Five significant digits: ratios far below 1 keep theirs. Null is passed on. */
export function significant<T extends number | null>(value: T): T extends number ? number : number | null;
export function significant(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(5));
}
