import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { TrialError, UsageError } from "../errors.ts";
import type { Runner } from "../runner.ts";
import { isAlive, type ProcessIdentity, readProcess } from "./process-table.ts";
import { RuntimeProcesses } from "./runtime.ts";
import type { ProcessEvent } from "./supervised.ts";
import { scratchFolder, testWatchdog } from "./testing/scratch.ts";
import { tinyRuntime } from "./testing/tiny-runtime.ts";

const PATIENCE = { timeout: 10_000, interval: 10 };

interface Trial {
  readonly runtime: RuntimeProcesses;
  readonly events: ProcessEvent[];
  readonly reasons: string[];
  readonly dataDir: string;
}

async function trialOf(runner: Runner, readyWithinMs = 10_000): Promise<Trial> {
  const folder = scratchFolder();
  const [dataDir, logFolder] = [join(folder, "data"), join(folder, "logs")];
  mkdirSync(dataDir);
  mkdirSync(logFolder);
  const events: ProcessEvent[] = [];
  const reasons: string[] = [];
  const runtime = await RuntimeProcesses.prepare({
    runner,
    dataDir,
    logFolder,
    databaseUrl: "postgres://derby@127.0.0.1:1/postgres",
    worldPort: 4999,
    memoryMb: 256,
    cores: null,
    watchdog: await testWatchdog(),
    report: (event) => events.push(event),
    gaveUp: (reason) => reasons.push(reason),
    observing: () => ({ NODE_OPTIONS: "--no-deprecation" }),
    readyWithinMs,
  });
  onTestFinished(() => runtime.stop("kill"));
  return { runtime, events, reasons, dataDir };
}

/** What the running process says of itself. */
async function whoIs(runtime: RuntimeProcesses): Promise<{ env: Record<string, string>; argv: string[] }> {
  const response = await fetch(runtime.baseUrl);
  return (await response.json()) as { env: Record<string, string>; argv: string[] };
}

const kinds = (events: readonly ProcessEvent[]): string[] => events.map(({ e, i }) => `${e} ${i}`);

test("a process gets the contract's environment, its places filled in, and the variant's variables last", async () => {
  const runner = tinyRuntime(
    { HEAP: "{env.MEMORY_MB}m", LEVEL: "one", NODE_OPTIONS: "--no-warnings" },
    { variantEnv: { LEVEL: "two" } },
  );
  const { runtime, dataDir } = await trialOf(runner);
  await runtime.start();
  const { env, argv } = await whoIs(runtime);
  const port = new URL(runtime.baseUrl).port;
  expect(argv).toEqual([dataDir, port]);
  expect(env).toMatchObject({
    PORT_HTTP: port,
    REPLICA: "0",
    INCARNATION: "1",
    MODEL_URL: "http://127.0.0.1:4999/i/1/v1",
    TOOLS_URL: "http://127.0.0.1:4999/i/1/tools",
    DATA_DIR: dataDir,
    DATABASE_URL: "postgres://derby@127.0.0.1:1/postgres",
    MEMORY_MB: "256",
    HEAP: "256m",
    LEVEL: "two",
    NODE_OPTIONS: "--no-warnings --no-deprecation",
  });
});

test("a process that dies unasked is started again at once, on the same port, as another incarnation", async () => {
  const { runtime, events } = await trialOf(tinyRuntime());
  await runtime.start();
  const before = runtime.baseUrl;
  await fetch(`${before}/die`).catch(() => undefined);
  await vi.waitFor(
    () => expect(kinds(events)).toEqual(["start 1", "ready 1", "exit 1", "start 2", "ready 2"]),
    PATIENCE,
  );
  expect(events[2]).toMatchObject({ e: "exit", process: "server", code: 1, signal: null, expected: false });
  expect(runtime.baseUrl).toBe(before);
  expect((await whoIs(runtime)).env.TOOLS_URL).toBe("http://127.0.0.1:4999/i/2/tools");
});

test("a held process stays down after its death, which was expected, until it is released", async () => {
  const { runtime, events } = await trialOf(tinyRuntime());
  await runtime.start();
  const [pid] = runtime.pids("app");
  runtime.hold("app");
  process.kill(pid ?? 0, "SIGKILL");
  await vi.waitFor(
    () => expect(events.at(-1)).toMatchObject({ e: "exit", signal: "SIGKILL", expected: true }),
    PATIENCE,
  );
  expect(runtime.pids("app")).toEqual([]);
  await runtime.release("app");
  expect(kinds(events).slice(-2)).toEqual(["start 2", "ready 2"]);
});

test("a release right after the kill does not take the death for an unexpected one", async () => {
  const { runtime, events } = await trialOf(tinyRuntime());
  await runtime.start();
  runtime.hold("app");
  process.kill(runtime.pids("app")[0] ?? 0, "SIGKILL");
  await vi.waitFor(() => expect(["Z", undefined]).toContain(readProcess(runtime.pids("app")[0] ?? 0)?.state), {
    interval: 1,
  });
  await runtime.release("app");
  expect(events.filter(({ e }) => e === "exit")).toMatchObject([{ expected: true }]);
  expect(kinds(events).at(-1)).toBe("ready 2");
});

test("processes start in order, each after the one before is ready, and setup before the serving one", async () => {
  const base = tinyRuntime();
  const trace = (word: string) => `require("node:fs").appendFileSync(process.env.DATA_DIR + "/starts", "${word}\\n")`;
  const runner: Runner = {
    ...base,
    setup: ["node", "-e", trace("setup {port.http}")],
    processes: [
      { name: "engine", role: "engine", command: ["node", "-e", `${trace("engine")}; setInterval(() => {}, 1000)`] },
      ...base.processes,
    ],
  };
  const { runtime, dataDir, events } = await trialOf(runner);
  await runtime.start();
  await vi.waitFor(() => expect(readFileSync(join(dataDir, "starts"), "utf8")).toContain("engine"), PATIENCE);
  const port = new URL(runtime.baseUrl).port;
  const lines = readFileSync(join(dataDir, "starts"), "utf8").trim().split("\n");
  expect(lines.filter((line) => line !== "engine")).toEqual([`setup ${port}`, "3"]);
  expect(kinds(events)).toEqual(["start 1", "ready 1", "start 3", "ready 3"]);
  expect(runtime.pids("engine")).toHaveLength(1);
  expect(runtime.pids()).toHaveLength(2);
});

test("stopping ends every process, and nothing is started again", async () => {
  const { runtime, events } = await trialOf(tinyRuntime());
  await runtime.start();
  const identities: ProcessIdentity[] = runtime.pids().flatMap((pid) => readProcess(pid) ?? []);
  expect(identities).toHaveLength(1);
  await runtime.stop("order");
  expect(identities.filter(isAlive)).toEqual([]);
  expect(events.at(-1)).toMatchObject({ e: "exit", signal: "SIGTERM", expected: true });
});

test.each([
  [
    "a runtime that dies before it is ready is refused with its last words",
    { FAIL: "at once" },
    /Process "server" ended before it was ready. Its last words:\nno licence found/,
  ],
  [
    "a runtime that never becomes healthy is refused",
    { FAIL: "never ready" },
    /did not answer 200 at http:\/\/127.0.0.1:\d+\/healthz within 0.4 s. It logged nothing/,
  ],
  ["an unknown variable in runner.json is refused", { X: "{env.NO_SUCH_VARIABLE}" }, /Set NO_SUCH_VARIABLE/],
])("%s", async (_sentence, env, expected) => {
  const { runtime } = await trialOf(tinyRuntime(env), 400);
  const attempt = runtime.start();
  await expect(attempt).rejects.toThrow(UsageError);
  await expect(attempt).rejects.toThrow(expected);
});

test("a setup command that fails refuses the runtime with what it said", async () => {
  const { runtime } = await trialOf({
    ...tinyRuntime(),
    setup: ["node", "-e", "console.error('no table'); process.exit(4)"],
  });
  await expect(runtime.start()).rejects.toThrow(/The setup command of "tiny" failed \(exit code 4\):\nno table/);
});

test("after more than 20 deaths in 10 s a process is given up, with the reason", async () => {
  const base = tinyRuntime();
  const flag = join(base.folder, "broken");
  // Lives until the flag stands, then dies at every start.
  const code = `const { existsSync } = require("node:fs"); setInterval(() => existsSync(${JSON.stringify(flag)}) && process.exit(1), 5)`;
  const { runtime, events, reasons } = await trialOf({
    ...base,
    processes: [{ name: "loop", role: "engine", command: ["node", "-e", code] }, ...base.processes],
  });
  await runtime.start();
  writeFileSync(flag, "");
  await vi.waitFor(() => expect(reasons).toHaveLength(1), PATIENCE);
  expect(reasons[0]).toMatch(/Process "loop" died 21 times within 10 s and is not started again/);
  expect(events.filter((event) => event.e === "exit" && event.process === "loop")).toHaveLength(21);
  expect(runtime.pids("engine")).toEqual([]);
});

/** A tiny runtime of which so many copies may run. */
function copied(copies: number, env: Readonly<Record<string, string>> = {}): Runner {
  const base = tinyRuntime(env);
  return { ...base, processes: base.processes.map((process) => ({ ...process, replicas: copies })) };
}

test("a further copy has its own port, REPLICA and incarnation, the same data, and is started again when it dies", async () => {
  const { runtime, events, dataDir } = await trialOf(copied(2));
  await runtime.start();
  const replica = await runtime.addReplica("app", { owner: "another", env: { LEVEL: "two" } });
  const url = `http://127.0.0.1:${replica.port}`;
  const said = async (): Promise<Record<string, string>> =>
    ((await (await fetch(url)).json()) as { env: Record<string, string> }).env;
  expect(await said()).toMatchObject({
    REPLICA: "1",
    INCARNATION: "2",
    DATA_DIR: dataDir,
    DATABASE_URL: "postgres://derby@127.0.0.1:1/postgres",
    PORT_HTTP: String(replica.port),
    TOOLS_URL: "http://127.0.0.1:4999/i/2/tools",
    LEVEL: "two",
  });
  expect((await whoIs(runtime)).env).toMatchObject({ REPLICA: "0", INCARNATION: "1" });
  expect(runtime.pids("app")).toHaveLength(2);
  await fetch(`${url}/die`).catch(() => undefined);
  await vi.waitFor(() => expect(kinds(events).at(-1)).toBe("ready 3"), PATIENCE);
  expect(await said()).toMatchObject({ REPLICA: "1", INCARNATION: "3", LEVEL: "two" });
  await replica.stop();
  expect(events.at(-1)).toMatchObject({ e: "exit", replica: 1, i: 3, signal: "SIGTERM", expected: true });
  expect(runtime.pids("app")).toHaveLength(1);
});

test("a further copy that does not become ready is ended and leaves the first as it was", async () => {
  const { runtime, events, reasons } = await trialOf(copied(2), 300);
  await runtime.start();
  const attempt = runtime.addReplica("app", { owner: "another", env: { FAIL: "never ready" } });
  await expect(attempt).rejects.toThrow(TrialError);
  await expect(attempt).rejects.toThrow(/A further copy of role "app" did not start. .* did not answer 200/);
  expect(runtime.pids("app")).toHaveLength(1);
  expect((await whoIs(runtime)).env).toMatchObject({ INCARNATION: "1" });
  expect(events.at(-1)).toMatchObject({ e: "exit", replica: 1, expected: true });
  expect(reasons).toEqual([]);
});

test("no more copies are started than the runner allows, and none of a role that it has not", async () => {
  const { runtime } = await trialOf(copied(2));
  await runtime.start();
  await runtime.addReplica("app", { owner: "another" });
  await expect(runtime.addReplica("app", { owner: "another" })).rejects.toThrow(
    'tiny allows 2 of its processes of role "app" side by side ("replicas" in runner.json), and that many run.',
  );
  await expect(runtime.addReplica("store", { owner: "another" })).rejects.toThrow(
    'tiny has no process of role "store".',
  );
});

test("stopping ends further copies too, and none is started afterwards", async () => {
  const { runtime, events } = await trialOf(copied(3));
  await runtime.start();
  await runtime.addReplica("app", { owner: "another" });
  const identities = runtime.pids().flatMap((pid) => readProcess(pid) ?? []);
  expect(identities).toHaveLength(2);
  await runtime.stop("kill");
  expect(identities.filter(isAlive)).toEqual([]);
  expect(events.filter(({ e }) => e === "exit")).toMatchObject([{ expected: true }, { expected: true }]);
  await expect(runtime.addReplica("app", { owner: "another" })).rejects.toThrow("The runtime has been stopped.");
});

test("a changed environment holds from the next start on, and can be taken back", async () => {
  const { runtime } = await trialOf(tinyRuntime({ LEVEL: "one" }, { redeploy: { env: { LEVEL: "two" } } }));
  await runtime.start();
  const restarted = async (): Promise<Record<string, string>> => {
    runtime.hold("app");
    process.kill(runtime.pids("app")[0] ?? 0, "SIGKILL");
    await vi.waitFor(() => expect(runtime.pids("app")).toEqual([]), PATIENCE);
    await runtime.release("app");
    return (await whoIs(runtime)).env;
  };
  expect(runtime.versionTwo).toEqual({ VERSION: "2", LEVEL: "two" });
  runtime.changeEnvironment("app", runtime.versionTwo);
  expect((await whoIs(runtime)).env.LEVEL).toBe("one");
  expect(await restarted()).toMatchObject({ VERSION: "2", LEVEL: "two" });
  runtime.changeEnvironment("app", null);
  expect((await restarted()).LEVEL).toBe("one");
});
