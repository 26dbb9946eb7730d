/**
 * Seeded randomness by key: the value drawn for (seed, session, turn, step …) is the same whatever was drawn before it,
 * so that every runtime meets the same world in whatever order it asks.
 */

/** FNV-1a, 32 bit, over UTF-8 bytes (Fowler, Noll, Vo; draft-eastlake-fnv). Returns an unsigned integer. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return fnv1a32OfBytes(Buffer.from(text, "utf8"));
    hash = Math.imul(hash ^ unit, 0x01000193);
  }
  return hash >>> 0;
}

/** Names are nearly always ASCII, whose UTF-8 bytes are its characters: no buffer is made for them. */
function fnv1a32OfBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Mixes one more 32-bit word into a hash (the finaliser of MurmurHash3, Appleby). */
function mix(hash: number, word: number): number {
  let h = Math.imul(hash ^ word, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A 32-bit key made of a seed and any number of names and integers. */
export function keyOf(seed: number, ...parts: readonly (string | number)[]): number {
  let hash = mix(0x9e3779b9, seed >>> 0);
  for (const part of parts) hash = mix(hash, typeof part === "number" ? part >>> 0 : fnv1a32(part));
  return hash;
}

/** Values in [0, 1). */
export type Random = () => number;

/** A stream of uniform values for one key (mulberry32, Tommy Ettinger; period 2³², plenty for one step of one turn). */
export function randomOf(seed: number, ...parts: readonly (string | number)[]): Random {
  let state = keyOf(seed, ...parts);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A random value as data, so that scenario files stay plain and printable. Times are milliseconds. */
export type Distribution =
  | { readonly dist: "constant"; readonly value: number }
  | { readonly dist: "uniform"; readonly low: number; readonly high: number }
  | { readonly dist: "exponential"; readonly mean: number }
  | { readonly dist: "lognormal"; readonly median: number; readonly sigma: number };

/** Always `value`. */
export const constant = (value: number): Distribution => ({ dist: "constant", value });
/** Uniform in [low, high]. */
export const uniform = (low: number, high: number): Distribution => ({ dist: "uniform", low, high });
/** Exponential with this mean, cut at ten times the mean so that one draw cannot outlast a trial. */
export const exponential = (mean: number): Distribution => ({ dist: "exponential", mean });
/** Lognormal with this median and the standard deviation `sigma` of its logarithm. */
export const lognormal = (median: number, sigma: number): Distribution => ({ dist: "lognormal", median, sigma });

/** One draw from a distribution. */
export function draw(distribution: Distribution, random: Random): number {
  switch (distribution.dist) {
    case "constant":
      return distribution.value;
    case "uniform":
      return distribution.low + (distribution.high - distribution.low) * random();
    case "exponential":
      return Math.min(10, -Math.log(1 - random())) * distribution.mean;
    case "lognormal": {
      // Box and Muller (1958); one of the pair is enough here.
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      return distribution.median * Math.exp(distribution.sigma * normal);
    }
  }
}

/** The mean of a distribution, exact but for the cut of the exponential; used for planning load. */
export function meanOf(distribution: Distribution): number {
  switch (distribution.dist) {
    case "constant":
      return distribution.value;
    case "uniform":
      return (distribution.low + distribution.high) / 2;
    case "exponential":
      return distribution.mean;
    case "lognormal":
      return distribution.median * Math.exp(distribution.sigma ** 2 / 2);
  }
}

/** A shuffled copy (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}
