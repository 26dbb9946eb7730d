/**
 * Faults of a simulated trial: what each nemesis does to the processes, the database and the connections, with the events that
 * the trial writes of it. Kinds and settings are those of `harness/nemeses/`.
 */
import type { PlannedFault } from "../trial.ts";
import { type Routine, type Runs, run, until } from "./routine.ts";
import type { SimulatedRuntime } from "./runtime.ts";
import type { Site } from "./site.ts";
import type { Store } from "./store.ts";
import type { SimulatedTime } from "./time.ts";

/** What a fault works on. `first` is the process that serves when nothing is wrong. */
export interface FaultSite {
  readonly time: SimulatedTime;
  readonly site: Site;
  readonly store: Store;
  first: SimulatedRuntime;
  readonly landed: (proof: string) => void;
}

/** Time from a signal to the end of a process, and from a request of the trial to the start of one. */
const SIGNAL_MS = 2;
const SPAWN_MS = 5;
const LOOK_MS = 20;

function* pause({ time }: FaultSite, ms: number): Routine<void> {
  yield* until<void>((done) => time.after(ms, done));
}

function* started({ site }: FaultSite, replica: number): Routine<SimulatedRuntime> {
  return yield* until<SimulatedRuntime>((done) => site.start(replica, done));
}

/** SIGTERM, and SIGKILL when the grace is over. */
function* ended(around: FaultSite, runtime: SimulatedRuntime, graceMs: number): Routine<void> {
  const { time, site } = around;
  const lastMs = time.clock() + graceMs;
  let drained = false;
  runtime.drain(() => {
    drained = true;
  });
  while (!drained && time.clock() < lastMs) yield* pause(around, LOOK_MS);
  site.end(runtime, drained ? null : "SIGKILL");
}

function* replaced(around: FaultSite, restartAfterMs: number): Routine<void> {
  yield* pause(around, restartAfterMs + SPAWN_MS);
  around.first = yield* started(around, around.first.process.name.replica);
  around.site.route(around.first);
}

const numberOf = ({ with: given }: PlannedFault, name: string, otherwise: number): number =>
  typeof given[name] === "number" ? given[name] : otherwise;

type Strike = (around: FaultSite, fault: PlannedFault) => Routine<void>;

const kill: Strike = function* (around, fault) {
  yield* pause(around, SIGNAL_MS);
  around.site.end(around.first, "SIGKILL");
  around.site.route();
  around.landed("gone from the process table");
  yield* replaced(around, fault.restartAfterMs);
};

const terminate: Strike = function* (around, fault) {
  yield* ended(around, around.first, numberOf(fault, "graceMs", 10_000));
  around.site.route();
  around.landed("ended after SIGTERM");
  yield* replaced(around, fault.restartAfterMs);
};

const freeze: Strike = function* (around, fault) {
  const { process } = around.first;
  yield* pause(around, SIGNAL_MS);
  process.freeze();
  around.landed("every thread in state T");
  yield* pause(around, numberOf(fault, "forMs", 3_000));
  process.thaw();
};

const takeover: Strike = function* (around, fault) {
  const old = around.first;
  const { time, site } = around;
  yield* pause(around, SIGNAL_MS);
  const stoppedMs = time.clock();
  old.process.freeze();
  const same = fault.with.owner === "same";
  const second = yield* started(around, same ? old.process.name.replica : 1 - old.process.name.replica);
  site.route(second);
  around.first = second;
  around.landed("in state T while the second is ready");
  yield* pause(around, Math.max(0, stoppedMs + numberOf(fault, "forMs", 3_000) - time.clock()));
  old.process.thaw();
  yield* pause(around, numberOf(fault, "zombieMs", 3_000));
  site.end(old, "SIGKILL");
};

const secondReplica: Strike = function* (around, fault) {
  const { first, site } = around;
  const second = yield* started(around, 1 - first.process.name.replica);
  site.route(first, second);
  around.landed("both are alive");
  yield* pause(around, numberOf(fault, "forMs", 5_000));
  site.route(first);
  yield* ended(around, second, 5_000);
};

const redeploy: Strike = function* (around, fault) {
  const graceMs = numberOf(fault, "graceMs", 10_000);
  if (fault.with.how === "start-stop") {
    const old = around.first;
    around.first = yield* started(around, old.process.name.replica);
    around.site.route(around.first);
    yield* ended(around, old, graceMs);
  } else {
    yield* ended(around, around.first, graceMs);
    around.site.route();
    yield* replaced(around, fault.restartAfterMs);
  }
  around.landed("VERSION=2 in the environment");
};

const reset: Strike = function* (around) {
  yield* pause(around, SIGNAL_MS);
  around.landed(`${around.site.resetClients()} connections reset`);
};

const databaseAway: Strike = function* (around, fault) {
  yield* pause(around, SIGNAL_MS);
  around.store.stop();
  around.landed("connections are refused");
  yield* pause(around, Math.max(fault.restartAfterMs, 200));
  around.store.begin();
};

/** What can strike a simulated trial. */
export const SIMULATED_FAULTS: Readonly<Record<string, Strike>> = {
  kill,
  terminate,
  freeze,
  takeover,
  "second-replica": secondReplica,
  redeploy,
  reset,
  "postgres-restart": databaseAway,
  "postgres-kill": databaseAway,
};

/** Puts a fault in force and takes it back; `cured` is called when it is over. */
export function strike(around: FaultSite, fault: PlannedFault, cured: () => void): void {
  const kind = SIMULATED_FAULTS[fault.kind];
  if (kind === undefined) throw new Error(`a simulated trial knows no fault ${fault.kind}`);
  const where: Runs = { enter: (step) => step() };
  run(where, kind(around, fault), (how) => {
    if ("error" in how) throw how.error;
    cured();
  });
}
