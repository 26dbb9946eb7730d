import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { favour, ownScheduling, realTimeAllowed } from "./priority.ts";
import { hasProc } from "./process-table.ts";

const FIFO = "1";

/** Scheduling policy (proc(5), field 41) of every thread of a process, the main one first. */
function policies(pid: number): (string | undefined)[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[38];
  });
}

/** A Node that has started and does nothing. */
async function idleNode(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume(); console.log('up')"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((up) => child.stdout.once("data", up));
  return child.pid ?? 0;
}

test.skipIf(!hasProc)("with cores of its own a witness's main thread is real-time where that is allowed", async () => {
  const pid = await idleNode();
  favour(pid, "driver", "0");
  const [main, ...helpers] = policies(pid);
  expect(main === FIFO).toBe(realTimeAllowed());
  expect(helpers.length).toBeGreaterThan(0);
  expect(helpers).not.toContain(FIFO);
});

test.skipIf(!hasProc)("without cores of its own nobody is real-time, since the runtime needs them too", async () => {
  const pid = await idleNode();
  favour(pid, "driver", null);
  expect(policies(pid)).not.toContain(FIFO);
});

test("favouring a process that has gone is no error", () => {
  expect(() => favour(2 ** 22, "world", "0")).not.toThrow();
});

test.skipIf(!hasProc)("a process can tell how it is scheduled", () => {
  expect(["ordinary", "raised", "real-time"]).toContain(ownScheduling());
});
