/** A backend that somebody else has started: it is asked for turns, looked at, and left as it was. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type BenchOptions, runBench } from "../../harness/bench.ts";
import { takePorts } from "../../harness/processes/ports.ts";
import { ROOT } from "../sources.ts";
import { QUIET } from "../tiny-trials.ts";
import { type RunnerProcess, startRunner } from "./runner-process.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "attached-e2e-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }));
  return path;
}

/** A contestant as its owner would start it, told once where its model is. */
async function started(worldPort: number): Promise<RunnerProcess> {
  const world = `http://127.0.0.1:${worldPort}/i/1`;
  const env = { MODEL_URL: `${world}/v1`, TOOLS_URL: `${world}/tools`, DATA_DIR: folder() };
  const backend = await startRunner("async", env);
  onTestFinished(() => backend.kill());
  return backend;
}

const options = (url: string, worldPort: number, visit: string, scenario: string): BenchOptions => ({
  filters: [scenario, "async"],
  profile: "smoke",
  seed: "1",
  sessions: 12,
  postgres: "embedded",
  price: { input: 3, output: 15 },
  pin: false,
  calibrate: false,
  attached: { url, world: { host: "127.0.0.1", port: worldPort }, visit },
  invocation: "npx agent-derby run",
  signal: new AbortController().signal,
  out: folder(),
});

it("can be measured twice with the same seed, and is alive afterwards", { timeout: 120_000 }, async () => {
  const [worldPort = 0] = await takePorts(1);
  const { url, ended } = await started(worldPort);
  for (const visit of ["visita", "visitb"]) {
    const asked = options(url, worldPort, visit, join(ROOT, "test", "canary", "calm.json"));
    const { summary } = await runBench(asked, QUIET);
    const [trial] = summary.scenarios[0]?.results[0]?.trials ?? [];
    expect(summary.environment.isolation).toBe("attached");
    expect(summary.campaign.command).toContain(`--attach ${url} --world-port ${worldPort}`);
    expect(trial?.verdicts.filter(({ result }) => result === false)).toEqual([]);
    expect(trial?.verdicts.some(({ result }) => result === true)).toBe(true);
    expect(trial?.usage.appCpuMsPerTurn).toBeGreaterThan(0);
    expect(trial?.validity).toMatchObject({ pinned: false, gateable: false });
  }
  expect(await Promise.race([ended, "alive"])).toBe("alive");
});

it("is not attached to where nobody answers, and not where faults would strike it", async () => {
  const [port = 0, worldPort = 0] = await takePorts(2);
  const url = `http://127.0.0.1:${port}`;
  const calm = options(url, worldPort, "visit", join(ROOT, "test", "canary", "calm.json"));
  await expect(runBench(calm, QUIET)).rejects.toThrow(`Nothing takes connections at ${url}.`);
  const killing = options(url, worldPort, "visit", "kill");
  await expect(runBench(killing, QUIET)).rejects.toThrow(/kill strikes what was not started here[\s\S]*steady/);
});
