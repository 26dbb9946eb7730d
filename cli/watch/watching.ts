/** Those who watch a campaign: the terminal always, the live page where it was asked for. */
import type { BenchProgress, BenchWatcher } from "../../harness/bench.ts";
import { type LiveEvent, liveBegin, liveCampaign, type TrialLive } from "../../harness/live.ts";
import type { Validity } from "../../harness/summary.ts";
import type { CampaignPlan, TrialOutcome, TrialPlan } from "../../harness/trial.ts";

/** Where events of the page go. */
export interface LivePublisher {
  publish(event: LiveEvent): void;
  takeMostOpen(): number;
}

/** Tells the live page what a campaign reports. */
export class PageWatcher implements BenchWatcher {
  readonly #to: LivePublisher;

  constructor(to: LivePublisher) {
    this.#to = to;
  }

  planned(plan: CampaignPlan): void {
    this.#to.publish(liveCampaign(plan));
  }

  trialStarted(trial: TrialPlan): void {
    this.#to.publish(liveBegin(trial));
  }

  /** The page counts by seconds. */
  progress(_progress: BenchProgress): void {}

  live(event: TrialLive): void {
    this.#to.publish(event);
  }

  trialEnded(trial: TrialPlan, status: TrialOutcome["status"], reason: string | null = null): void {
    this.#to.publish({ e: "end", trial: trial.id, status, reason });
  }

  judged(trial: TrialPlan, { verdict, reasons }: Pick<Validity, "verdict" | "reasons">): void {
    this.#to.publish({ e: "verdict", trial: trial.id, verdict, reasons });
  }

  note(says: string): void {
    this.#to.publish({ e: "note", says });
  }

  pagesOpened(): number {
    return this.#to.takeMostOpen();
  }
}

/** Two watchers as one, which wants to know what either of them does. */
export function both(terminal: BenchWatcher, page: BenchWatcher): BenchWatcher {
  const each = [terminal, page];
  return {
    planned: (plan) => each.forEach((one) => void one.planned(plan)),
    trialStarted: (trial, index) => each.forEach((one) => void one.trialStarted(trial, index)),
    progress: (progress) => each.forEach((one) => void one.progress(progress)),
    trialEnded: (trial, status, reason) => each.forEach((one) => void one.trialEnded(trial, status, reason)),
    note: (sentence) => each.forEach((one) => void one.note(sentence)),
    live: (event) => each.forEach((one) => void one.live?.(event)),
    judged: (trial, validity) => each.forEach((one) => void one.judged?.(trial, validity)),
    pagesOpened: () => page.pagesOpened?.() ?? 0,
  };
}
