/**
 * What each local tool costs in each runtime, so that a reader can tell runtime from arithmetic; and that all give the same results.
 *
 *     node benches/tools.ts [RUNNER…] [--calls 20] [--base async] [--json FILE]
 *
 * A turn asks for one call of one tool. Its cost is the CPU time of the runtime's processes until a moment after the answer, less that of
 * the same turn with the least arguments. Every result is compared with that of the TypeScript kit; one that differs ends the bench with
 * exit code 1.
 */
import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { FlagProblems, integerFlag } from "../cli/flags.ts";
import { textTable } from "../cli/table.ts";
import { monotonicMs } from "../harness/clock.ts";
import { outcomeOf, turnRequest } from "../harness/driver/mapping.ts";
import { TrialError } from "../harness/errors.ts";
import { resolveRunner } from "../harness/runner-check.ts";
import type { LocalTool } from "../harness/scenario.ts";
import { round } from "../harness/statistics/round.ts";
import { nearestRank } from "../harness/statistics/tail-quantiles.ts";
import {
  burnCpu,
  churnMemory,
  holdMemory,
  parseDocument,
  searchMemory,
} from "../runners/kit/typescript/local-tools.ts";
import { runBenchCommand } from "./command.ts";
import { type BenchSite, type Contestant, chosenRunners, MEMORY_MB, measureEach } from "./contestant.ts";
import { CpuMeter } from "./cpu-time.ts";
import { KeptConnection } from "./kept-connection.ts";
import { completionEvents, startModelAtOnce } from "./model-at-once.ts";

type Arguments = Readonly<Record<string, number>>;

/** One tool: large arguments, of about the size that scenarios use, the least that make sense, and the result to be expected. */
interface ToolCase {
  readonly tool: LocalTool;
  readonly large: Arguments;
  readonly least: Arguments;
  readonly expect: (args: Arguments) => string;
}

/** In the order of measuring: what is held stays in the heap, hence last. The seed is another one in every call. */
const CASES: readonly ToolCase[] = [
  { tool: "parse_document", large: { kilobytes: 800 }, least: { kilobytes: 0 }, expect: parseDocument },
  {
    tool: "search_memory",
    large: { vectors: 20_000, dimensions: 256, top: 10 },
    least: { vectors: 1, dimensions: 1, top: 1 },
    expect: searchMemory,
  },
  { tool: "burn_cpu", large: { rounds: 1_000_000 }, least: { rounds: 0 }, expect: burnCpu },
  { tool: "churn_memory", large: { bytes: 16 * 2 ** 20 }, least: { bytes: 0 }, expect: churnMemory },
  { tool: "hold_memory", large: { bytes: 16 * 2 ** 20 }, least: { bytes: 0 }, expect: (args) => holdMemory(args, {}) },
];

/** Turns with least arguments before anything is measured, until the path of a turn is compiled where code is compiled as it runs. */
const WARM_UP_TURNS = 300;
/** Calls of each tool that do not count, for the same reason; an index is built in the first. */
const WARM_UP_CALLS = 5;
/** From an answer to the reading of the CPU time: what a collector has begun by then counts. */
const SETTLE_MS = 25;
const ANSWER_WITHIN_MS = 60_000;
const OUTPUT = "done";

interface ChatMessage {
  readonly role: string;
  readonly content: string | readonly { readonly text?: string }[] | null;
}

const textOf = ({ content }: ChatMessage): string =>
  typeof content === "string" ? content : (content ?? []).map(({ text = "" }) => text).join("");

/** A model that does as it is told: the input is the name of a tool and its arguments. Keeps the last result. */
class ObedientModel {
  result = "";
  #calls = 0;

  readonly answer = (body: Buffer): Buffer => {
    const { messages } = JSON.parse(body.toString()) as { readonly messages: readonly ChatMessage[] };
    const last = messages.at(-1);
    if (last === undefined) return completionEvents([OUTPUT]);
    const text = textOf(last);
    if (last.role === "tool") {
      this.result = text;
      return completionEvents([OUTPUT]);
    }
    const space = text.indexOf(" ");
    const id = `call_${++this.#calls}`;
    return completionEvents(["well"], [{ id, name: text.slice(0, space), arguments: text.slice(space + 1) }]);
  };
}

/** One call of a tool. Milliseconds. */
interface Call {
  readonly cpuMs: number;
  readonly tookMs: number;
}

/** Asks one runtime for call after call, and looks at every result. */
class Caller {
  readonly #contestant: Contestant;
  readonly #model: ObedientModel;
  readonly #connection: KeptConnection;
  readonly #cpu: CpuMeter;
  readonly #turns = new Map<string, number>();
  compared = 0;

  constructor(contestant: Contestant, model: ObedientModel) {
    this.#contestant = contestant;
    this.#model = model;
    this.#connection = new KeptConnection(contestant.baseUrl, ANSWER_WITHIN_MS);
    this.#cpu = new CpuMeter(contestant.appPids);
  }

  /** One turn, with the milliseconds that it took. @throws TrialError when its result is not the one to be expected */
  async ask(session: string, { tool, expect }: ToolCase, some: Arguments): Promise<number> {
    const turn = (this.#turns.get(session) ?? 0) + 1;
    this.#turns.set(session, turn);
    const args = { seed: turn, ...some };
    const input = `${tool} ${JSON.stringify(args)}`;
    const { mapping } = this.#contestant;
    this.#model.result = "";
    const fromMs = monotonicMs();
    const response = await this.#connection.ask(turnRequest(mapping, { session, turn: String(turn), input }));
    const tookMs = monotonicMs() - fromMs;
    const outcome = outcomeOf(mapping, response);
    if (outcome.kind !== "ok" || outcome.output !== OUTPUT)
      throw new TrialError(`${input} was answered with ${response.status} ${response.body.slice(0, 200)}.`);
    const expected = expect(args);
    if (this.#model.result !== expected)
      throw new TrialError(
        `WRONG RESULT: ${input} gave "${this.#model.result.slice(0, 200)}", expected "${expected}".`,
      );
    this.compared++;
    return tookMs;
  }

  /** Some calls in a row, after some that do not count. */
  async measure(session: string, one: ToolCase, some: Arguments, calls: number): Promise<Call[]> {
    for (let call = 0; call < WARM_UP_CALLS; call++) await this.ask(session, one, some);
    await delay(SETTLE_MS);
    const measured: Call[] = [];
    for (let beforeMs = this.#cpu.readMs(); measured.length < calls; ) {
      const tookMs = await this.ask(session, one, some);
      await delay(SETTLE_MS);
      const afterMs = this.#cpu.readMs();
      measured.push({ cpuMs: afterMs - beforeMs, tookMs });
      beforeMs = afterMs;
    }
    return measured;
  }

  close(): void {
    this.#connection.close();
  }
}

/** Milliseconds; `low` and `high` hold the middle half of the values. */
interface Spread {
  readonly mean: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (rank: number): number => round(nearestRank(sorted, rank), 3);
  const mean = round(sorted.reduce((sum, value) => sum + value, 0) / sorted.length, 3);
  return { mean, median: at(0.5), low: at(0.25), high: at(0.75) };
}

interface ToolCost {
  readonly tool: LocalTool;
  readonly calls: number;
  /** CPU time of a call, that of its turn left out. */
  readonly cpuMs: Spread;
  /** CPU time of the turn with the least arguments. */
  readonly turnCpuMs: Spread;
  /** From request to answer, the turn included. */
  readonly tookMs: Spread;
}

interface Measured {
  readonly contestant: string;
  readonly language: string;
  readonly tools: readonly ToolCost[];
  /** Results that were compared, and equal. */
  readonly compared: number;
}

async function measureTools(contestant: Contestant, { signal }: BenchSite, model: ObedientModel, calls: number) {
  const { name, language, localTools = [] } = contestant.runner;
  const caller = new Caller(contestant, model);
  try {
    const offered = CASES.filter(({ tool }) => localTools.includes(tool));
    const [first] = offered;
    for (let turn = 0; turn < WARM_UP_TURNS && first !== undefined; turn++)
      await caller.ask(`warm-up-${Math.floor(turn / WARM_UP_CALLS)}`, first, first.least);
    const tools: ToolCost[] = [];
    for (const one of offered) {
      signal.throwIfAborted();
      const empty = await caller.measure(`${one.tool}-least`, one, one.least, calls);
      const full = await caller.measure(`${one.tool}-large`, one, one.large, calls);
      const turnCpuMs = spreadOf(empty.map(({ cpuMs }) => cpuMs));
      const cpuMs = spreadOf(full.map((call) => call.cpuMs - turnCpuMs.median));
      tools.push({ tool: one.tool, calls, cpuMs, turnCpuMs, tookMs: spreadOf(full.map(({ tookMs }) => tookMs)) });
    }
    return { contestant: name, language, tools, compared: caller.compared };
  } finally {
    caller.close();
  }
}

function print(results: readonly Measured[], base: string): void {
  const rows = CASES.flatMap(({ tool }) => {
    const costOf = ({ tools }: Measured): ToolCost | undefined => tools.find((cost) => cost.tool === tool);
    const against = results.filter(({ contestant }) => contestant === base).map(costOf)[0];
    return results.map((of) => {
      const cost = costOf(of);
      if (cost === undefined) return [tool, of.contestant, of.language, "not offered"];
      const { cpuMs, turnCpuMs, tookMs } = cost;
      const ratio = against === undefined ? "-" : `${(cpuMs.mean / against.cpuMs.mean).toFixed(2)}`;
      const middle = `${cpuMs.low.toFixed(2)} to ${cpuMs.high.toFixed(2)}`;
      const [turn, took] = [turnCpuMs.median, tookMs.median].map((ms) => ms.toFixed(2));
      const [mean, median] = [cpuMs.mean, cpuMs.median].map((ms) => ms.toFixed(2));
      return [tool, of.contestant, of.language, mean, ratio, median, middle, turn, took].map((cell) => cell ?? "");
    });
  });
  const headings = `tool,contestant,language,CPU ms,× ${base},median,middle half,turn CPU ms,answered after ms`;
  console.log(textTable(headings.split(","), rows));
  const compared = results.reduce((sum, of) => sum + of.compared, 0);
  const names = results.map(({ contestant }) => contestant).join(", ");
  console.log(`\n${compared} results of ${names} compared with the kit's, every one of them equal.`);
  console.log("CPU ms is what a call costs without its turn: the mean, since collectors work in bursts. Arguments:");
  for (const { tool, large } of CASES) console.log(`  ${tool} ${JSON.stringify(large)}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "string" },
      calls: { type: "string", default: "20" },
      base: { type: "string", default: "async" },
    },
  });
  const problems = new FlagProblems();
  const calls = integerFlag(problems, "--calls", values.calls, 20, 10_000) ?? 0;
  problems.finish();
  const base = resolveRunner(values.base);
  const chosen = await chosenRunners(positionals);
  const runners = [base, ...chosen.filter(({ name, folder }) => name !== base.name || folder !== base.folder)];
  const model = new ObedientModel();
  const server = await startModelAtOnce(model.answer);
  try {
    const results = await measureEach(runners, server.port, (contestant, site) =>
      measureTools(contestant, site, model, calls),
    );
    if (results.length > 0) print(results, base.name);
    const settings = { calls, base: base.name, memoryMb: MEMORY_MB, cases: CASES };
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ settings, results }, null, 2)}\n`);
  } finally {
    await server.close();
  }
}

await runBenchCommand(main);
