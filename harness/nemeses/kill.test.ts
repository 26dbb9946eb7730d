import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { TrialError, UsageError } from "../errors.ts";
import { isAlive, processTree } from "../processes/process-table.ts";
import { RuntimeProcesses } from "../processes/runtime.ts";
import type { ProcessEvent } from "../processes/supervised.ts";
import { scratchFolder, testWatchdog } from "../processes/testing/scratch.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import type { Runner } from "../runner.ts";
import type { Role } from "../scenario.ts";
import type { PlannedFault } from "../trial.ts";
import { kill } from "./kill.ts";
import { type Disturbance, NEMESES, nemesisOf, type PathProxy, type ProxiedPath } from "./nemesis.ts";

function fault(changes: Partial<PlannedFault> = {}): PlannedFault {
  return { id: "kill-1", kind: "kill", role: "app", afterAcknowledged: 1, restartAfterMs: 0, with: {}, ...changes };
}

async function running(runner: Runner): Promise<{ runtime: RuntimeProcesses; events: ProcessEvent[] }> {
  const folder = scratchFolder();
  mkdirSync(join(folder, "data"));
  const events: ProcessEvent[] = [];
  const runtime = await RuntimeProcesses.prepare({
    runner,
    dataDir: join(folder, "data"),
    logFolder: folder,
    databaseUrl: null,
    worldPort: 4999,
    memoryMb: 256,
    cores: null,
    watchdog: await testWatchdog(),
    report: (event) => events.push(event),
    gaveUp: (reason) => expect.unreachable(reason),
  });
  onTestFinished(() => runtime.stop("kill"));
  await runtime.start();
  return { runtime, events };
}

const runtimeWith = (runtime: RuntimeProcesses, proxy: (path: ProxiedPath) => PathProxy) => ({
  pids: (role: Role) => runtime.pids(role),
  pause: (role: Role) => runtime.pause(role),
  hold: (role: Role) => runtime.hold(role),
  release: (role: Role) => runtime.release(role),
  proxy,
});

test("kill makes the way to the database longer first, where it is asked to, and takes that back", async () => {
  const { runtime } = await running(tinyRuntime());
  const asked: (Disturbance | null)[] = [];
  const proxy = (path: ProxiedPath): PathProxy => ({
    ...({} as PathProxy),
    probe: () =>
      Promise.resolve({
        how: "answered",
        bytes: 1,
        closedMs: null,
        ms: asked.at(-1)?.latencyMs === undefined ? 1 : 42,
      }),
    disturb: async (disturbance) => {
      expect(path).toBe("database");
      asked.push(disturbance);
    },
  });
  const planned = fault({ with: { databaseMs: 20 } });
  expect([kill.needs(planned), kill.needs(fault())]).toEqual([{ proxies: ["database"] }, {}]);
  const { proof, cure } = await kill.inject(runtimeWith(runtime, proxy), planned);
  expect(asked).toEqual([{ latencyMs: 20 }, null]);
  expect(proof).toMatch(/^A round trip .* takes 42 ms; it took 1\.0 ms before\. SIGKILL to role app/);
  await cure();
});

test("kill ends the process and its children, proves it, and cures by a restart after the delay", async () => {
  // The shell stays as the parent of the server, so two processes must go.
  const base = tinyRuntime();
  const runner: Runner = {
    ...base,
    processes: base.processes.map((process) => ({ ...process, command: ["sh", "-c", "node server.cjs; exit 0"] })),
  };
  const { runtime, events } = await running(runner);
  const victims = processTree(runtime.pids("app"));
  expect(victims).toHaveLength(2);
  const { proof, cure } = await kill.inject(runtime, fault({ restartAfterMs: 150 }));
  expect(proof).toMatch(/^SIGKILL to role app: all 2 processes are gone from the process table [\d.]+ ms later\.$/);
  expect(victims.filter(isAlive)).toEqual([]);
  const down = performance.now();
  expect(await fetch(runtime.baseUrl).catch(() => "refused")).toBe("refused");
  await cure();
  expect(performance.now() - down).toBeGreaterThanOrEqual(100);
  expect((await fetch(`${runtime.baseUrl}/healthz`)).status).toBe(200);
  expect(events.map(({ e, i }) => `${e} ${i}`)).toEqual(["start 1", "ready 1", "exit 1", "start 2", "ready 2"]);
  expect(events[2]).toMatchObject({ expected: true });
});

test("another signal is sent as named, and the death it leads to is proved alike", async () => {
  const { runtime, events } = await running(tinyRuntime());
  const { proof } = await kill.inject(runtime, fault({ with: { signal: "SIGTERM" } }));
  expect(proof).toMatch(/^SIGTERM to role app: the process is gone/);
  await runtime.release("app");
  expect(events.find(({ e }) => e === "exit")).toMatchObject({ signal: "SIGTERM", expected: true });
});

test("a killed engine dies alone: the app beside it goes on answering, and the cure starts the engine again", async () => {
  const base = tinyRuntime();
  const idle = { name: "engine", role: "engine", command: ["node", "-e", "setInterval(() => {}, 1000)"] } as const;
  const { runtime, events } = await running({ ...base, processes: [idle, ...base.processes] });
  const engine = processTree(runtime.pids("engine"));
  expect(engine).toHaveLength(1);
  const app = runtime.pids("app");
  const { proof, cure } = await kill.inject(runtime, fault({ role: "engine" }));
  expect(proof).toMatch(/^SIGKILL to role engine: the process is gone from the process table/);
  expect(engine.filter(isAlive)).toEqual([]);
  expect(runtime.pids("app")).toEqual(app);
  expect((await fetch(`${runtime.baseUrl}/healthz`)).status).toBe(200);
  await cure();
  expect(runtime.pids("engine")).toHaveLength(1);
  expect(runtime.pids("engine")).not.toEqual(engine.map(({ pid }) => pid));
  expect(events.filter(({ e }) => e === "exit")).toMatchObject([{ process: "engine", expected: true }]);
});

test("a role without a running process is a missed fault", async () => {
  const { runtime } = await running(tinyRuntime());
  const attempt = kill.inject(runtime, fault({ role: "engine" }));
  await expect(attempt).rejects.toThrow(TrialError);
  await expect(attempt).rejects.toThrow('No process of role "engine" is running.');
});

test("an unknown signal or kind is refused with the nearest one", async () => {
  const { runtime } = await running(tinyRuntime());
  await expect(kill.inject(runtime, fault({ with: { signal: "SIGTREM" } }))).rejects.toThrow(/Did you mean "SIGTERM"/);
  expect(() => nemesisOf("kil")).toThrow(UsageError);
  expect(() => nemesisOf("toString")).toThrow(/Unknown fault kind "toString"/);
  expect(Object.keys(NEMESES)).toContain("kill");
});
