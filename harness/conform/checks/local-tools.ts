/** Local tools: results that the World verifies with an implementation of its own, documents that are none, and crashes. */
import { uniform } from "../../random.ts";
import type { Runner } from "../../runner.ts";
import type { ArgumentTemplate, LocalTool } from "../../scenario.ts";
import { type Check, calls, must, says } from "../check.ts";
import { answered, askedUntilEnded, mustBeExact } from "../expectations.ts";
import type { Rig } from "../rig.ts";
import { isError, resultsSent } from "./tools.ts";

type Templates = Readonly<Record<string, ArgumentTemplate>>;

const RECOVERED_WITHIN_MS = 30_000;
const drawnSeed = uniform(0, 2 ** 32 - 1);

/** For checks of one local tool. */
export const offers =
  (tool: LocalTool) =>
  ({ localTools = [] }: Runner): string | undefined =>
    localTools.includes(tool) ? undefined : "not among localTools";

/** The arguments that each tool is tried with: ends of the ranges, and some drawn by seed. */
const TRIED: readonly (readonly [LocalTool, readonly Templates[]])[] = [
  [
    "parse_document",
    [
      { seed: 0, kilobytes: 0 },
      { seed: drawnSeed, kilobytes: 1 },
      { seed: drawnSeed, kilobytes: 100 },
      { document: '{"records":[]}' },
      { document: document([{ id: 2_147_483_647, name: 'Zoë 字 \u{1f40e} "\\\n', tags: ["ä", ""], values: [0] }]) },
      {
        document: ` ${document([
          { id: 1, name: "a", tags: [], values: [] },
          { id: 0, name: "", tags: ["x"], values: [1, 2] },
        ])}\n`,
      },
    ],
  ],
  [
    "search_memory",
    [
      { seed: 0, vectors: 1, dimensions: 1, top: 1 },
      { seed: drawnSeed, vectors: 3, dimensions: 4, top: 10 },
      { seed: drawnSeed, vectors: 500, dimensions: 2, top: 20 },
      { seed: drawnSeed, vectors: 1_000, dimensions: 128, top: 10 },
    ],
  ],
  [
    "burn_cpu",
    [
      { seed: 0, rounds: 0 },
      { seed: drawnSeed, rounds: 1 },
      { seed: 4_294_967_295, rounds: 1_000 },
      { seed: drawnSeed, rounds: 100_000 },
    ],
  ],
  [
    "hold_memory",
    [
      { seed: 1, bytes: 0 },
      { seed: 1, bytes: 63 },
      { seed: drawnSeed, bytes: 64 },
      { seed: drawnSeed, bytes: 1_000_000 },
    ],
  ],
  [
    "churn_memory",
    [
      { seed: 0, bytes: 0 },
      { seed: drawnSeed, bytes: 64 },
      { seed: drawnSeed, bytes: 4_000_000 },
    ],
  ],
];

function document(records: readonly object[]): string {
  return JSON.stringify({ records });
}

/** What went wrong with the results of a session, by the World's verdict; empty when all of them are right. */
async function wrongResults(rig: Rig, session: string, count: number): Promise<string[]> {
  const events = await rig.events(session, (noted) => noted.filter(({ e }) => e === "local").length >= count);
  const verdicts = events.filter((event) => event.e === "local");
  const results = resultsSent(rig, session, 1);
  return Array.from({ length: count }, (_, call) => {
    const verdict = verdicts.find(({ c }) => c === call);
    if (verdict?.ok === true) return "";
    return verdict === undefined ? `call ${call + 1} came to no result` : `call ${call + 1} is ${results[call]}`;
  }).filter((sentence) => sentence !== "");
}

const resultCheck = ([tool, tried]: (typeof TRIED)[number]): Check => ({
  name: `${tool} comes to the right results`,
  group: "local tools",
  notOffered: offers(tool),
  script: [calls(tried.map((args) => ({ [tool]: args }))), says()],
  async run(rig, session) {
    await answered(rig, session, 1);
    const wrong = await wrongResults(rig, session, tried.length);
    must(wrong.length === 0, `wrong with ${wrong.join("; ")}`);
    return `${tried.length} calls with ends of ranges and drawn arguments`;
  },
});

/** Documents that are JSON and break one rule each. */
const INVALID = [
  { id: "1", name: "a", tags: [], values: [] },
  { id: 1.5, name: "a", tags: [], values: [] },
  { id: 1, name: 7, tags: [], values: [] },
  { id: 1, name: "a", tags: [7], values: [] },
  { id: 1, name: "a", tags: [], values: ["7"] },
];

const SLEEPS_MS = [0, 50, 1_000];

/** A turn whose code dies, however the runtime is built: sooner or later it is answered, and the crash was not passed over. */
const deathCheck = (how: "throw" | "detached" | "unit", what: string): Check => ({
  name: `crash by ${how} (${what}): told to die, it dies; asked again after that, the turn is answered`,
  group: "local tools",
  alone: true,
  limitMs: RECOVERED_WITHIN_MS + 20_000,
  notOffered: offers("crash"),
  script: { default: [says()], turn2: [{ ...calls({ crash: { how } }), attempts: 1 }, says()] },
  async run(rig, session) {
    const before = rig.deaths.length;
    await answered(rig, session, 1);
    const reply = await askedUntilEnded(rig, session, 2, RECOVERED_WITHIN_MS);
    mustBeExact(rig, session, 2, reply);
    const leaves = rig.toolUses(session).filter(({ name }) => name === "crash");
    must(leaves.length > 0, "it never asked for leave to crash");
    // Whoever really lost the turn's code does something of it again: the model's step, or the call.
    const again = leaves.length > 1 || rig.asks(session, 2).length > 2;
    must(again || how === "detached", "told to die, it went on as if nothing had happened");
    const ended = rig.deaths.length - before;
    return `${ended === 0 ? "no process ended" : "a process ended"}; answered after that`;
  },
});

export const localToolChecks: readonly Check[] = [
  ...TRIED.map(resultCheck),
  {
    name: "parse_document tells invalid documents from valid ones, and the turn goes on",
    group: "local tools",
    notOffered: offers("parse_document"),
    script: [calls(INVALID.map((record) => ({ parse_document: { document: document([record]) } }))), says()],
    async run(rig, session) {
      await answered(rig, session, 1);
      const results = resultsSent(rig, session, 1);
      for (const [index, record] of INVALID.entries())
        must(isError(results[index] ?? ""), `${JSON.stringify(record)} was taken for valid: ${results[index]}`);
      return `${INVALID.length} kinds of invalid records`;
    },
  },
  {
    name: "sleep never returns early",
    group: "local tools",
    notOffered: offers("sleep"),
    script: [...SLEEPS_MS.map((ms) => calls({ sleep: { ms } })), says()],
    async run(rig, session) {
      await answered(rig, session, 1);
      const asks = rig.asks(session, 1);
      for (const [index, ms] of SLEEPS_MS.entries()) {
        const sleptMs = (asks[index + 1]?.exchange.askedMs ?? 0) - (asks[index]?.exchange.heardMs ?? 0);
        must(sleptMs >= ms - 2, `sleep of ${ms} ms took ${sleptMs.toFixed(1)} ms`);
      }
      const wrong = resultsSent(rig, session, 1).filter((text) => text !== "slept");
      must(wrong.length === 0, `it answered ${wrong[0]} instead of slept`);
      return `${SLEEPS_MS.join(", ")} ms`;
    },
  },
  {
    name: "crash asks for leave and goes on when it is spared",
    group: "local tools",
    notOffered: offers("crash"),
    script: [{ ...calls({ crash: { how: "unit" } }), attempts: 0 }, says()],
    async run(rig, session) {
      await answered(rig, session, 1);
      const leaves = rig.toolUses(session).filter(({ name }) => name === "crash");
      must(leaves.length === 1, `it asked ${leaves.length} times for leave`);
      const [result] = resultsSent(rig, session, 1);
      must(result === "spared", `the result is ${result} instead of spared`);
      return "spared";
    },
  },
  {
    name: "no process ended while nothing had told it to",
    group: "local tools",
    alone: true,
    script: [says()],
    async run(rig) {
      must(rig.deaths.length === 0, rig.deaths.join("; "));
      return "all of them still run";
    },
  },
  deathCheck("throw", "the turn's own code"),
  deathCheck("detached", "an error outside the turn"),
  deathCheck("unit", "what the README names"),
];
