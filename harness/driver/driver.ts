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
import { HistoryWriter } from "../history-writer.ts";
import { OwnHealth } from "../probes/process-health.ts";
import type { Cohort } from "../scenario.ts";
import { IntervalRecorder } from "../statistics/interval-recorder.ts";
import type { PlannedSession } from "../trial.ts";
import { askingOver, StreamSeries } from "./asking.ts";
import { type Client, createClient } from "./client.ts";
import { resolveMapping } from "./mapping.ts";
import { Progress } from "./progress.ts";
import { type ProofCount, startProofRound } from "./proof-round.ts";
import type { DriverSettings, FromDriver, ToDriver } from "./protocol.ts";
import { nodeWake, Schedule, type Wake } from "./schedule.ts";
import { Floors, Seconds } from "./seconds.ts";
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
  const driver = new LoadDriver(resolvedMappings(settings), clock, post, outside);
  post({ type: "prepared" });
  return driver;
}

function resolvedMappings(settings: DriverSettings): DriverSettings {
  const { mapping, streamMapping } = settings;
  return {
    ...settings,
    mapping: resolveMapping(mapping, process.env),
    ...(streamMapping && { streamMapping: resolveMapping(streamMapping, process.env) }),
  };
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
  #streams: StreamSeries | null = null;
  readonly #schedule: Schedule;
  readonly #client: Client;
  readonly #around: Surroundings;
  readonly #sessions: readonly Session[];
  readonly #neverAskAgain: readonly Session[];
  readonly #proofs: ProofCount = { proved: 0, toProve: 0 };
  readonly #progress: Progress;
  /** Null where nobody watches. */
  readonly #seconds: Seconds | null;
  readonly #health = new OwnHealth();
  #failed = false;
  #stopped = false;

  constructor(
    settings: DriverSettings,
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
      note: (event) => {
        this.#history.append(event);
        this.#seconds?.saw(event);
      },
      ...this.#asking(clock),
    };
    const tally: Tally = { acknowledged: 0, offered: 0, live: 0, pending: 0 };
    this.#progress = new Progress(clock, wake, post, () => this.#load(tally), this.#proofs);
    this.#seconds = this.#watched(clock, wake, tally);
    this.#sessions = settings.sessions.map((plan) => {
      const habits = this.#cohortOf(plan);
      return new Session(this.#around, plan, habits, tally, () => this.#progress.acknowledged());
    });
    this.#neverAskAgain = this.#sessions.filter(({ plan }) => this.#cohortOf(plan).client.retry === "never");
  }

  obey(order: Order): void {
    if (this.#stopped) return;
    switch (order.type) {
      case "begin":
        this.#progress.start();
        this.#seconds?.start(order.atMs);
        this.#begin(({ startsIn = "warmup" }) => startsIn === "warmup", order.atMs);
        break;
      case "faultPhase":
        this.#begin(({ startsIn }) => startsIn === "fault", order.atMs);
        break;
      case "summon":
        this.#begin((_, name) => name === order.cohort, order.atMs);
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

  #watched(clock: Clock, wake: Wake, tally: Tally): Seconds | null {
    const { live, seed, sessions } = this.#settings;
    if (live === undefined) return null;
    const floors = new Floors(seed, live.memoryMb, sessions, (plan) => this.#cohortOf(plan));
    const standing = () => ({ ...this.#load(tally), ...this.#proofs });
    return new Seconds(clock, wake, floors, standing, (second) => this.#post({ type: "second", ...second }));
  }

  /** Nothing is prepared for streams where nobody reads along or the backend offers none. */
  #asking(clock: Clock): ReturnType<typeof askingOver> {
    const { mapping, streamMapping, scenario, histogramFile } = this.#settings;
    const wanted = Object.values(scenario.cohorts).some(({ client }) => client.streams === true);
    if (!wanted || streamMapping === undefined) return askingOver(this.#client, clock, mapping, null);
    const series = new StreamSeries(histogramFile, clock);
    this.#streams = series;
    return askingOver(this.#client, clock, mapping, { mapping: streamMapping, series });
  }

  #cohortOf(plan: PlannedSession): Cohort {
    const cohort = this.#settings.scenario.cohorts[plan.cohort];
    assert(cohort !== undefined, `session ${plan.id} has no cohort`);
    return cohort;
  }

  #begin(isDue: (cohort: Cohort, name: string) => boolean, atMs: number): void {
    for (const session of this.#sessions)
      if (isDue(this.#cohortOf(session.plan), session.plan.cohort)) session.begin(atMs);
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
    this.#seconds?.stop();
    this.#client.close();
    this.#history.close();
    this.#progress.postNow();
    const startLagMs = this.#startLag.close();
    this.#streams?.close();
    this.#post({ type: "stopped", startLagMs, health: this.#health.stop() });
  }

  /** Tells the first thing that goes wrong on our side; what follows from it is no news. */
  #fail(reason: string): void {
    if (!this.#failed) this.#post({ type: "failed", reason });
    this.#failed = true;
  }
}
