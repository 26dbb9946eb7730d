/**
 * The local tools that compute: work that the runtime does itself, with results that anybody can check.
 *
 * Each is a pure function of its arguments but `hold_memory`, which keeps what it makes in the holder it is given. Arguments
 * that make no sense throw an Error; `tools.ts` turns that into a tool message. All arithmetic is unsigned 32 bit, as the
 * contract says; `vectors.json` holds known answers.
 */

/** What `hold_memory` and `churn_memory` allocate: a small object with a text of its own, as long-lived contexts consist of. */
export interface SmallObject {
  readonly number: number;
  readonly text: string;
}

/** Where `hold_memory` keeps its objects: beside the live session, never persisted. An empty object is an empty holder. */
export interface MemoryHolder {
  /** The arguments, to hold the same again where a session is loaded, and the objects themselves. */
  held?: { readonly seed: number; readonly bytes: number; readonly objects: readonly SmallObject[] };
}

type Arguments = Readonly<Record<string, unknown>>;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const SMALL_OBJECT_BYTES = 64;

/** FNV-1a-32 over the UTF-8 bytes of a text, continuing from an earlier hash. */
export function fnv1a32(text: string, from = FNV_OFFSET): number {
  let hash = from;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return fnvOfBytes(Buffer.from(text.slice(i)), hash);
    hash = Math.imul(hash ^ code, FNV_PRIME);
  }
  return hash >>> 0;
}

function fnvOfBytes(bytes: Uint8Array, from: number): number {
  let hash = from;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/** A number below 2^32 as eight hexadecimal digits. */
export const hex8 = (value: number): string => value.toString(16).padStart(8, "0");

const start = (n: number): number => (fnv1a32(String(n)) | 1) >>> 0;

/** xorshift32 (Marsaglia, "Xorshift RNGs", 2003). */
function next(x: number): number {
  let y = x ^ (x << 13);
  y ^= y >>> 17;
  return (y ^ (y << 5)) >>> 0;
}

function integer(args: Arguments, name: string, least = 0): number {
  const value = args[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least) {
    throw new Error(`"${name}" must be an integer from ${least}, not ${JSON.stringify(value)}`);
  }
  return value;
}

/** Parses a JSON document, validates it and digests it: `<count>_<hex8>`. */
export function parseDocument(args: Arguments): string {
  const text = args.document ?? generateDocument(integer(args, "seed"), integer(args, "kilobytes"));
  if (typeof text !== "string") throw new Error('"document" must be a string of JSON');
  const document: unknown = JSON.parse(text);
  const records = isObject(document) ? document.records : undefined;
  if (!Array.isArray(records)) throw new Error('the document must have an array "records"');
  let hash = FNV_OFFSET;
  for (const record of records) hash = fnv1a32(digestOf(record), hash);
  return `${records.length}_${hex8(hash >>> 0)}`;
}

function digestOf(record: unknown): string {
  if (!isObject(record)) throw new Error("each record must be an object");
  const { id, name, tags, values } = record;
  if (!isDocumentNumber(id)) throw new Error('each record must have an integer "id" from 0 below 2^31');
  if (typeof name !== "string") throw new Error('each record must have a string "name"');
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string")) throw new Error('"tags" must be strings');
  if (!Array.isArray(values) || !values.every(isDocumentNumber)) throw new Error('"values" must be integers');
  return `${id}:${name}:${tags.join(",")}:${values.join(",")};`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDocumentNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}

/** The text of a document made from a seed, without white space, at least `kilobytes` × 1024 bytes long. */
export function generateDocument(seed: number, kilobytes: number): string {
  const head = '{"records":[';
  const tail = "]}";
  const pieces: string[] = [];
  let x = start(seed);
  const draw = (): number => {
    x = next(x);
    return x;
  };
  // All characters are ASCII, so that lengths are bytes.
  for (let length = head.length + tail.length; length < kilobytes * 1024; ) {
    const [a, b, c, d, e, f] = [draw(), draw(), draw(), draw(), draw(), draw()];
    const values = `${d >>> 1},${e >>> 1},${f >>> 1},${a >>> 1}`;
    const comma = pieces.length === 0 ? "" : ",";
    const record = `${comma}{"id":${pieces.length},"name":"w${a % 1000}","tags":["t${b % 50}","t${c % 50}"],"values":[${values}]}`;
    pieces.push(record);
    length += record.length;
  }
  return head + pieces.join("") + tail;
}

/** Compares a query with every vector of a matrix: `<index>_…_<hex8 of the scores>`, the best first. */
export function searchMemory(args: Arguments): string {
  const vectors = integer(args, "vectors", 1);
  const dimensions = integer(args, "dimensions", 1);
  const top = integer(args, "top", 1);
  const query = components(start(integer(args, "seed")), dimensions);
  const matrix = matrixOf(vectors, dimensions);
  const scores = new Uint32Array(vectors);
  for (let row = 0, at = 0; row < vectors; row++) {
    let score = 0;
    for (let column = 0; column < dimensions; column++, at++) {
      score = (score + Math.imul(query[column] as number, matrix[at] as number)) | 0;
    }
    scores[row] = score;
  }
  const best = bestRows(scores, Math.min(top, vectors));
  return `${best.join("_")}_${hex8(fnv1a32(best.map((row) => scores[row]).join(",")))}`;
}

function components(seed: number, count: number): Uint8Array {
  const made = new Uint8Array(count);
  let x = seed;
  for (let i = 0; i < count; i++) {
    x = next(x);
    made[i] = (x >>> 24) & 15;
  }
  return made;
}

/** Matrices depend on their size only. The few newest are kept, as an agent keeps its index; more would be a leak. */
const MATRICES_KEPT = 4;
const matrices = new Map<string, Uint8Array>();

function matrixOf(vectors: number, dimensions: number): Uint8Array {
  const key = `${vectors}x${dimensions}`;
  let matrix = matrices.get(key);
  if (matrix === undefined) {
    matrix = components(start(dimensions), vectors * dimensions);
    const [oldest] = matrices.keys();
    if (oldest !== undefined && matrices.size >= MATRICES_KEPT) matrices.delete(oldest);
    matrices.set(key, matrix);
  }
  return matrix;
}

/** Indices of the `count` highest scores, highest first, ties by lower index. */
function bestRows(scores: Uint32Array, count: number): number[] {
  const best: number[] = [];
  const scoreAt = (row: number | undefined): number => (row === undefined ? -1 : (scores[row] ?? -1));
  for (let row = 0; row < scores.length; row++) {
    const score = scoreAt(row);
    if (best.length === count && score <= scoreAt(best.at(-1))) continue;
    let place = best.length;
    while (place > 0 && scoreAt(best[place - 1]) < score) place--;
    best.splice(place, 0, row);
    if (best.length > count) best.pop();
  }
  return best;
}

/** Burns processor time: `hex8` of the last number. */
export function burnCpu(args: Arguments): string {
  const rounds = integer(args, "rounds");
  let x = start(integer(args, "seed"));
  for (let i = 0; i < rounds; i++) x = (Math.imul(next(x), 1664525) + 1013904223) >>> 0;
  return hex8(x);
}

/** Keeps ⌊bytes / 64⌋ small objects in the holder, instead of those held before: `held_<n>`. */
export function holdMemory(args: Arguments, holder: MemoryHolder): string {
  const seed = integer(args, "seed");
  const bytes = integer(args, "bytes");
  const first = start(seed);
  const count = Math.floor(bytes / SMALL_OBJECT_BYTES);
  // The old objects go first, or a session that changes what it holds would need the memory twice.
  delete holder.held;
  const objects: SmallObject[] = [];
  for (let i = 0; i < count; i++) objects.push(smallObject(first, i));
  holder.held = { seed, bytes, objects };
  return `held_${count}`;
}

/** Allocates ⌊bytes / 64⌋ small objects and drops them: `churned_<n>_<hex8>`. */
export function churnMemory(args: Arguments): string {
  const first = start(integer(args, "seed"));
  const count = Math.floor(integer(args, "bytes") / SMALL_OBJECT_BYTES);
  // Each object is stored for a moment, since a compiler may leave out one that nothing can see.
  const recent: (SmallObject | undefined)[] = new Array(64).fill(undefined);
  let xor = 0;
  for (let i = 0; i < count; i++) {
    const made = smallObject(first, i);
    recent[i % recent.length] = made;
    xor ^= made.number;
  }
  return `churned_${count}_${hex8(fnv1a32(String(xor >>> 0)))}`;
}

function smallObject(first: number, i: number): SmallObject {
  const number = (first + i) >>> 0;
  return { number, text: String(number) };
}
