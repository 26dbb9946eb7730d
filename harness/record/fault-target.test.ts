import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { TrialError } from "../errors.ts";
import { answering, ask, planned } from "../nemeses/testing/under-fault.ts";
import { readProcess } from "../processes/process-table.ts";
import { RuntimeProcesses } from "../processes/runtime.ts";
import { scratchFolder, testWatchdog } from "../processes/testing/scratch.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import type { PlannedFault } from "../trial.ts";
import { faultTarget, injectFault, needsOf, TrialPaths } from "./fault-target.ts";
import { Conditions } from "./waiting.ts";

const latencyOn = (path: string, id = "f1"): PlannedFault => ({ ...planned({ path, forMs: 0 }), kind: "latency", id });

/** A World that says which path it was asked for. */
async function world(): Promise<number> {
  const server = createServer((request, response) => response.end(JSON.stringify({ env: { path: request.url } })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function trial(faults: readonly PlannedFault[], databaseUrl: string | null = null) {
  const folder = scratchFolder();
  for (const name of ["data", "logs"]) mkdirSync(join(folder, name));
  const conditions = new Conditions();
  const worldPort = await world();
  const paths = await TrialPaths.start({ plan: { faults }, folder, cores: null, worldPort, databaseUrl }, conditions);
  onTestFinished(() => paths.end());
  const watchdog = await testWatchdog();
  const runtime = await RuntimeProcesses.prepare({
    runner: tinyRuntime(),
    dataDir: join(folder, "data"),
    logFolder: folder,
    databaseUrl: paths.databaseUrl,
    worldPort,
    ...paths.worldPorts,
    memoryMb: 256,
    cores: null,
    watchdog,
    report: () => undefined,
    gaveUp: (reason) => expect.unreachable(reason),
  });
  onTestFinished(() => runtime.stop("kill"));
  await runtime.start();
  const target = faultTarget({ runtime, paths, database: null, cores: null, memoryMb: 256, watchdog });
  return { conditions, worldPort, runtime, target, paths, clientUrl: await paths.toRuntime(runtime.baseUrl) };
}

const portOf = (url: string | undefined): number => Number(new URL(url ?? "").port);

test("only the paths that a fault needs have a proxy, and the runtime is told of no other way", async () => {
  const faults = [latencyOn("model"), latencyOn("client", "f2"), latencyOn("database", "f3")];
  const { worldPort, runtime, target, clientUrl } = await trial(faults, "postgres://me@127.0.0.1:1/app");
  const env = await answering(clientUrl);
  expect(clientUrl).not.toBe(runtime.baseUrl);
  expect(target.runtimeUrl).toBe(runtime.baseUrl);
  expect(env.MODEL_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/i\/1\/v1$/);
  expect(portOf(env.MODEL_URL)).not.toBe(worldPort);
  expect(env.TOOLS_URL).toBe(`http://127.0.0.1:${worldPort}/i/1/tools`);
  expect(env.DATABASE_URL).toMatch(/^postgres:\/\/me@127\.0\.0\.1:\d+\/app$/);
  expect(portOf(env.DATABASE_URL)).not.toBe(1);
  expect(await ask(`${env.MODEL_URL}/chat`)).toEqual({ env: { path: "/i/1/v1/chat" } });
  expect(() => target.proxy("tools")).toThrow(TrialError);
  const { cure } = await injectFault(target, planned({ path: "model", ms: 60, forMs: 0 }, { kind: "latency" }));
  const began = performance.now();
  await ask(`${env.MODEL_URL}/chat`);
  expect(performance.now() - began).toBeGreaterThanOrEqual(118);
  await cure();
});

test("without faults of paths there is no proxy process, and everything is reached directly", async () => {
  const { worldPort, runtime, target, paths, clientUrl } = await trial([{ ...planned(), kind: "kill" }], null);
  expect(clientUrl).toBe(runtime.baseUrl);
  expect(paths.databaseUrl).toBeNull();
  expect((await answering(clientUrl)).MODEL_URL).toBe(`http://127.0.0.1:${worldPort}/i/1/v1`);
  expect(() => target.proxy("client")).toThrow('There is no proxy on the path "client" in this trial.');
  const fault = planned({}, { kind: "postgres-slow" });
  await expect(injectFault(target, fault)).rejects.toThrow('There is no proxy on the path "database" in this trial.');
});

test("a proxy that dies makes the trial void", async () => {
  const { conditions, paths } = await trial([latencyOn("client")]);
  const waiting = conditions.until(() => false, 20_000);
  expect(readProcess(paths.pid ?? 0)).toBeDefined();
  process.kill(paths.pid ?? 0, "SIGKILL");
  await expect(waiting).rejects.toThrow("The proxy process ended in mid-trial.");
});

test("a plan needs the sum of what its faults need", () => {
  const kinds = ["kill", "postgres-kill", "postgres-slow", "postgres-full"];
  const faults = kinds.map((kind) => ({ ...planned(), kind }));
  expect(needsOf(faults)).toEqual({ proxies: ["database"], database: "volume" });
  expect(needsOf(faults.slice(0, 2))).toEqual({ proxies: [], database: "ours" });
  expect(needsOf([latencyOn("tools"), latencyOn("tools", "f2")])).toEqual({ proxies: ["tools"] });
});
