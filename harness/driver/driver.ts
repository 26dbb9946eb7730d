/**
 * Driver: offers the planned turns of all sessions and notes how each attempt and turn ended.
 *
 * Promises: the load follows the plan alone, whatever the backend does; the history and the start lag are complete when
 * "stopped" has been posted. Latency is not computed here: it follows from the events (`enabled` to `ok`).
 * Leaves to others: the process and its channel (`main.ts`), which phase it is and when faults fire (the trial).
 */
import type { Clock } from "../clock.ts";
import { assert, UsageError } from "../errors.ts";
import type { DriverEvent } from "../history.ts";
import { HistoryWriter } from "../history-file.ts";
import type { Mapping } from "../runner.ts";
import type { Cohort } from "../scenario.ts";
import { IntervalRecorder } from "../statistics/interval-recorder.ts";
import type { PlannedSession } from "../trial.ts";
import { type Client, createClient } from "./client.ts";
import { watchLoopDelay } from "./loop-delay.ts";
import { outcomeOf, readRequest, resolveMapping, turnRequest, turnsRead } from "./mapping.ts";
import { Progress } from "./progress.ts";
import { type ProofCount, startProofRound } from "./proof-round.ts";
import type { DriverSettings, FromDriver, ToDriver } from "./protocol.ts";
import { nodeWake, Schedule, type Wake } from "./schedule.ts";
import { Session, type Tally } from "./session.ts";
import type { Surroundings } from "./turn.ts";

/** What the trial may tell a driver after its settings. */
export type Order = Exclude<ToDriver, DriverSettings>;

/** A prepared load. */
export interface Driver {
  obey(order: Order): void;
}

/** What tests replace: time and the wire. */
export interface Outside {
  readonly wake: Wake;
  readonly client: Client;
}

/**
 * Prepares the load and posts "prepared". Throws UsageError when the mapping or the settings cannot work.
 * @param clock trial time.
 * @param outside for tests; by default Node's timers and HTTP.
 */
export function createDriver(
  settings: DriverSettings,
  clock: Clock,
  post: (message: FromDriver) => void,
  outside?: Outside,
): Driver {
  checkCohorts(settings);
  const mapping = resolveMapping(settings.mapping, process.env);
  const driver = new LoadDriver(settings, mapping, clock, post, outside);
  post({ type: "prepared" });
  return driver;
}

function checkCohorts(settings: DriverSettings): void {
  const known = Object.keys(settings.scenario.cohorts);
  const strangers = new Set(settings.sessions.map(({ cohort }) => cohort).filter((cohort) => !known.includes(cohort)));
  if (strangers.size === 0) return;
  const missing = [...strangers].join(", ");
  throw new UsageError(
    `The plan has sessions of cohorts that the scenario lacks: ${missing}. Known: ${known.join(", ")}.`,
  );
}

class LoadDriver implements Driver {
  readonly #settings: DriverSettings;
  readonly #post: (message: FromDriver) => void;
  readonly #history: HistoryWriter<DriverEvent>;
  readonly #startLag: IntervalRecorder;
  readonly #schedule: Schedule;
  readonly #client: Client;
  readonly #around: Surroundings;
  readonly #sessions: readonly Session[];
  readonly #neverAskAgain: readonly Session[];
  readonly #proofs: ProofCount = { proved: 0, toProve: 0 };
  readonly #progress: Progress;
  readonly #loopDelay = watchLoopDelay();
  #failed = false;
  #stopped = false;

  constructor(
    settings: DriverSettings,
    mapping: Mapping,
    clock: Clock,
    post: (message: FromDriver) => void,
    outside: Outside | undefined,
  ) {
    this.#settings = settings;
    this.#post = post;
    this.#history = new HistoryWriter<DriverEvent>(settings.historyFile, (error) =>
      this.#fail(`The driver could not write its history: ${error.message}`),
    );
    this.#startLag = new IntervalRecorder(settings.histogramFile, "start-lag", clock);
    const wake = outside?.wake ?? nodeWake;
    this.#schedule = new Schedule(clock, wake, (lagMs) => this.#startLag.record(lagMs));
    this.#client = outside?.client ?? createClient(settings.baseUrl, clock, (reason) => this.#fail(reason));
    this.#around = {
      now: clock,
      seed: settings.seed,
      at: (dueMs, run) => this.#schedule.at(dueMs, run),
      note: (event) => this.#history.append(event),
      ...wireOf(this.#client, mapping),
    };
    const tally: Tally = { acknowledged: 0, offered: 0, live: 0, pending: 0 };
    this.#progress = new Progress(clock, wake, post, () => this.#load(tally), this.#proofs);
    this.#sessions = settings.sessions.map((plan) => {
      const { client } = this.#cohortOf(plan);
      return new Session(this.#around, plan, client, tally, () => this.#progress.acknowledged());
    });
    this.#neverAskAgain = this.#sessions.filter(({ plan }) => this.#cohortOf(plan).client.retry === "never");
  }

  obey(order: Order): void {
    if (this.#stopped) return;
    switch (order.type) {
      case "begin":
        this.#progress.start();
        this.#begin("warmup", order.atMs);
        break;
      case "faultPhase":
        this.#begin("fault", order.atMs);
        break;
      case "hold":
        this.#hold();
        break;
      case "prove":
        this.#prove();
        break;
      case "stop":
        this.#stop();
        break;
    }
  }

  /** Where the load stands. A turn whose client has fallen silent is nothing that anybody still waits for. */
  #load(tally: Tally): Tally {
    const silent = this.#neverAskAgain.filter((session) => session.isSilent).length;
    return { ...tally, pending: tally.pending - silent };
  }

  #cohortOf(plan: PlannedSession): Cohort {
    const cohort = this.#settings.scenario.cohorts[plan.cohort];
    assert(cohort !== undefined, `session ${plan.id} has no cohort`);
    return cohort;
  }

  #begin(phase: "warmup" | "fault", atMs: number): void {
    for (const session of this.#sessions) {
      if ((this.#cohortOf(session.plan).startsIn ?? "warmup") === phase) session.begin(atMs);
    }
  }

  #hold(): void {
    for (const session of this.#sessions) session.hold();
  }

  #prove(): void {
    this.#hold();
    const seen = this.#sessions.filter((session) => session.hadTurn);
    startProofRound(this.#around, seen, this.#settings.proofsPerSecond, this.#proofs, () => {
      this.#progress.postNow();
      this.#post({ type: "proved" });
    });
  }

  #stop(): void {
    this.#stopped = true;
    for (const session of this.#sessions) session.stop();
    this.#schedule.close();
    this.#progress.stop();
    this.#client.close();
    this.#history.close();
    this.#progress.postNow();
    const startLagMs = this.#startLag.close();
    this.#post({ type: "stopped", startLagMs, loopDelayMaxMs: this.#loopDelay.stop() });
  }

  /** Tells the first thing that goes wrong on our side; what follows from it is no news. */
  #fail(reason: string): void {
    if (!this.#failed) this.#post({ type: "failed", reason });
    this.#failed = true;
  }
}

/** Turns and reads over a client, as the mapping says. */
function wireOf(client: Client, mapping: Mapping): Pick<Surroundings, "ask" | "read"> {
  const ask: Surroundings["ask"] = (turn, timeoutMs, heard) => {
    client.attempt(turnRequest(mapping, turn), timeoutMs, false, (attempt) => {
      if (attempt.kind === "answered") heard(outcomeOf(mapping, attempt.response), attempt.endedMs);
      else heard({ kind: attempt.kind === "refused" ? "fail" : "info", why: attempt.why }, attempt.endedMs);
    });
  };
  const read: Surroundings["read"] = (session, timeoutMs, heard) => {
    const request = readRequest(mapping, session);
    assert(request !== null, "a read was asked for where the backend offers none");
    client.attempt(request, timeoutMs, true, (attempt) => {
      const { endedMs } = attempt;
      if (attempt.kind !== "answered") {
        heard({ status: 0, endedMs });
        return;
      }
      const { status, body } = attempt.response;
      const turns = status === 200 ? turnsRead(mapping, body) : undefined;
      heard(turns === undefined ? { status, endedMs } : { status, turns, endedMs });
    });
  };
  return { ask, read: mapping.read ? read : null };
}
