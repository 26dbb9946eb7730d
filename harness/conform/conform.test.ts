import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../errors.ts";
import { readProcessTable } from "../processes/process-table.ts";
import { Watchdog } from "../processes/watchdog.ts";
import type { Mapping, Runner } from "../runner.ts";
import { resolveRunner } from "../runner-check.ts";
import type { Check } from "./check.ts";
import { CHECKS } from "./checks/index.ts";
import { type ConformReport, examine, handshake } from "./conform.ts";

const WRONG = fileURLToPath(new URL("./testing/wrong", import.meta.url));

/** What takes more than two seconds by its nature; what it tests is tested by quicker ones as well. */
const SLOW = /30 s|five tries|slow stream|without being asked|^5xx/;
const QUICK = CHECKS.filter(({ quick }) => quick === true);
const TOGETHER = CHECKS.filter(({ alone, name }) => alone !== true && !SLOW.test(name));
const named = (pattern: RegExp): Check[] => CHECKS.filter(({ name }) => pattern.test(name));

let watchdog: Watchdog;
beforeAll(async () => {
  watchdog = await Watchdog.start();
});
afterAll(() => watchdog.stop());

const settings = (signal = new AbortController().signal) => ({ postgres: null, watchdog, signal });

const failed = ({ checks }: ConformReport): string[] =>
  checks.filter(({ result }) => result === "fail").map(({ name }) => name);

describe("the checks", () => {
  it("have names of their own", () => {
    expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
  });

  it("are passed by a runner that keeps the contract; what it does not offer is not asked of it", async () => {
    const report = await examine(resolveRunner(WRONG), [...TOGETHER, ...named(/^crash by|new addresses/)], settings());
    expect(failed(report)).toEqual([]);
    expect(report.passed).toBe(true);
    const missing = report.checks.filter(({ result }) => result === "not offered");
    expect(missing.map(({ name, says }) => [name, says])).toEqual([
      ["every call carries an Idempotency-Key of its own", "not promised: effects exactly-once-with-keys"],
      ["every call carries an integer as Fence", "not promised: fenced-effects"],
      ["parse_document comes to the right results", "not among localTools"],
      ["search_memory comes to the right results", "not among localTools"],
      ["hold_memory comes to the right results", "not among localTools"],
      ["churn_memory comes to the right results", "not among localTools"],
      ["parse_document tells invalid documents from valid ones, and the turn goes on", "not among localTools"],
    ]);
  });
});

describe("a runner with an API of its own", () => {
  it("is tested through its mapping, and not asked for what only the contract's API has", async () => {
    const turn: Mapping = {
      request: "POST /chat",
      body: { thread: { id: "{session}" }, message: { id: "{turn}", text: "{input}" } },
      answer: { text: "$.output", failed: "$.failed" },
    };
    const report = await examine({ ...resolveRunner(WRONG), turn }, TOGETHER, settings());
    expect(failed(report)).toEqual([]);
    const missing = report.checks.filter(({ says }) => says === "the runner brings a mapping of its own");
    expect(missing.map(({ name }) => name.split(" ").slice(0, 2).join(" "))).toEqual([
      "healthz answers",
      "the same",
      "malformed requests",
      "ids of",
      "a session",
      "tokens of",
      "the text",
      "the result",
      "an answer",
      "a turn",
      "a client",
    ]);
  });
});

/** Each way of being wrong, the checks it is tried with, and those that must fail, no more and no less. */
const KINDS: readonly (readonly [
  variant: string,
  what: string,
  checks: readonly Check[],
  failing: readonly string[],
])[] = [
  [
    "forgets",
    "does not send the conversation",
    TOGETHER,
    [
      "two turns of one session at once",
      "the second turn's first request carries",
      "the fourth turn's first request carries",
      "every request carries inputs",
      "after a failed turn",
    ],
  ],
  [
    "rephrases",
    "changes the model's text",
    QUICK,
    ["exactly the text", "the same turn again", "the second turn's first request", "byte for byte"],
  ],
  [
    "hangs",
    "never answers",
    QUICK,
    ["exactly the text", "the same turn again", "the second turn's first request", "byte for byte"],
  ],
  [
    "reruns",
    "runs a turn again that was acknowledged",
    TOGETHER,
    [
      "the same turn again",
      "asked twice at once",
      "with another input",
      "a broken client connection",
      "the result of a stream",
      "a client that leaves",
      "400 ends",
      "401 ends",
      "an overflow",
    ],
  ],
  ["reformats", "writes arguments anew", TOGETHER, ["byte for byte"]],
  ["cancels", "ends a turn with its client", TOGETHER, ["a broken client connection", "a client that leaves"]],
  ["mixes", "runs two turns of a session at once", TOGETHER, ["two turns of one session at once"]],
  ["serial", "runs one tool after the other", TOGETHER, ["calls of one step run side by side"]],
  ["hammers", "asks again without a pause", [...QUICK, ...named(/^429|^5xx/)], ["429", "5xx"]],
  ["halves", "takes half an answer for a whole one", TOGETHER, ["without finish_reason", "an error event"]],
  ["hoards", "keeps tokens until the answer is whole", TOGETHER, ["tokens of a stream", "a client that leaves"]],
  [
    "mumbles",
    "streams another text than it answers with",
    TOGETHER,
    ["the text of a stream", "an answer that breaks off"],
  ],
  ["blurts", "does not take back a half answer", TOGETHER, ["an answer that breaks off"]],
  ["throws", "lets a tool's error end the turn", TOGETHER, ["an unknown tool", "malformed arguments"]],
  ["miscounts", "is off by one and impatient", TOGETHER, ["burn_cpu", "sleep never returns early"]],
  ["immortal", "does not die when told to", named(/^crash/), ["crash by throw", "crash by unit"]],
  ["nostalgic", "keeps the model's address over a restart", named(/new addresses/), ["new addresses"]],
  ["mortal", "cannot be started again", named(/^crash by unit|new addresses/), ["crash by unit", "new addresses"]],
  [
    "boasts",
    "promises durable turns and keys without having them",
    named(/Idempotency-Key|survive kill|repeated with its key|load hook/),
    ["Idempotency-Key", "survive kill -9", "repeated with its key", "load hook"],
  ],
];

describe("a runner that is wrong in one way fails exactly the checks for it", () => {
  it.concurrent.each(KINDS)("%s: %s", async (variant, _what, checks, failing) => {
    const report = await examine(resolveRunner(`${WRONG}:${variant}`), checks, settings());
    expect(failed(report).map((name) => failing.find((part) => name.includes(part)) ?? name)).toEqual(failing);
    expect(report.passed).toBe(false);
  });
});

describe("a test of conformance", () => {
  const ours = (): number[] =>
    readProcessTable()
      .filter(({ parent }) => parent === process.pid)
      .map(({ pid }) => pid)
      .sort();

  it("shakes hands within five seconds and leaves no process behind", async () => {
    const before = ours();
    const began = performance.now();
    const report = await handshake(resolveRunner(WRONG), settings());
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(report.checks.map(({ result }) => result)).toEqual(QUICK.map(() => "pass"));
    expect(ours()).toEqual(before);
  });

  it("that is stopped says so for every check that had not ended, and leaves no process behind", async () => {
    const before = ours();
    const stop = new AbortController();
    const asked: Check = {
      name: "stops in the middle",
      group: "http",
      script: [],
      async run(rig) {
        stop.abort();
        await rig.pause(60_000);
        return "it went on";
      },
    };
    const report = await examine(resolveRunner(WRONG), [asked], settings(stop.signal));
    expect(report.checks[0]).toMatchObject({ result: "fail", says: "stopped by the user" });
    expect(ours()).toEqual(before);
  });

  it("of a runtime that does not start is refused with its last words, and leaves no process behind", async () => {
    const before = ours();
    const runner = resolveRunner(WRONG);
    const [server] = runner.processes;
    const broken: Runner = {
      ...runner,
      processes: server === undefined ? [] : [{ ...server, command: ["node", "-e", "throw new Error('no luck')"] }],
    };
    const refused = handshake(broken, settings());
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow("no luck");
    expect(ours()).toEqual(before);
  });
});
