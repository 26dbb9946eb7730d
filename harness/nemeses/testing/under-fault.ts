/** A runtime that faults are tried on: real processes under supervision, clients led through a proxy, everything ended with the test. */
import { mkdirSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { TrialError } from "../../errors.ts";
import { RuntimeProcesses } from "../../processes/runtime.ts";
import type { ProcessEvent } from "../../processes/supervised.ts";
import { scratchFolder, testWatchdog } from "../../processes/testing/scratch.ts";
import { Path } from "../../proxy/path.ts";
import type { Runner, RunnerProcess } from "../../runner.ts";
import type { PlannedFault } from "../../trial.ts";
import type { FaultTarget } from "../nemesis.ts";

/** A planned fault of role app. */
export const planned = (given: PlannedFault["with"] = {}, changes: Partial<PlannedFault> = {}): PlannedFault => ({
  id: "f1",
  kind: "under test",
  role: "app",
  afterAcknowledged: 1,
  restartAfterMs: 0,
  with: given,
  ...changes,
});

/** The runner with its processes changed. */
export const changed = (runner: Runner, changes: Partial<RunnerProcess>): Runner => ({
  ...runner,
  processes: runner.processes.map((process) => ({ ...process, ...changes })),
});

/** A started runtime with everything that a nemesis may ask for, but a database. */
export interface UnderFault {
  readonly target: FaultTarget;
  readonly runtime: RuntimeProcesses;
  readonly events: readonly ProcessEvent[];
  /** Where clients ask: through the proxy. */
  readonly url: string;
  /** Process groups that the watchdog was told of by nemeses and not yet told to forget. */
  readonly watched: ReadonlySet<number>;
}

/** Starts the runner; a process that cannot be kept up fails the test. */
export async function underFault(runner: Runner, cores: string | null = null): Promise<UnderFault> {
  const folder = scratchFolder();
  mkdirSync(join(folder, "data"));
  const events: ProcessEvent[] = [];
  const watchdog = await testWatchdog();
  const runtime = await RuntimeProcesses.prepare({
    runner,
    dataDir: join(folder, "data"),
    logFolder: folder,
    databaseUrl: null,
    worldPort: 4999,
    memoryMb: 256,
    cores,
    watchdog,
    report: (event) => events.push(event),
    gaveUp: (reason) => expect.unreachable(reason),
  });
  onTestFinished(() => runtime.stop("kill"));
  await runtime.start();
  const path = await Path.listen({ host: "127.0.0.1", port: Number(new URL(runtime.baseUrl).port) });
  onTestFinished(() => path.close());
  const watched = new Set<number>();
  const client: ReturnType<FaultTarget["proxy"]> = {
    disturb: async (disturbance) => path.disturb(disturbance),
    reset: async () => path.reset(),
    redirect: async (port) => path.redirect(port),
    probe: (ask) => path.probe(ask),
    seen: async () => path.seen(),
  };
  const target: FaultTarget = {
    pids: (role) => runtime.pids(role),
    hold: (role) => runtime.hold(role),
    release: (role) => runtime.release(role),
    addReplica: (role, changes) => runtime.addReplica(role, changes),
    changeEnvironment: (role, env) => runtime.changeEnvironment(role, env),
    versionTwo: runtime.versionTwo,
    proxy: (name) => {
      if (name !== "client") throw new TrialError(`There is no proxy on the path "${name}".`);
      return client;
    },
    get runtimeUrl() {
      return runtime.baseUrl;
    },
    database: null,
    cores,
    memoryMb: 256,
    watchGroup: (pid) => {
      watched.add(pid);
      watchdog.watchGroup(pid);
    },
    forgetGroup: (pid) => {
      watched.delete(pid);
      watchdog.forgetGroup(pid);
    },
  };
  return { target, runtime, events, url: `http://127.0.0.1:${path.port}`, watched };
}

/** What the process at the other end says of itself. */
export interface Said {
  readonly env: Readonly<Record<string, string>>;
}

/** One request on a connection of its own: what was answered, or how it was not. */
export function ask(url: string, withinMs = 5000): Promise<Said | "silent" | "broken"> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: withinMs }, async (response) => {
      let text = "";
      for await (const piece of response.setEncoding("utf8")) text += piece;
      resolve(JSON.parse(text) as Said);
    });
    request.once("timeout", () => {
      resolve("silent");
      request.destroy();
    });
    request.once("error", () => resolve("broken"));
  });
}

/** The environment of whoever answers. */
export async function answering(url: string): Promise<Said["env"]> {
  const said = await ask(url);
  return typeof said === "string" ? expect.unreachable(`The request was ${said}.`) : said.env;
}
