/** What is said of a backend with its own API: what has to hold, what is only told, and which promises it may claim. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { takePorts } from "../processes/ports.ts";
import { untilReady } from "../processes/readiness.ts";
import { Watchdog } from "../processes/watchdog.ts";
import type { Mapping, Promises, Runner } from "../runner.ts";
import { resolveRunner } from "../runner-check.ts";
import { checksFor } from "./checks/index.ts";
import { type ConformReport, examine } from "./conform.ts";

const WRONG = fileURLToPath(new URL("./testing/wrong", import.meta.url));
const PLAIN: Mapping = {
  request: "POST /chat",
  body: { thread: { id: "{session}" }, message: { id: "{turn}", text: "{input}" } },
  answer: { text: "$.output", failed: "$.failed" },
};
const STREAMED: Mapping = { ...PLAIN, answer: { ...PLAIN.answer, sse: "data", token: "$.text" } };

/** What takes more than five seconds by its nature. */
const SLOW = /slow stream|without being asked/;

let watchdog: Watchdog;
beforeAll(async () => {
  watchdog = await Watchdog.start();
});
afterAll(() => watchdog.stop());

const backend = (variant: string, turn: Mapping, promises: Promises = {}): Runner => ({
  ...resolveRunner(variant === "" ? WRONG : `${WRONG}:${variant}`),
  turn,
  promises,
});

function told(runner: Runner, which: RegExp): Promise<ConformReport> {
  const checks = checksFor(runner).filter(({ name }) => which.test(name) && !SLOW.test(name));
  return examine(runner, checks, { postgres: null, watchdog, signal: new AbortController().signal });
}

const of = (report: ConformReport, result: string): string[] =>
  report.checks.filter((check) => check.result === result).map(({ name, says }) => `${name}: ${says}`);

describe("a backend with its own API", () => {
  it("works where it answers and remembers; what does not hold is not offered, and what holds may be claimed", async () => {
    const report = await told(backend("", STREAMED), /./);
    expect(of(report, "fail")).toEqual([]);
    expect(of(report, "not offered").map((line) => line.split(":")[0])).toEqual([
      "answered turns are remembered after kill -9",
    ]);
    expect(report).toMatchObject({ passed: true, mayClaim: { streaming: true } });
    expect(report.mayClaim).not.toHaveProperty("durable-turns");
  });

  it("fails in what it promises", async () => {
    const vows = { "durable-turns": "process", streaming: true } as const;
    const report = await told(backend("", STREAMED, vows), /remembered after kill|text reaches/);
    expect(of(report, "fail")).toEqual([
      "answered turns are remembered after kill -9: the first request of turn 3 carries the answers of turns [] instead of [1, 2]",
    ]);
    expect(report).toMatchObject({ passed: false, mayClaim: {} });
  });

  it("is told where the answer stands when its mapping looks elsewhere", async () => {
    const report = await told(backend("", { ...PLAIN, answer: { text: "$.reply" } }), /new conversation/);
    expect(of(report, "fail")).toEqual([expect.stringContaining('which stands there: "answer": {"text":"$.output"}')]);
  });

  it.each([
    ["forgets", "does not send the conversation", /carr/, "fail", 2],
    ["rephrases", "changes the model's words", /new conversation/, "fail", 1],
    ["nostalgic", "asks the model at an old address", /after kill -9 it takes/, "fail", 1],
    ["reruns", "runs a turn twice", /the same turn/, "not offered", 2],
    ["cancels", "ends a turn with its client", /its client leaves/, "not offered", 1],
    ["mixes", "runs two turns of a conversation at once", /two turns/, "not offered", 1],
    ["halves", "takes half an answer for a whole one", /finish_reason/, "not offered", 1],
  ])("that %s (it %s) is seen", async (variant, _what, which, result, times) => {
    const report = await told(backend(variant, PLAIN), which);
    expect(of(report, result)).toHaveLength(times);
    expect(report.checks).toHaveLength(times);
  });

  it("may run already: then nothing of it is started or killed, and what it remembers of the last time does no harm", async () => {
    const [port = 0, worldPort = 0] = await takePorts(2);
    const dataDir = mkdtempSync(join(tmpdir(), "attached-test-"));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const world = `http://127.0.0.1:${worldPort}/i/1`;
    const env = { PORT_HTTP: `${port}`, MODEL_URL: `${world}/v1`, TOOLS_URL: `${world}/tools`, DATA_DIR: dataDir };
    const server = spawn(process.execPath, ["server.ts"], { cwd: WRONG, env, stdio: "ignore" });
    onTestFinished(async () => {
      server.kill("SIGKILL");
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    });
    const url = `http://127.0.0.1:${port}`;
    expect(await untilReady(`${url}/healthz`, 10_000, new AbortController().signal)).toBe(true);
    const runner = backend("", PLAIN);
    const checks = checksFor(runner).filter(({ name }) => /new conversation|kill -9/.test(name));
    for (let time = 1; time <= 2; time++) {
      const attached = { url, world: { host: "127.0.0.1", port: worldPort }, visit: `visit${time}` };
      const report = await examine(runner, checks, {
        postgres: null,
        watchdog,
        signal: new AbortController().signal,
        attached,
      });
      expect(of(report, "pass")).toHaveLength(1);
      expect(of(report, "not offered")).toHaveLength(3);
      expect(report.checks.at(-1)?.says).toBe("nothing is killed that was not started here");
    }
    expect(server.exitCode).toBeNull();
  });

  it("that hoards its tokens shows no streaming", async () => {
    const report = await told(backend("hoards", STREAMED), /text reaches/);
    expect(of(report, "not offered")).toEqual([expect.stringContaining("only 0 %")]);
    expect(report.mayClaim).toEqual({});
  });
});
