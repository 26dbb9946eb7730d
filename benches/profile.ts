/**
 * Where the CPU time of a turn goes: a profile of a JavaScript runner under a load of plain turns, by default a closed loop.
 *
 *     node benches/profile.ts RUNNER… [--sessions 32 | --rate TURNS] [--seconds 6] [--keep FOLDER]
 *
 * With `--rate` so many turns a second on an even schedule instead. The engine's own profiler (`--cpu-prof` of Node, Bun and Deno) takes a sample every millisecond. Only the seconds after the warm-up
 * count, and of those only samples in which something ran. The first table tells the share of each part of the program by the
 * function that ran (self time), the second the functions with the most. "native" is what the engine does outside of JavaScript:
 * system calls, the parser of HTTP, compiling. A profiler costs time of its own: shares are to be trusted, rates are not.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { FlagProblems, integerFlag } from "../cli/flags.ts";
import { textTable } from "../cli/table.ts";
import { TrialError, UsageError } from "../harness/errors.ts";
import type { Runner } from "../harness/runner.ts";
import { runBenchCommand } from "./command.ts";
import { type Contestant, chosenRunners, measureEach } from "./contestant.ts";
import { completionEvents, startModelAtOnce } from "./model-at-once.ts";
import { closedLoop, evenSchedule, type Load, TOKENS } from "./turn-load.ts";

const WARM_UP_MS = 3000;
/** A process that was told to end writes its profile first. */
const WRITTEN_WITHIN_MS = 15_000;
const TOP_FUNCTIONS = 14;

/** One call frame of the format that Chrome's developer tools read. */
interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** A `.cpuprofile`: a tree of frames, and the frame that ran at each sample. Times in microseconds. */
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Places whose functions count together, the first that fits; what is in none is counted by its file's folder. */
const PARTS: readonly (readonly [part: string, url: RegExp])[] = [
  ["HTTP server", /^(node:_http|node:internal\/http)|ext:.*(_http|\/http)/],
  ["fetch", /undici|ext:deno_fetch|ext:.*\/fetch/],
  ["web streams", /webstreams|ext:deno_web\/06_streams|encoding|text_decoder/],
  [
    "sockets and streams",
    /^node:(net|stream|events|internal\/(streams|stream_base|js_stream))|ext:deno_node\/(net|_stream|internal\/stream)/,
  ],
  ["timers", /timers/],
  ["abort signals and events", /abort_controller|event_target|ext:deno_web\/(02_event|03_abort)/],
  ["other engine", /^(node|ext|internal|bun|native):/],
];

/** Functions of the engine that have no file. Writing includes whatever the kernel runs first where that wakes somebody on the same core. */
const NATIVE: ReadonlyMap<string, string> = new Map([
  ["parse", "JSON"],
  ["stringify", "JSON"],
  ["writev", "writing to sockets"],
  ["writeUtf8String", "writing to sockets"],
  ["writeLatin1String", "writing to sockets"],
  ["writeBuffer", "writing to sockets"],
  ["postMessage", "messages between threads"],
  ["runMicrotasks", "promises"],
]);

/** Which part of the program a frame belongs to; null where nothing ran. */
function partOf({ functionName, url }: Frame): string | null {
  if (functionName === "(idle)" || functionName === "(root)") return null;
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "(program)") return "native";
  if (url === "" || url === "[native code]") return NATIVE.get(functionName) ?? "engine's own functions";
  const known = PARTS.find(([, pattern]) => pattern.test(url));
  if (known !== undefined) return known[0];
  const [, packageName] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  return packageName ?? /([^/]+\/[^/]+)\/[^/]+$/.exec(url)?.[1] ?? url;
}

/** Microseconds by name. */
type Times = Map<string, number>;

/** Adds what ran in the last stretch of a profile. */
function addTo(parts: Times, functions: Times, profile: Profile, lengthMs: number): void {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  let untilEndUs = profile.timeDeltas.reduce((sum, delta) => sum + delta, 0);
  for (const [index, id] of profile.samples.entries()) {
    const deltaUs = profile.timeDeltas[index] ?? 0;
    untilEndUs -= deltaUs;
    const frame = frames.get(id);
    const part = frame && partOf(frame);
    if (untilEndUs > lengthMs * 1000 || !frame || !part) continue;
    const name = `${frame.functionName || "(anonymous)"} ${frame.url.replace(/^.*\//, "")}`.trim();
    parts.set(part, (parts.get(part) ?? 0) + deltaUs);
    functions.set(`${part}: ${name}`, (functions.get(`${part}: ${name}`) ?? 0) + deltaUs);
  }
}

/** The runner with its engine's profiler switched on. @throws UsageError where no process of it runs JavaScript */
function profiled(runner: Runner, folder: string): Runner {
  const processes = runner.processes.map((process) => {
    const [program = "", ...rest] = process.command;
    const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`];
    if (/(^|\/)(node|bun)$/.test(program)) return { ...process, command: [program, ...flags, ...rest] };
    if (/(^|\/)deno$/.test(program)) return { ...process, command: [program, "run", ...flags, ...rest.slice(1)] };
    throw new UsageError(`${runner.name} runs ${program}; Node, Bun and Deno can be profiled.`);
  });
  return { ...runner, processes };
}

const profilesIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Runs the load for so long after its warm-up, then ends the runtime in good order, which writes its profiles. */
async function profileUnder(load: Load, lengthMs: number, { appPids }: Contestant): Promise<void> {
  await Promise.race([delay(WARM_UP_MS + lengthMs), load.done]);
  load.stop();
  await load.done;
  const pids = appPids();
  for (const pid of pids) process.kill(pid, "SIGTERM");
  for (let waitedMs = 0; pids.some(isAlive); waitedMs += 100) {
    if (waitedMs > WRITTEN_WITHIN_MS) throw new TrialError("The runtime did not end, so it wrote no profile.");
    await delay(100);
  }
}

function print(name: string, folder: string, lengthMs: number): void {
  const parts: Times = new Map();
  const functions: Times = new Map();
  for (const file of profilesIn(folder))
    addTo(parts, functions, JSON.parse(readFileSync(join(folder, file), "utf8")) as Profile, lengthMs);
  if (parts.size === 0) throw new TrialError(`${name} wrote no profile.`);
  const total = [...parts.values()].reduce((sum, us) => sum + us, 0);
  const rows = (times: Times, most: number): string[][] =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([of, us]) => [of, ((us * 100) / total).toFixed(1)]);
  console.log(`\n${textTable([name, "% of busy time"], rows(parts, parts.size))}`);
  console.log(`\n${textTable(["function", "% of busy time"], rows(functions, TOP_FUNCTIONS))}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sessions: { type: "string", default: "32" },
      rate: { type: "string" },
      seconds: { type: "string", default: "6" },
      keep: { type: "string" },
    },
  });
  const problems = new FlagProblems();
  const sessions = integerFlag(problems, "--sessions", values.sessions, 1, 1000) ?? 0;
  const rate = integerFlag(problems, "--rate", values.rate, 1, 10_000);
  const lengthMs = (integerFlag(problems, "--seconds", values.seconds, 1, 600) ?? 0) * 1000;
  problems.finish();
  if (positionals.length === 0) throw new UsageError("Say which runners: node benches/profile.ts async durable");
  const runners = await chosenRunners(positionals);
  const scratch = mkdtempSync(join(tmpdir(), "derby-profile-"));
  const folderOf = ({ name }: Runner): string => join(scratch, name.replaceAll(":", "-"));
  const events = completionEvents(TOKENS);
  const model = await startModelAtOnce(() => events);
  try {
    for (const runner of runners) mkdirSync(folderOf(runner));
    const targets = runners.map((runner) => profiled(runner, folderOf(runner)));
    await measureEach(targets, model.port, async (contestant) => {
      const folder = folderOf(contestant.runner);
      await profileUnder(
        rate === undefined ? closedLoop(contestant, sessions) : evenSchedule(contestant, rate),
        lengthMs,
        contestant,
      );
      print(contestant.runner.name, folder, lengthMs);
    });
    if (values.keep !== undefined) cpSync(scratch, values.keep, { recursive: true });
  } finally {
    await model.close();
    rmSync(scratch, { recursive: true });
  }
}

await runBenchCommand(main);
