/** The driver as a process: its messages, its end, and how it fails. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { monotonicMs } from "../clock.ts";
import type { DriverEvent } from "../history.ts";
import { readEvents } from "../history-file.ts";
import { entryPoint } from "../processes/entry.ts";
import type { DriverSettings, FromDriver, ToDriver } from "./protocol.ts";
import { answerTurn, type RunningBackend, startBackend } from "./testing/backend.ts";
import { cohortOf, sessionOf, settingsOf } from "./testing/play.ts";

let child: ChildProcess | null = null;
let backend: RunningBackend | null = null;
let folder = "";

afterEach(async () => {
  child?.kill("SIGKILL");
  await backend?.close();
  rmSync(folder, { recursive: true });
});

const MAIN = entryPoint(import.meta.url, "./main");

/** Starts the process and a backend that answers at once, or never. */
async function start(answers = true, launch = () => fork(MAIN, { stdio: "ignore" })) {
  folder = mkdtempSync(join(tmpdir(), "agent-derby-driver-"));
  backend = await startBackend((_, response) => {
    if (answers) answerTurn(response);
  });
  const driver = launch();
  child = driver;
  const posts: FromDriver[] = [];
  driver.on("message", (message) => posts.push(message as FromDriver));
  const exited = new Promise<number | null>((done) => driver.once("exit", (code) => done(code)));
  const sessions = Array.from({ length: 20 }, (_, i) => sessionOf(`s${i}`, "users", i, [50, 60_000]));
  const settings = {
    ...settingsOf({ users: cohortOf() }, sessions, folder),
    baseUrl: backend.url,
    zeroMs: monotonicMs(),
  };
  return {
    driver,
    posts,
    exited,
    settings,
    send: (message: ToDriver) => driver.send(message),
    seen: (type: FromDriver["type"]) =>
      expect.poll(() => posts.some((post) => post.type === type), { timeout: 5000 }).toBe(true),
  };
}

const now = (settings: DriverSettings): number => monotonicMs() - settings.zeroMs;

test("a load from settings to stop, with its history on disk", async () => {
  const { send, seen, posts, settings, driver, exited } = await start();
  send(settings);
  await seen("prepared");
  send({ type: "begin", atMs: now(settings) });
  await expect.poll(() => posts.some((post) => post.type === "progress" && post.acknowledged === 40)).toBe(true);
  send({ type: "hold" });
  send({ type: "prove" });
  await seen("proved");
  send({ type: "stop" });
  await seen("stopped");
  const events = readEvents<DriverEvent>(settings.historyFile);
  expect(events.filter((event) => event.e === "ok")).toHaveLength(60);
  expect(events.filter((event) => event.e === "read")).toHaveLength(20);
  expect(posts.at(-1)).toMatchObject({ type: "stopped", startLagMs: { p99: expect.any(Number) } });
  driver.disconnect();
  expect(await exited).toBe(0);
});

test("it ends with its channel, keeps what it saw, and leaves Ctrl-C to the trial", async () => {
  const { send, seen, posts, settings, driver, exited } = await start();
  send(settings);
  await seen("prepared");
  send({ type: "begin", atMs: now(settings) });
  await expect.poll(() => posts.some((post) => post.type === "progress" && post.acknowledged === 40)).toBe(true);
  driver.kill("SIGINT");
  driver.disconnect();
  expect(await exited).toBe(0);
  expect(readEvents<DriverEvent>(settings.historyFile).filter((event) => event.e === "ok")).toHaveLength(40);
});

test.each<[string, (settings: DriverSettings) => DriverSettings, RegExp]>([
  [
    "a history that cannot be written",
    (settings) => ({ ...settings, historyFile: join(folder, "missing", "driver.ndjson") }),
    /The driver failed: ENOENT/,
  ],
  [
    "a secret that is not set",
    (settings) => ({ ...settings, mapping: { ...settings.mapping, headers: { a: "{env.NO_SUCH_SECRET}" } } }),
    /NO_SUCH_SECRET/,
  ],
])("%s is told as a failure, and the process ends", async (_, spoil, reason) => {
  const { send, seen, posts, settings, exited } = await start();
  send(spoil(settings));
  await seen("failed");
  expect(posts.at(-1)).toMatchObject({ type: "failed", reason: expect.stringMatching(reason) });
  expect(await exited).toBe(1);
});

// Linux's own file that is always full.
test.skipIf(!existsSync("/dev/full"))("a disk that fills up during the load is told as a failure", async () => {
  const { send, seen, settings } = await start();
  send({ ...settings, historyFile: "/dev/full" });
  await seen("prepared");
  send({ type: "begin", atMs: now(settings) });
  await seen("failed");
});

test("running out of files is told as a failure of ours, not as one of the backend", async () => {
  const launch = (): ChildProcess =>
    spawn("sh", ["-c", 'ulimit -n 32 && exec "$0" "$1"', process.execPath, MAIN], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
  const { send, seen, posts, settings } = await start(false, launch);
  send(settings);
  await seen("prepared");
  send({ type: "begin", atMs: now(settings) });
  await seen("failed");
  expect(posts.filter((post) => post.type === "failed")).toEqual([
    { type: "failed", reason: "No connection to the backend could be opened: EMFILE." },
  ]);
});
