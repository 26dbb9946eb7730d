/**
 * How numbers are written for people, the same in terminal, Markdown and HTML. Promises: no locale, no clock, and nothing is
 * hidden by rounding (a small sum of money is "under $0.01", not "$0.00"). Leaves to others: which numbers are shown.
 */

/** What stands where a distribution has too few samples for the figure. */
export const NOT_ENOUGH = "not enough";
/** What stands for a recovery time that a curve never reaches: too many sessions did not come back with their memory. */
export const NEVER = "never";
/** What stands where a figure does not exist for this runtime or scenario. */
export const NOTHING = "–";

/** An integer with thousands separators: 12004 → "12,004". */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count and its noun: (1, "turn") → "1 turn", (3, "turn") → "3 turns". */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${Math.round(value) === 1 ? singular : plural}`;
}

function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

/** Milliseconds below one second, seconds above: 48 → "48 ms", 2310 → "2.31 s", 64000 → "64.0 s". */
export function duration(valueMs: number): string {
  const size = Math.abs(valueMs);
  if (size === 0) return "0 ms";
  if (size < 9.95) return `${fixed(valueMs, 1)} ms`;
  if (size < 999.5) return `${fixed(valueMs, 0)} ms`;
  if (size < 9_995) return `${fixed(valueMs / 1000, 2)} s`;
  if (size < 99_950) return `${fixed(valueMs / 1000, 1)} s`;
  return `${count(valueMs / 1000)} s`;
}

/** A duration, or "not enough" where the sample is too small to tell. */
export function durationOr(valueMs: number | null, otherwise = NOT_ENOUGH): string {
  return valueMs === null ? otherwise : duration(valueMs);
}

/** Dollars: 0.3512 → "$0.35", 0.002 → "under $0.01", 1234.5 → "$1,235". */
export function dollars(value: number): string {
  if (value === 0) return "$0";
  if (value < 0.01) return "under $0.01";
  return value < 100 ? `$${value.toFixed(2)}` : `$${count(value)}`;
}

/** A share between 0 and 1 as percent: 0.734 → "73 %", 0.004 → "0.4 %". */
export function share(value: number): string {
  const percent = value * 100;
  return percent !== 0 && percent < 10 ? `${percent.toFixed(1)} %` : `${percent.toFixed(0)} %`;
}

/** A number with as many decimals as its size deserves: 0.412 → "0.41", 4.12 → "4.1", 412.3 → "412". */
export function decimal(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1) return fixed(value, 2);
  return size < 10 ? fixed(value, 1) : count(value);
}

/** A number or "–". */
export function decimalOr(value: number | null): string {
  return value === null ? NOTHING : decimal(value);
}

/** Names in a sentence: ["a", "b", "c"] → "a, b and c". */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1] ?? ""}`;
}

/**
 * One figure of several blocks: the value itself where all agree, else the lowest and the highest. Nothing is averaged here: a mean
 * over blocks would be a new measurement.
 * @param values one per block; null where a block has too few samples
 */
export function acrossBlocks(
  values: readonly (number | null)[],
  write: (value: number) => string,
  otherwise = NOT_ENOUGH,
): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return otherwise;
  const lowest = write(Math.min(...known));
  const highest = write(Math.max(...known));
  return lowest === highest ? lowest : `${lowest} to ${highest}`;
}
