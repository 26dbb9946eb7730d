/**
 * Expected results of local tools: an implementation of the algorithms of runners/CONTRACT.md of its own, so that a runner's
 * answers are compared with something that shares no code with it.
 *
 * Heavy results are worked out before load begins. During load only what costs a fraction of a millisecond is computed; for
 * the rest `expect` says that it does not know.
 */
import type { ArgumentTemplate, Cohort } from "../scenario.ts";
import { localCallsOf } from "./script.ts";

type Arguments = Readonly<Record<string, unknown>>;

const PRIME = 0x01000193;
const OFFSET = 0x811c9dc5;
const SMALL_OBJECT_BYTES = 64;
/** Steps of the inner loops that may run during load: about half a millisecond. */
const CHEAP_STEPS = 200_000;
/** Most combinations of pool values worked out for one call of a script. */
const MOST_COMBINATIONS = 256;

/** FNV-1a-32 over UTF-8, in pieces. */
class Checksum {
  #hash = OFFSET;

  add(text: string): this {
    const bytes = Buffer.from(text);
    for (let i = 0; i < bytes.length; i++) this.#hash = Math.imul(this.#hash ^ (bytes[i] as number), PRIME);
    return this;
  }

  get value(): number {
    return this.#hash >>> 0;
  }

  get hex(): string {
    return hex8(this.value);
  }
}

const hex8 = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
const seedState = (seed: unknown): number => (new Checksum().add(String(seed)).value | 1) >>> 0;

/** One step of xorshift32, as a signed integer. */
function xorshift(state: number): number {
  let x = state;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x;
}

interface Digest {
  readonly count: number;
  readonly sum: Checksum;
}

/** The digest of a generated document, taken while it is generated; no text is built or parsed. */
function digestOfGenerated(seed: unknown, kilobytes: number): Digest {
  let x = seedState(seed);
  const drawn = (): number => {
    x = xorshift(x);
    return x >>> 0;
  };
  const sum = new Checksum();
  let bytes = '{"records":[]}'.length;
  let count = 0;
  for (; bytes < kilobytes * 1024; count++) {
    const [a, b, c, d, e, f] = [drawn(), drawn(), drawn(), drawn(), drawn(), drawn()];
    const name = `w${a % 1000}`;
    const [tag1, tag2] = [`t${b % 50}`, `t${c % 50}`];
    const values = [d, e, f, a].map((value) => value >>> 1).join(",");
    bytes += (count === 0 ? 0 : 1) + '{"id":,"name":"","tags":["",""],"values":[]}'.length;
    bytes += String(count).length + name.length + tag1.length + tag2.length + values.length;
    sum.add(`${count}:${name}:${tag1},${tag2}:${values};`);
  }
  return { count, sum };
}

interface DocumentRecord {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
  readonly values: readonly number[];
}

const isInteger = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isText = (value: unknown): boolean => typeof value === "string";

/** The records of a valid document; undefined for any other text. */
function recordsOf(text: string): readonly DocumentRecord[] | undefined {
  let document: { readonly records?: unknown } | null;
  try {
    document = JSON.parse(text) as typeof document;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const records = document?.records;
  const valid = (record: Partial<DocumentRecord> | null): boolean =>
    isInteger(record?.id) &&
    isText(record?.name) &&
    Array.isArray(record?.tags) &&
    record.tags.every(isText) &&
    Array.isArray(record.values) &&
    record.values.every(isInteger);
  return Array.isArray(records) && records.every(valid) ? (records as DocumentRecord[]) : undefined;
}

function digestOfText(text: string): Digest | undefined {
  const records = recordsOf(text);
  if (records === undefined) return undefined;
  const sum = new Checksum();
  for (const { id, name, tags, values } of records) sum.add(`${id}:${name}:${tags.join(",")}:${values.join(",")};`);
  return { count: records.length, sum };
}

/** Undefined for an invalid document: its answer is an error in the runtime's own words. */
function parseDocument(args: Arguments): string | undefined {
  const digest =
    typeof args.document === "string"
      ? digestOfText(args.document)
      : digestOfGenerated(args.seed, Number(args.kilobytes));
  return digest === undefined ? undefined : `${digest.count}_${digest.sum.hex}`;
}

function searchMemory(args: Arguments): string {
  const [vectors, dimensions, top] = [Number(args.vectors), Number(args.dimensions), Number(args.top)];
  const query: number[] = [];
  for (let q = seedState(args.seed); query.length < dimensions; ) {
    q = xorshift(q);
    query.push((q >>> 24) & 15);
  }
  const scored: { index: number; score: number }[] = [];
  let x = seedState(dimensions);
  for (let index = 0; index < vectors; index++) {
    let score = 0;
    for (let j = 0; j < dimensions; j++) {
      x = xorshift(x);
      score += ((x >>> 24) & 15) * (query[j] as number);
    }
    scored.push({ index, score });
  }
  const best = scored.sort((a, b) => b.score - a.score || a.index - b.index).slice(0, top);
  const sum = new Checksum().add(best.map(({ score }) => score % 2 ** 32).join(","));
  return `${best.map(({ index }) => index).join("_")}_${sum.hex}`;
}

function burnCpu(args: Arguments): string {
  let x = seedState(args.seed);
  const rounds = Number(args.rounds);
  for (let round = 0; round < rounds; round++) x = (Math.imul(xorshift(x), 1664525) + 1013904223) | 0;
  return hex8(x);
}

/** Exclusive or of all integers from 0 up to, but not including, `end` (below 2³²). */
function xorBelow(end: number): number {
  const last = end - 1;
  return [last, 1, last + 1, 0][last & 3] as number;
}

/** The integers follow each other and wrap at 2³², so their exclusive or has a closed form. */
function churnMemory(args: Arguments): string {
  const count = Math.floor(Number(args.bytes) / SMALL_OBJECT_BYTES);
  const first = seedState(args.seed);
  const end = first + count;
  const upTo = (below: number): number => (below === 0 ? 0 : xorBelow(below));
  const wrapped = end > 2 ** 32 ? upTo(end - 2 ** 32) ^ upTo(first) : upTo(end) ^ upTo(first);
  return `churned_${count}_${new Checksum().add(String(wrapped >>> 0)).hex}`;
}

interface LocalTool {
  /** Undefined where no particular text is expected. */
  readonly result: (args: Arguments) => string | undefined;
  /** Estimated steps of the inner loop. */
  readonly steps: (args: Arguments) => number;
}

/** `spawn_agents` is missing: its result depends on answers that were sold under other names. */
const TOOLS: Readonly<Record<string, LocalTool>> = {
  parse_document: {
    result: parseDocument,
    steps: (args) => (typeof args.document === "string" ? args.document.length : Number(args.kilobytes) * 1024),
  },
  search_memory: { result: searchMemory, steps: (args) => Number(args.vectors) * Number(args.dimensions) },
  burn_cpu: { result: burnCpu, steps: (args) => Number(args.rounds) },
  hold_memory: { result: (args) => `held_${Math.floor(Number(args.bytes) / SMALL_OBJECT_BYTES)}`, steps: () => 1 },
  churn_memory: { result: churnMemory, steps: () => 1 },
  crash: { result: () => "spared", steps: () => 1 },
  sleep: { result: () => "slept", steps: () => 1 },
};

/** Every value that a template can take, or undefined where that is not a short list. */
function valuesOf(template: ArgumentTemplate): (string | number)[] | undefined {
  if (typeof template !== "object") return [template];
  if ("pool" in template && template.pool <= MOST_COMBINATIONS)
    return Array.from({ length: template.pool }, (_, n) => n);
  return "dist" in template && template.dist === "constant" ? [Math.round(template.value)] : undefined;
}

/** All arguments that a call of a script can have, at most {@link MOST_COMBINATIONS}. */
function combinations(templates: Readonly<Record<string, ArgumentTemplate>>): Arguments[] {
  let all: Record<string, string | number>[] = [{}];
  for (const [name, template] of Object.entries(templates)) {
    const values = valuesOf(template);
    if (values === undefined || values.length * all.length > MOST_COMBINATIONS) return [];
    all = all.flatMap((some) => values.map((value) => ({ ...some, [name]: value })));
  }
  return all;
}

const cacheKey = (tool: string, args: Arguments): string =>
  JSON.stringify([tool, Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** Knows what local tools should have answered. */
export class LocalResults {
  readonly #known = new Map<string, string>();

  /**
   * Works out the results of everything that the cohorts' scripts can ask for from pools and constants.
   * @param budgetMs when this time is used up, the rest stays unknown
   */
  prepare(cohorts: readonly Cohort[], budgetMs: number): void {
    const stopAtMs = performance.now() + budgetMs;
    for (const [tool, templates] of cohorts.flatMap(localCallsOf)) {
      for (const args of combinations(templates)) {
        if (performance.now() > stopAtMs) return;
        this.#compute(tool, args);
      }
    }
  }

  /**
   * The text that a tool should have answered; undefined where it is not known and would cost too much now.
   * @param args as the script resolved them, without mark
   */
  expect(tool: string, args: Arguments): string | undefined {
    const known = this.#known.get(cacheKey(tool, args));
    if (known !== undefined) return known;
    return (TOOLS[tool]?.steps(args) ?? Number.POSITIVE_INFINITY) <= CHEAP_STEPS
      ? this.#compute(tool, args)
      : undefined;
  }

  #compute(tool: string, args: Arguments): string | undefined {
    const key = cacheKey(tool, args);
    const result = this.#known.get(key) ?? TOOLS[tool]?.result(args);
    if (result !== undefined) this.#known.set(key, result);
    return result;
  }
}
