/**
 * The fault target of a trial: the runtime, its database, and a proxy on every path that a planned fault wants to disturb. A path
 * that no fault needs has no proxy, since each costs what passes it some fraction of a millisecond.
 */
import { join } from "node:path";
import { TrialError } from "../errors.ts";
import {
  type DatabaseTarget,
  type FaultNeeds,
  type FaultTarget,
  type Landed,
  nemesisOf,
  PATHS,
  type PathProxy,
  type ProxiedPath,
} from "../nemeses/nemesis.ts";
import type { CorePlan } from "../processes/cores.ts";
import { favour } from "../processes/priority.ts";
import type { RuntimeProcesses } from "../processes/runtime.ts";
import type { Watchdog } from "../processes/watchdog.ts";
import { addressOf, Proxies, through } from "../proxy/proxies.ts";
import type { PlannedFault, TrialPlan } from "../trial.ts";
import { holdingProxy } from "./holders.ts";
import { type HoldingProxy, isHeldByProxy } from "./step-stage.ts";
import type { Conditions } from "./waiting.ts";
import { guard } from "./witnesses.ts";

/** What all faults of a plan together want to stand ready. */
export function needsOf(faults: readonly PlannedFault[]): FaultNeeds {
  const needs = [
    ...faults.map((fault) => nemesisOf(fault.kind).needs?.(fault) ?? {}),
    ...(faults.some(isHeldByProxy) ? [{ proxies: ["client" as const] }] : []),
  ];
  const database = needs.map((one) => one.database);
  return {
    proxies: PATHS.filter((path) => needs.some(({ proxies }) => proxies?.includes(path))),
    ...(database.includes("volume") ? { database: "volume" } : database.includes("ours") ? { database: "ours" } : {}),
  };
}

/** Puts a planned fault in force. @throws TrialError when that is not possible here: the fault was missed */
export async function injectFault(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
  const nemesis = nemesisOf(fault.kind);
  const why = nemesis.whyNot?.() ?? null;
  if (why !== null) throw new TrialError(why);
  return nemesis.inject(target, fault);
}

/** What is known before the runtime is prepared. */
export interface PathSite {
  readonly plan: Pick<TrialPlan, "faults">;
  /** Folder of the trial. */
  readonly folder: string;
  readonly cores: CorePlan | null;
  readonly worldPort: number;
  /** Null where the runner needs no database. */
  readonly databaseUrl: string | null;
}

/** How the runtime reaches the rest, and the rest the runtime. */
export class TrialPaths {
  readonly #site: PathSite;
  readonly #proxies: Proxies | null;
  readonly #end: () => Promise<void>;

  private constructor(site: PathSite, proxies: Proxies | null, end: () => Promise<void>) {
    this.#site = site;
    this.#proxies = proxies;
    this.#end = end;
  }

  /** Starts the proxy process where a fault needs one; its death makes the trial void. @throws TrialError */
  static async start(site: PathSite, conditions: Conditions): Promise<TrialPaths> {
    const world = { host: "127.0.0.1", port: site.worldPort };
    // Where the runtime will be is told later, in `toRuntime`; until then nobody knows the way in.
    const ends = { client: world, model: world, tools: world };
    const all = { ...ends, ...(site.databaseUrl !== null && { database: addressOf(site.databaseUrl) }) };
    const wanted = needsOf(site.plan.faults).proxies ?? [];
    const paths = Object.fromEntries(Object.entries(all).filter(([path]) => wanted.includes(path as ProxiedPath)));
    if (Object.keys(paths).length === 0) return new TrialPaths(site, null, async () => undefined);
    const logFile = join(site.folder, "logs", "proxy.log");
    const proxies = await Proxies.start({ paths, logFile, cores: site.cores?.harness ?? null });
    favour(proxies.process.pid, "proxy", site.cores?.harness ?? null);
    return new TrialPaths(site, proxies, guard("proxy", proxies.process, conditions));
  }

  /** pid of the proxy process; null where there is none. */
  get pid(): number | null {
    return this.#proxies?.process.pid ?? null;
  }

  /** Ports of the World for the runtime. */
  get worldPorts(): { readonly modelPort?: number; readonly toolsPort?: number } {
    const { model, tools } = this.#proxies?.ports ?? {};
    return { ...(model !== undefined && { modelPort: model }), ...(tools !== undefined && { toolsPort: tools }) };
  }

  /** DATABASE_URL of the runtime. */
  get databaseUrl(): string | null {
    const { databaseUrl } = this.#site;
    const port = this.#proxies?.ports.database;
    return databaseUrl === null || port === undefined ? databaseUrl : through(databaseUrl, port);
  }

  /** @returns the address under which clients reach the runtime that takes turns at `url` */
  async toRuntime(url: string): Promise<string> {
    const port = this.#proxies?.ports.client;
    if (port === undefined) return url;
    await this.proxy("client").redirect(addressOf(url).port);
    return `http://127.0.0.1:${port}`;
  }

  /** What holds turns on the client's path; null where it has no proxy. */
  holder(zeroMs: number, conditions: Conditions): HoldingProxy | null {
    return this.#proxies?.ports.client === undefined ? null : holdingProxy(this.#proxies, zeroMs, conditions);
  }

  /** @throws TrialError where there is none */
  proxy(path: ProxiedPath): PathProxy {
    if (this.#proxies === null) throw new TrialError(`There is no proxy on the path "${path}" in this trial.`);
    return this.#proxies.on(path);
  }

  end(): Promise<void> {
    return this.#end();
  }
}

/** What a fault target is made of. */
export interface TargetParts {
  readonly runtime: RuntimeProcesses;
  readonly paths: TrialPaths;
  readonly database: DatabaseTarget | null;
  readonly cores: CorePlan | null;
  readonly memoryMb: number;
  readonly watchdog: Watchdog;
}

export function faultTarget({ runtime, paths, database, cores, memoryMb, watchdog }: TargetParts): FaultTarget {
  return {
    pids: (role) => runtime.pids(role),
    pause: (role) => runtime.pause(role),
    hold: (role) => runtime.hold(role),
    release: (role) => runtime.release(role),
    addReplica: (role, changes) => runtime.addReplica(role, changes),
    changeEnvironment: (role, env) => runtime.changeEnvironment(role, env),
    versionTwo: runtime.versionTwo,
    proxy: (path) => paths.proxy(path),
    get runtimeUrl() {
      return runtime.baseUrl;
    },
    database,
    cores: cores?.runtime ?? null,
    memoryMb,
    watchGroup: (pid) => watchdog.watchGroup(pid),
    forgetGroup: (pid) => watchdog.forgetGroup(pid),
  };
}
