/**
 * Known answers of the local tools, computed a second time: slowly, with BigInt and plain lists, straight from CONTRACT.md.
 * To add one, write its arguments into vectors.json (any result) and run `npx vitest run runners/vectors.test.ts -u`.
 */
import { describe, expect, it } from "vitest";
import { runTool } from "./kit/typescript/tools.ts";
import vectors from "./vectors.json" with { type: "json" };

type Result = string | { readonly error: true };
interface Vector {
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly result: Result;
}

const BITS = 0xffffffffn;

function fnv(text: string): bigint {
  let hash = 2166136261n;
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * 16777619n) & BITS;
  return hash;
}

const hex8 = (value: bigint): string => value.toString(16).padStart(8, "0");
const start = (n: unknown): bigint => fnv(String(n)) | 1n;

function next(x: bigint): bigint {
  const first = (x ^ (x << 13n)) & BITS;
  const second = first ^ (first >> 17n);
  return (second ^ (second << 5n)) & BITS;
}

/** The first `count` numbers of the stream that begins at `x`. */
function stream(x: bigint, count: number): bigint[] {
  const numbers: bigint[] = [];
  for (let i = 0; i < count; i++) numbers.push(next(numbers.at(-1) ?? x));
  return numbers;
}

function generated(seed: unknown, kilobytes: number): string {
  let x = start(seed);
  const records: string[] = [];
  const text = (): string => `{"records":[${records.join(",")}]}`;
  while (new TextEncoder().encode(text()).length < kilobytes * 1024) {
    const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n] = stream(x, 6);
    x = f;
    const values = [d, e, f, a].map((value) => Number(value >> 1n));
    const tags = [`t${b % 50n}`, `t${c % 50n}`];
    records.push(JSON.stringify({ id: records.length, name: `w${a % 1000n}`, tags, values }));
  }
  return text();
}

interface Document {
  readonly records: readonly { id: number; name: string; tags: string[]; values: number[] }[];
}

const isNumber = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
const isText = (value: unknown): boolean => typeof value === "string";

function parseDocument(args: Vector["arguments"]): Result {
  try {
    const { records } = JSON.parse(String(args.document ?? generated(args.seed, Number(args.kilobytes)))) as Document;
    const lines = records.map(({ id, name, tags, values }) => {
      if (!isNumber(id) || !isText(name) || !tags.every(isText) || !values.every(isNumber)) throw new Error("invalid");
      return `${id}:${name}:${tags.join(",")}:${values.join(",")};`;
    });
    return `${lines.length}_${hex8(fnv(lines.join("")))}`;
  } catch {
    return { error: true };
  }
}

function searchMemory({ seed, vectors: rows, dimensions, top }: Vector["arguments"]): Result {
  const width = Number(dimensions);
  const component = (x: bigint): bigint => (x >> 24n) & 15n;
  const query = stream(start(seed), width).map(component);
  const matrix = stream(start(dimensions), Number(rows) * width).map(component);
  const scored = Array.from({ length: Number(rows) }, (_, row) => ({
    row,
    score: query.reduce((sum, value, column) => sum + value * (matrix[row * width + column] ?? 0n), 0n),
  }));
  scored.sort((one, other) => Number(other.score - one.score) || one.row - other.row);
  const best = scored.slice(0, Number(top));
  const checksum = hex8(fnv(best.map(({ score }) => score).join(",")));
  return [...best.map(({ row }) => row), checksum].join("_");
}

function burnCpu({ seed, rounds }: Vector["arguments"]): Result {
  let x = start(seed);
  for (let i = 0; i < Number(rounds); i++) x = (next(x) * 1664525n + 1013904223n) & BITS;
  return hex8(x);
}

const objectCount = (bytes: unknown): number => Math.floor(Number(bytes) / 64);

function churnMemory({ seed, bytes }: Vector["arguments"]): Result {
  const count = objectCount(bytes);
  const numbers = Array.from({ length: count }, (_, i) => (start(seed) + BigInt(i)) & BITS);
  return `churned_${count}_${hex8(fnv(String(numbers.reduce((xor, number) => xor ^ number, 0n))))}`;
}

const NAIVE: Readonly<Record<keyof typeof vectors, (args: Vector["arguments"]) => Result>> = {
  parse_document: parseDocument,
  search_memory: searchMemory,
  burn_cpu: burnCpu,
  hold_memory: ({ bytes }) => `held_${objectCount(bytes)}`,
  churn_memory: churnMemory,
};

const entries = Object.entries(vectors) as [keyof typeof vectors, readonly Vector[]][];

describe("vectors.json", () => {
  it("holds what a naive implementation of the contract computes", async () => {
    const computed = entries.map(([tool, cases]) => [
      tool,
      cases.map(({ arguments: args }) => ({ arguments: args, result: NAIVE[tool](args) })),
    ]);
    await expect(`${JSON.stringify(Object.fromEntries(computed), null, 2)}\n`).toMatchFileSnapshot("vectors.json");
  });

  for (const [tool, cases] of entries) {
    it(`knows at least 12 answers of ${tool}, and the kit gives all of them`, async () => {
      expect(cases.length).toBeGreaterThanOrEqual(12);
      for (const { arguments: args, result } of cases) {
        const call = { id: "c", type: "function", function: { name: tool, arguments: JSON.stringify(args) } } as const;
        const crash = { throw: () => undefined, detached: () => undefined, unit: () => undefined };
        const given = await runTool(call, { session: "s", holder: {}, crash });
        if (typeof result === "string") expect(given, JSON.stringify(args)).toBe(result);
        else expect(JSON.parse(given), JSON.stringify(args)).toHaveProperty("error");
      }
    });
  }
});
