/**
 * A simulated trial: the real sessions and proof round of the driver on simulated time, a simulated World, runtime and database,
 * and phases and faults as `record/` has them. Out comes a history in the real format.
 *
 * Promises: the same plan and nature give the same history, byte for byte.
 */
import { startProofRound } from "../driver/proof-round.ts";
import { Session, type Tally } from "../driver/session.ts";
import type { Surroundings } from "../driver/turn.ts";
import { assert } from "../errors.ts";
import type { DriverEvent, History, Phase, TrialEvent } from "../history.ts";
import { randomOf } from "../random.ts";
import type { TrialPlan } from "../trial.ts";
import { type FaultSite, strike } from "./faults.ts";
import type { Nature } from "./nature.ts";
import { Site } from "./site.ts";
import { Store } from "./store.ts";
import { SimulatedTime } from "./time.ts";
import { SimulatedWorld } from "./world.ts";

/** Limits of the trial's waiting, in milliseconds; those of real trials. */
const FAULT_EXTENSION_MS = 30_000;
const SETTLE_LIMIT_MS = 30_000;
const HEAL_LIMIT_MS = 30_000;
const HEAL_STILL_MS = 5_000;
const LOOK_EVERY_MS = 5;
const LONGEST_MS = 600_000;

class SimulatedTrial {
  readonly #plan: TrialPlan;
  readonly #nature: Nature;
  readonly #time = new SimulatedTime();
  readonly #driver: DriverEvent[] = [];
  readonly #trial: TrialEvent[] = [];
  readonly #world: SimulatedWorld;
  readonly #store = new Store(this.#time);
  readonly #site: Site;
  readonly #tally: Tally = { acknowledged: 0, offered: 0, live: 0, pending: 0 };
  readonly #around: Surroundings;
  readonly #sessions: readonly Session[];
  #over = false;

  constructor(plan: TrialPlan, nature: Nature) {
    this.#plan = plan;
    this.#nature = nature;
    const { seed } = plan;
    this.#world = new SimulatedWorld(plan, this.#time);
    this.#site = new Site({
      seed,
      time: this.#time,
      world: this.#world,
      store: this.#store,
      nature,
      random: randomOf(seed, "simulated"),
      note: (event) => this.#trial.push(event),
    });
    this.#around = {
      now: this.#time.clock,
      seed,
      at: (dueMs, run) => this.#time.at(dueMs, run),
      note: (event) => this.#driver.push(event),
      ask: this.#site.ask,
      askStream: nature.promises.streaming === true ? this.#site.askStream : null,
      read: nature.promises.readable === true ? this.#site.read : null,
    };
    this.#sessions = plan.sessions.map((session) => {
      const cohort = plan.definition.cohorts[session.cohort];
      assert(cohort !== undefined, `session ${session.id} has no cohort`);
      return new Session(this.#around, session, cohort, this.#tally, () => undefined);
    });
  }

  run(): History<TrialPlan> {
    this.#site.start(0, (first) => {
      this.#site.route(first);
      this.#time.after(100, () => this.#offer(first));
    });
    this.#time.run(() => this.#over, LONGEST_MS);
    assert(this.#over, "the simulated trial came to a standstill");
    return { plan: this.#plan, driver: this.#driver, world: this.#world.events, trial: this.#trial };
  }

  #enter(phase: Phase): void {
    this.#trial.push({ e: "phase", t: this.#time.clock(), phase });
  }

  #begin(phase: "warmup" | "fault"): void {
    const nowMs = this.#time.clock();
    for (const session of this.#sessions)
      if ((this.#plan.definition.cohorts[session.plan.cohort]?.startsIn ?? "warmup") === phase) session.begin(nowMs);
  }

  #offer(first: FaultSite["first"]): void {
    const { warmupMs, calmMs, faultMs } = this.#plan.phases;
    const beginMs = this.#time.clock();
    this.#enter("warmup");
    this.#begin("warmup");
    this.#time.at(beginMs + warmupMs, () => this.#enter("calm"));
    this.#time.at(beginMs + warmupMs + calmMs, () => {
      this.#enter("fault");
      this.#begin("fault");
      const endMs = this.#time.clock() + faultMs;
      const around = { time: this.#time, site: this.#site, store: this.#store, first, landed: () => undefined };
      this.#faults(around, endMs, 0, () => this.#time.at(endMs, () => this.#heal()));
    });
  }

  /** One fault after the other, each when its number of turns is acknowledged and the backlog of the one before is gone. */
  #faults(around: FaultSite, endMs: number, index: number, then: () => void): void {
    const fault = this.#plan.faults[index];
    if (fault === undefined) {
      then();
      return;
    }
    const lastMs = endMs + FAULT_EXTENSION_MS;
    const next = (now: FaultSite): void => this.#faults(now, endMs, index + 1, then);
    const settled = (): boolean => index === 0 || this.#pending() <= 10;
    this.#until(settled, Math.min(lastMs, this.#time.clock() + SETTLE_LIMIT_MS), () =>
      this.#until(
        () => this.#tally.acknowledged >= (fault.afterAcknowledged ?? 0),
        lastMs,
        (due) => {
          const { id, kind } = fault;
          if (!due) {
            this.#trial.push({
              e: "missed",
              t: this.#time.clock(),
              id,
              why: "too few turns were acknowledged in time",
            });
            next(around);
            return;
          }
          this.#trial.push({ e: "fault", t: this.#time.clock(), id, kind });
          const landed = (proof: string): unknown =>
            this.#trial.push({ e: "landed", t: this.#time.clock(), id, proof });
          const struck = { ...around, landed };
          strike(struck, fault, () => {
            this.#trial.push({ e: "cured", t: this.#time.clock(), id });
            next(struck);
          });
        },
      ),
    );
  }

  /** What somebody still waits for: not the turns of clients that never ask again. */
  #pending(): number {
    const { cohorts } = this.#plan.definition;
    const silent = this.#sessions.filter(
      (session) => cohorts[session.plan.cohort]?.client.retry === "never" && session.isSilent,
    );
    return this.#tally.pending - silent.length;
  }

  #until(condition: () => boolean, lastMs: number, then: (met: boolean) => void): void {
    if (condition() || this.#time.clock() >= lastMs) then(condition());
    else this.#time.after(LOOK_EVERY_MS, () => this.#until(condition, lastMs, then));
  }

  #heal(): void {
    this.#enter("heal");
    for (const session of this.#sessions) session.hold();
    const lastMs = this.#time.clock() + HEAL_LIMIT_MS;
    const wait = (acknowledged: number): void => {
      const now = this.#tally.acknowledged;
      if (this.#pending() === 0 || this.#time.clock() >= lastMs || acknowledged === now) this.#quiet();
      else
        this.#until(
          () => this.#pending() === 0,
          this.#time.clock() + HEAL_STILL_MS,
          () => wait(now),
        );
    };
    wait(-1);
  }

  #quiet(): void {
    this.#enter("quiet");
    this.#time.after(this.#plan.phases.quietMs, () => {
      this.#enter("proof");
      const seen = this.#sessions.filter(({ hadTurn }) => hadTurn);
      startProofRound(this.#around, seen, this.#plan.proofsPerSecond, { proved: 0, toProve: 0 }, () => {
        this.#enter("end");
        for (const session of this.#sessions) session.stop();
        this.#trial.push(this.#left());
        this.#over = true;
      });
    });
  }

  #left(): TrialEvent {
    const left = this.#nature.leaves;
    const none = { processes: 0, ports: 0, mounts: 0, directories: 0 };
    return { e: "clean", t: this.#time.clock(), ...none, processes: left.length, left };
  }
}

/** Plays a trial of a runtime of this nature. */
export function simulateTrial(plan: TrialPlan, nature: Nature): History<TrialPlan> {
  return new SimulatedTrial(plan, nature).run();
}
