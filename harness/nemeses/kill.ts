/**
 * kill: ends all processes of a role, by default with SIGKILL; `with.signal` names another, for example SIGTERM, which an
 * orchestrator would send first. They stay down for `restartAfterMs`, then their supervisor starts them again.
 *
 * With `with.databaseMs` the way to the database is that much longer when they die, so that much is being committed: whoever answers
 * before a commit has come back then has answered for what nobody kept.
 */
import { setTimeout as delay } from "node:timers/promises";
import { assert, UsageError, unknownName } from "../errors.ts";
import { endTrees } from "../processes/end-trees.ts";
import type { ProcessIdentity } from "../processes/process-table.ts";
import type { PlannedFault } from "../trial.ts";
import { delayPath, LATENCY_MS } from "./latency.ts";
import type { FaultNeeds, FaultTarget, Landed, Nemesis, ProcessTarget } from "./nemesis.ts";
import { settingsOf } from "./settings.ts";
import { living, named, rootsOf, since } from "./victims.ts";

/** Signals whose business is to end a process. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGABRT", "SIGSEGV"];

function signalOf(fault: PlannedFault): NodeJS.Signals {
  const name = String(fault.with.signal ?? "SIGKILL");
  const signal = SIGNALS.find((known) => known === name);
  if (signal === undefined) throw new UsageError(unknownName("signal", name, SIGNALS));
  return signal;
}

const SETTINGS = {
  signal: { about: "the signal they get", default: "SIGKILL", oneOf: SIGNALS },
  databaseMs: {
    ...LATENCY_MS,
    about: "so much later, in each direction, words to and from the database arrive until they are dead",
    least: 0,
    default: 0,
  },
} as const;

const databaseMsOf = (fault: Pick<PlannedFault, "with">): number => settingsOf(SETTINGS, fault).databaseMs;

/** Round trips on the longer way before the kill: by then whoever waits for a commit waits for a slow one. */
const ROUND_TRIPS = 3;

/** Makes the way to the database longer, until it is cured. */
async function whileCommitting(target: Partial<Pick<FaultTarget, "proxy">>, ms: number): Promise<Landed> {
  const { proxy } = target;
  assert(proxy !== undefined, "a kill that slows the way to the database is given the proxies of the trial");
  const slow = await delayPath({ proxy: (path) => proxy(path) }, "database", ms, 0);
  await delay(ROUND_TRIPS * 2 * ms);
  return slow;
}

export const kill = {
  about: "all processes of a role die at once; their supervisor starts them again after `restartAfterMs`",
  provedBy: "none of them is left in the process table",
  settings: SETTINGS,
  needs: (fault: PlannedFault): FaultNeeds => (databaseMsOf(fault) > 0 ? { proxies: ["database"] } : {}),
  async inject(runtime: ProcessTarget & Partial<Pick<FaultTarget, "proxy">>, fault: PlannedFault): Promise<Landed> {
    const signal = signalOf(fault);
    const roots = rootsOf(runtime, fault.role);
    const databaseMs = databaseMsOf(fault);
    const slow = databaseMs > 0 ? await whileCommitting(runtime, databaseMs) : null;
    const began = performance.now();
    runtime.hold(fault.role);
    let victims: ProcessIdentity[];
    let landed = began;
    const ended = async (): Promise<void> => {
      landed = performance.now();
      await slow?.cure();
    };
    try {
      victims = living(await endTrees(roots, signal).finally(ended), fault.role);
    } catch (error) {
      await runtime.release(fault.role);
      throw error;
    }
    const verb = victims.length === 1 ? "is" : "are";
    return {
      proof: `${slow === null ? "" : `${slow.proof} `}${signal} to role ${fault.role}: ${named(victims)} ${verb} gone from the process table ${(landed - began).toFixed(1)} ms later.`,
      async cure() {
        await since(landed, fault.restartAfterMs);
        await runtime.release(fault.role);
      },
    };
  },
} satisfies Nemesis;
