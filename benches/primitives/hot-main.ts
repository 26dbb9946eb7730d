/**
 * Parts that are computation alone, measured by tinybench in a process of their own, which writes them to its output as JSON. Samples are
 * CPU time of all threads, so that a collection counts whoever makes it. Local tools are called as seldom as in a trial, and not warmed
 * up; everything small runs many times in each sample.
 */
import { build } from "hdr-histogram-js";
import { Bench } from "tinybench";
import type { CostlyTool } from "../../harness/budget/parts.ts";
import { toolUnits } from "../../harness/budget/parts.ts";
import { ChunkWriter } from "../../harness/world/chunks.ts";
import {
  burnCpu,
  churnMemory,
  generateDocument,
  holdMemory,
  type MemoryHolder,
  parseDocument,
  searchMemory,
} from "../../runners/kit/typescript/local-tools.ts";

const TOOL_CALLS = 10;
/** Each session has held something before, and replaces it. */
const HOLD_CALLS = 40;
const SAMPLE_CALLS = 2000;
const SAMPLES = 50;

/** What is held is held beside what others hold: so many sessions at once, as much as scenarios ask for. */
const HOLDERS: readonly MemoryHolder[] = Array.from({ length: 20 }, () => ({}));
let holds = 0;
const TOOLS: Readonly<
  Record<
    CostlyTool,
    readonly [work: (args: Readonly<Record<string, number>>) => string, args: Readonly<Record<string, number>>]
  >
> = {
  parse_document: [parseDocument, { kilobytes: 800 }],
  search_memory: [searchMemory, { vectors: 20_000, dimensions: 256, top: 10 }],
  burn_cpu: [burnCpu, { rounds: 1_000_000 }],
  churn_memory: [churnMemory, { bytes: 16 * 2 ** 20 }],
  hold_memory: [(args) => holdMemory(args, HOLDERS[holds++ % HOLDERS.length] ?? {}), { bytes: 12 * 2 ** 20 }],
};

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs it and gives its CPU time as the sample. */
function sampled(work: () => unknown): () => { overriddenDuration: number } {
  return () => {
    const from = cpuMs();
    work();
    return { overriddenDuration: cpuMs() - from };
  };
}

async function meanMs(name: string, work: () => unknown, iterations: number, warmup: boolean): Promise<number> {
  const bench = new Bench({ time: 0, iterations, warmup, warmupTime: 0, warmupIterations: 5 });
  bench.add(name, sampled(work));
  const [task] = await bench.run();
  const result = task?.result;
  if (result === undefined || !("latency" in result)) throw new Error(`${name} was not measured`);
  return result.latency.mean;
}

const document = generateDocument(1, 64);
const parsed: unknown = JSON.parse(document);
const message = { number: 1, question: { ask: "turn", session: "a3f", turn: "1", input: "what about my order?" } };
const histogram = build({ bitBucketSize: 32, numberOfSignificantValueDigits: 3, highestTrackableValue: 3_600_000_000 });
const frame = new ChunkWriter({ id: "chatcmpl-x", created: 1, model: "any", usage: false });
const frameText = `${frame.contentHead}word${frame.contentTail}`.slice("data: ".length);
let value = 1;

/** Name, how much one call is, and the call. */
const SMALL: readonly (readonly [what: string, per: number, work: () => unknown])[] = [
  ["JSON.parse, a kilobyte", 64, () => JSON.parse(document)],
  ["JSON.stringify, a kilobyte", 64, () => JSON.stringify(parsed)],
  ["JSON.parse, an SSE frame", 1, () => JSON.parse(frameText)],
  ["structuredClone of a turn's message", 1, () => structuredClone(message)],
  [
    "a value into an HdrHistogram",
    1,
    () => {
      value = (value * 7) % 1_000_003;
      histogram.recordValue(value);
    },
  ],
];

const toolMs: Partial<Record<CostlyTool, number>> = {};
for (const [tool, [work, args]] of Object.entries(TOOLS) as [CostlyTool, (typeof TOOLS)[CostlyTool]][]) {
  let seed = 0;
  toolMs[tool] =
    (await meanMs(
      tool,
      () => work({ ...args, seed: ++seed % 8 }),
      tool === "hold_memory" ? HOLD_CALLS : TOOL_CALLS,
      false,
    )) / toolUnits(tool, args);
}
const small: [string, number][] = [];
for (const [what, per, work] of SMALL) {
  const calls = Math.ceil(SAMPLE_CALLS / per);
  const each = await meanMs(
    what,
    () => {
      for (let call = 0; call < calls; call++) work();
    },
    SAMPLES,
    true,
  );
  small.push([what, (each * 1000) / (calls * per)]);
}
process.stdout.write(JSON.stringify({ toolMs, smallUs: small }));
