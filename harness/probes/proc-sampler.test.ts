import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Child, childEnvironment, endChild, lastLines, startChild } from "../processes/child.ts";
import { hasProc } from "../processes/process-table.ts";
import { scratchFolder } from "../processes/testing/scratch.ts";
import { ProcSampler } from "./proc-sampler.ts";

/** A process whose child burns CPU for a while and holds 64 MB, then says so. */
const PARENT = `
  const { spawn } = require("node:child_process");
  const code = "const b = Buffer.alloc(64 * 2 ** 20, 1); const end = process.cpuUsage().user + 300000; while (process.cpuUsage().user < end); console.log('done'); setInterval(() => b, 1000)";
  spawn(process.execPath, ["-e", code], { stdio: ["ignore", "inherit", "inherit"] });
  setInterval(() => {}, 1000);
`;

async function busyTree(): Promise<Child> {
  const folder = scratchFolder();
  const logFile = join(folder, "log");
  const child = await startChild({ command: ["node", "-e", PARENT], cwd: folder, env: childEnvironment(), logFile });
  onTestFinished(() => child.kill("SIGKILL"));
  await vi.waitFor(() => expect(lastLines(logFile)).toBe("done"), { timeout: 15_000 });
  return child;
}

test.skipIf(!hasProc)(
  "CPU and memory of children count, the database apart, and the dead keep what they used",
  async () => {
    const child = await busyTree();
    let now = 0;
    let roots: number[] = [];
    const sampler = ProcSampler.create({ app: () => roots, store: () => [process.pid] }, () => now);
    expect(sampler).not.toBeNull();
    if (sampler === null) return;
    expect(sampler.sample()).toMatchObject({ appCpuMs: 0, appRssBytes: 0 });
    roots = [child.pid];
    const alone = sampler.sample();
    expect(alone.appCpuMs).toBeLessThan(300);
    now = 2000;
    const tree = sampler.sample();
    expect(tree.appCpuMs).toBeGreaterThanOrEqual(300);
    expect(tree.appRssBytes).toBeGreaterThan(64 * 2 ** 20);
    expect(tree.storeRssBytes).toBeGreaterThan(0);
    // A process that has started has given way; what it wrote is known, since it is ours.
    expect(tree.app?.voluntarySwitches).toBeGreaterThan(0);
    expect(tree.app?.waitMs).toBeGreaterThanOrEqual(alone.app?.waitMs ?? 0);
    expect(tree.app?.writtenBytes).toBeGreaterThanOrEqual(0);
    await endChild(child, 0);
    roots = [];
    now = 2000;
    const after = sampler.sample();
    expect(after.appCpuMs).toBeGreaterThanOrEqual(tree.appCpuMs);
    expect(after.appRssBytes).toBe(0);
    expect(after.app?.voluntarySwitches).toBeGreaterThanOrEqual(tree.app?.voluntarySwitches ?? 0);
    sampler.close();
  },
);
