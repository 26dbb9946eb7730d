import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test, vi } from "vitest";
import { childEnvironment, startChild } from "./child.ts";
import { entryPoint } from "./entry.ts";
import { isAlive, type ProcessRow, readProcess } from "./process-table.ts";
import { sweep } from "./remains.ts";
import { scratchFolder } from "./testing/scratch.ts";
import { Watchdog } from "./watchdog.ts";

/** What the harness promises for the time after its death. */
const GONE_WITHIN_MS = 2000;

interface Doomed {
  readonly harness: ChildProcess;
  readonly directory: string;
  readonly watchdog: number;
  /** The child, and the grandchild that left its group. */
  readonly rows: ProcessRow[];
}

async function doomedHarness(parent: string): Promise<Doomed> {
  const module = entryPoint(import.meta.url, "./testing/doomed-harness");
  const harness = spawn(process.execPath, [module, parent], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void harness.kill("SIGKILL"));
  const [line] = (await once(createInterface({ input: harness.stdout }), "line")) as [string];
  const { watchdog, child, directory } = JSON.parse(line) as { watchdog: number; child: number; directory: string };
  const grandchild = await vi.waitFor(
    () => {
      const pid = Number(readFileSync(join(directory, "log"), "utf8").trim());
      expect(pid).toBeGreaterThan(0);
      return pid;
    },
    { timeout: 10_000 },
  );
  const rows = [child, grandchild].flatMap((pid) => readProcess(pid) ?? []);
  expect(rows).toHaveLength(2);
  expect(rows[1]?.group).not.toBe(rows[0]?.group);
  return { harness, directory, watchdog, rows };
}

test("a killed harness leaves no process and no directory, not even of a child that left its group", async () => {
  const { harness, directory, watchdog, rows } = await doomedHarness(scratchFolder());
  harness.kill("SIGKILL");
  await once(harness, "exit");
  await vi.waitFor(
    () => {
      expect(rows.filter(isAlive)).toEqual([]);
      expect(existsSync(directory)).toBe(false);
    },
    { timeout: GONE_WITHIN_MS, interval: 20 },
  );
  await vi.waitFor(() => expect(["Z", undefined]).toContain(readProcess(watchdog)?.state), { timeout: GONE_WITHIN_MS });
});

test("what harness and watchdog left when both were killed, the next start sweeps away", async () => {
  const parent = scratchFolder();
  const { harness, directory, watchdog, rows } = await doomedHarness(parent);
  process.kill(watchdog, "SIGKILL");
  harness.kill("SIGKILL");
  await once(harness, "exit");
  await vi.waitFor(() => expect(["Z", undefined]).toContain(readProcess(watchdog)?.state), { timeout: GONE_WITHIN_MS });
  expect(rows.filter(isAlive)).toHaveLength(2);
  const swept = await sweep(parent);
  expect(swept.map(({ path }) => path)).toEqual([directory]);
  expect(rows.filter(isAlive)).toEqual([]);
  expect(existsSync(directory)).toBe(false);
  expect(await sweep(parent)).toEqual([]);
});

test("a watchdog that is stopped in order leaves alone what it was told to forget", async () => {
  const parent = scratchFolder();
  const watchdog = await Watchdog.start();
  const directory = watchdog.createDirectory(parent);
  const child = await startChild({
    command: ["node", "-e", "setInterval(() => {}, 1000)"],
    cwd: parent,
    env: childEnvironment(),
    logFile: join(parent, "log"),
  });
  onTestFinished(() => child.kill("SIGKILL"));
  watchdog.watchGroup(child.pid);
  watchdog.forgetGroup(child.pid);
  watchdog.removeDirectory(directory);
  await watchdog.stop();
  expect(isAlive(child)).toBe(true);
  expect(existsSync(directory.path)).toBe(false);
  child.kill("SIGKILL");
  await child.exited;
});
