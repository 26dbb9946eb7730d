/**
 * A recorded trial of any length without any runtime: a consistent history, as driver, World and trial would have written it,
 * streamed to a campaign's folder that `judge` and `report` take like any other.
 *
 * Sessions have their turns in waves. In every wave of the fault phase the server is killed once: what was in flight is done
 * again from its first step, as by a runtime that keeps conversations but no steps, so some completions are bought again
 * and some effects doubled.
 */
import { join } from "node:path";
import { answerOf, HistoryBuilder, planFor } from "../harness/checkers/history-builder.ts";
import { HISTORY_FILES } from "../harness/history.ts";
import { HistoryWriter } from "../harness/history-writer.ts";
import { Campaign } from "../harness/recordings.ts";
import { inputsOf, recorded, VOWED } from "../harness/summarize/recording-builder.ts";
import type { PlannedFault, PlannedSession, TrialPlan } from "../harness/trial.ts";

/** Events of an ordinary turn without trouble, and of a session apart from them: arrival, proof turn, read, leaving. */
export const EVENTS_PER_TURN = 15;
export const EVENTS_PER_SESSION = 9;

const WAVE_MS = 40_000;
/** Turns of a wave begin in its first part, so that all have ended before the next wave. */
const OFFER_MS = 30_000;
const KILLED_AFTER_MS = 15_000;
const DOWN_MS = 200;
/** From enabled to answer, without trouble. */
const TURN_MS = 680;
const SAMPLE_EVERY_MS = 500;
const MB = 1024 * 1024;

export interface Size {
  readonly sessions: number;
  /** Ordinary turns of each session; a proof turn comes after them. */
  readonly turns: number;
}

const idOf = (index: number): string => `s${index.toString(36)}`;
/** When a session's turn is due, from the beginning of a wave. */
const offeredMs = (index: number, { sessions }: Size): number =>
  Math.round((index * OFFER_MS * 1000) / sessions) / 1000;
const earlier = (turn: number): number[] => Array.from({ length: turn - 1 }, (_, index) => index + 1);

/** Waves of the fault phase, from 0: the second half, at least one. */
const faultWaves = ({ turns }: Size): number[] => [...Array(turns).keys()].slice(Math.floor(turns / 2));

function syntheticPlan(size: Size): TrialPlan {
  const sessions: PlannedSession[] = Array.from({ length: size.sessions }, (_, index) => ({
    id: idOf(index),
    cohort: "chat",
    arriveMs: offeredMs(index, size),
    turns: size.turns,
    thinkMs: new Array<number>(size.turns - 1).fill(WAVE_MS - TURN_MS),
  }));
  const faults: PlannedFault[] = faultWaves(size).map((wave) => ({
    id: `f${wave}`,
    kind: "kill",
    role: "app",
    afterAcknowledged: wave * size.sessions,
    restartAfterMs: 0,
    with: {},
  }));
  return planFor({}, { id: "1-synthetic-some", sessions, faults });
}

/** Writes one history wave by wave, so that only one wave is in memory. */
class SyntheticTrial {
  readonly #size: Size;
  readonly #builder: HistoryBuilder;
  /** Of each session, the purchase that was answered, by turn. */
  readonly #answered: Map<number, number>[];
  #incarnation = 1;

  constructor(plan: TrialPlan, size: Size) {
    this.#size = size;
    this.#builder = new HistoryBuilder(plan);
    this.#answered = Array.from({ length: size.sessions }, () => new Map<number, number>());
  }

  *waves(): Generator<ReturnType<HistoryBuilder["history"]>> {
    const { turns } = this.#size;
    const killing = new Set(faultWaves(this.#size));
    const faultMs = Math.min(...killing) * WAVE_MS;
    const healMs = turns * WAVE_MS - 5_000;
    const proofMs = turns * WAVE_MS;
    const endMs = proofMs + WAVE_MS;
    this.#builder.phases({ warmup: 0, calm: 500, fault: faultMs, heal: healMs, quiet: healMs + 1_000 });
    this.#builder.phases({ proof: proofMs, end: endMs });
    this.#sample(endMs);
    for (let wave = 0; wave < turns; wave++) {
      this.#wave(wave, killing.has(wave));
      yield this.#taken();
    }
    this.#proofs(proofMs);
    yield this.#taken();
  }

  #taken(): ReturnType<HistoryBuilder["history"]> {
    const builder = this.#builder;
    const history = builder.history();
    builder.driver = [];
    builder.world = [];
    // The trial's own events are few and cross waves: they are written with the last one.
    return history;
  }

  #sample(endMs: number): void {
    for (let t = 0; t < endMs; t += SAMPLE_EVERY_MS)
      this.#builder.trial.push({
        e: "sample",
        t,
        appCpuMs: t / 4,
        appRssBytes: 200 * MB,
        storeCpuMs: t / 10,
        storeRssBytes: 50 * MB,
      });
  }

  #wave(wave: number, killed: boolean): void {
    const fromMs = wave * WAVE_MS;
    const killMs = killed ? fromMs + KILLED_AFTER_MS : Number.POSITIVE_INFINITY;
    if (killed) this.#builder.kill(killMs, killMs + DOWN_MS, `f${wave}`, this.#incarnation + 1);
    for (let index = 0; index < this.#size.sessions; index++) {
      const t = fromMs + offeredMs(index, this.#size);
      if (wave === 0) this.#builder.driver.push({ e: "arrive", t, s: idOf(index) });
      this.#turn(index, wave + 1, t, killMs);
    }
    if (killed) this.#incarnation += 1;
  }

  #turn(index: number, n: number, t: number, killMs: number): void {
    const s = idOf(index);
    const links = earlier(n);
    if (t + TURN_MS < killMs || t >= killMs + DOWN_MS) {
      this.#builder.turn(s, n, t, links, this.#incarnation + (t < killMs ? 0 : 1));
      this.#answered[index]?.set(n, 1);
      return;
    }
    this.#builder.enable(s, n, t).invoke(s, n, t);
    if (t < killMs) this.#cut(s, n, t, killMs, links);
    else this.#builder.driver.push({ e: "fail", t: t + 1, s, n, a: 1, why: "ECONNREFUSED" });
    const p = t < killMs ? 2 : 1;
    this.#again(s, n, killMs + DOWN_MS + 100 + (index % 500), p, links);
    this.#answered[index]?.set(n, p);
  }

  /** The first attempt of a turn that the kill meets. */
  #cut(s: string, n: number, t: number, killMs: number, links: readonly number[]): void {
    const i = this.#incarnation;
    if (killMs < t + 370)
      this.#builder.sell(s, n, { step: 1, at: t + 10, i, links, abortedAt: Math.min(killMs, t + 310) });
    else {
      this.#builder.sell(s, n, { step: 1, at: t + 10, i, links }).callTools(s, n, t + 315, 1, i);
      this.#builder.sell(s, n, { step: 2, at: t + 370, i, abortedAt: killMs });
    }
    this.#builder.driver.push({ e: "info", t: killMs + 1, s, n, a: 1, why: "ECONNRESET" });
  }

  /** The attempt after it, from the first step on. */
  #again(s: string, n: number, t: number, p: number, links: readonly number[]): void {
    const i = this.#incarnation + 1;
    this.#builder
      .invoke(s, n, t, 2)
      .sell(s, n, { step: 1, p, i, at: t + 10, links })
      .callTools(s, n, t + 315, p, i)
      .sell(s, n, { step: 2, p, i, at: t + 370 })
      .ok(s, n, t + TURN_MS, answerOf(s, n, p), 2);
  }

  #proofs(fromMs: number): void {
    const { turns } = this.#size;
    this.#answered.forEach((answered, index) => {
      const s = idOf(index);
      const t = fromMs + offeredMs(index, this.#size);
      this.#builder.driver.push({ e: "leave", t: t - 1, s });
      this.#builder.proof(s, turns + 1, t, earlier(turns + 1), this.#incarnation);
      answered.set(turns + 1, 1);
      this.#builder.read(
        s,
        t + 400,
        Object.fromEntries([...answered].map(([turn, p]) => [turn, answerOf(s, turn, p)])),
      );
    });
  }
}

/** What was written. Operations are attempts of the client, each with its end. */
export interface Written {
  readonly folder: string;
  readonly events: number;
  readonly operations: number;
}

/** Streams one trial to its files. */
function writeTrial(campaign: Campaign, plan: TrialPlan, size: Size): Omit<Written, "folder"> {
  const folder = campaign.trialFolder(plan.id);
  const fail = (error: Error): never => {
    throw error;
  };
  const driver = new HistoryWriter(join(folder, HISTORY_FILES.driver), fail);
  const world = new HistoryWriter(join(folder, HISTORY_FILES.world), fail);
  const trial = new HistoryWriter(join(folder, HISTORY_FILES.trial), fail);
  let [events, operations] = [0, 0];
  let last: ReturnType<HistoryBuilder["history"]>["trial"] = [];
  for (const wave of new SyntheticTrial(plan, size).waves()) {
    for (const event of wave.driver) {
      driver.append(event);
      if (event.e === "invoke") operations += 1;
    }
    for (const event of wave.world) world.append(event);
    events += wave.driver.length + wave.world.length;
    last = wave.trial;
    // Nothing else writes while we are busy: what waits is encoded here.
    for (const writer of [driver, world]) writer.flush();
  }
  for (const event of last) trial.append(event);
  for (const writer of [driver, world, trial]) writer.close();
  campaign.writeOutcome(plan.id, recorded);
  return { events: events + last.length, operations };
}

/** Writes a campaign of one scenario and one runner below `parent`. @param blocks trials, each of the size given; default one */
export function writeSyntheticCampaign(parent: string, size: Size, blocks = 1): Written {
  const first = syntheticPlan(size);
  const plans = Array.from({ length: blocks }, (_, index) => ({
    ...first,
    id: first.id.replace(/^1-/, `${index + 1}-`),
    block: index + 1,
  }));
  const { campaign: header, environment, prices, recorded: day } = inputsOf([]);
  const rest = { recorded: day, prices, postgres: "embedded", pinned: true };
  const campaign = Campaign.create(parent, { ...header, blocks, trials: plans }, rest);
  const written = plans.map((plan) => writeTrial(campaign, plan, size));
  campaign.write("environment.json", environment);
  campaign.write("contestants.json", [
    {
      name: first.runner,
      runtime: first.runner,
      language: "TypeScript",
      home: "https://example.org",
      promises: VOWED,
      deviations: [],
      certificate: "fresh",
    },
  ]);
  const sum = (of: "events" | "operations"): number => written.reduce((all, one) => all + one[of], 0);
  return { folder: campaign.folder, events: sum("events"), operations: sum("operations") };
}
