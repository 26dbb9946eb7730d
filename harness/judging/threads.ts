/**
 * Judges the trials of a campaign side by side. Each history is large and none knows of another, so a few threads take them in turn;
 * one trial at a time and thread is in memory. A campaign that is small is judged here, without threads.
 */
import { once } from "node:events";
import { statSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { assert, UsageError } from "../errors.ts";
import { HISTORY_FILES } from "../history.ts";
import { entryPoint } from "../processes/entry.ts";
import { Campaign } from "../recordings.ts";
import { campaignPlan, type JudgedTrial, judgeStored } from "./judged-trial.ts";

/** What a thread says of one trial. `usage`: whether the caller can mend what failed. */
export type Answer = { readonly judged: JudgedTrial | null } | { readonly failed: string; readonly usage: boolean };

/** Starting a thread and compiling the checkers in it takes about as long as judging this much. */
const WORTH_A_THREAD_BYTES = 16 * 2 ** 20;
/** A history in memory takes about five times its bytes on disk, measured by `bench:history`; the rest is room for garbage. */
const MEMORY_PER_BYTE = 8;
const THREADS_MOST = 8;

function historyBytes(campaign: Campaign, id: string): number {
  return Object.values(HISTORY_FILES).reduce((sum, name) => {
    const stat = statSync(join(campaign.trialFolder(id), name), { throwIfNoEntry: false });
    return sum + (stat?.size ?? 0);
  }, 0);
}

/** How many threads a campaign is worth, by the bytes of its trials: none for small ones, and no more than fit into the free memory. */
export function threadsFor(
  bytes: readonly number[],
  { cores = availableParallelism(), freeBytes = freemem() }: { cores?: number; freeBytes?: number } = {},
): number {
  const all = bytes.reduce((sum, one) => sum + one, 0);
  if (all < 2 * WORTH_A_THREAD_BYTES) return 0;
  const largest = bytes.reduce((most, one) => Math.max(most, one), 1);
  const fitting = Math.floor(freeBytes / (largest * MEMORY_PER_BYTE));
  const threads = Math.min(bytes.length, cores, THREADS_MOST, Math.floor(all / WORTH_A_THREAD_BYTES), fitting);
  return threads < 2 ? 0 : threads;
}

async function ask(worker: Worker, id: string): Promise<JudgedTrial | null> {
  worker.postMessage(id);
  const [answer] = (await once(worker, "message")) as [Answer];
  if ("judged" in answer) return answer.judged;
  throw answer.usage ? new UsageError(answer.failed) : new Error(answer.failed);
}

/** Largest first, so that no thread is left with a long one at the end. */
async function inThreads(folder: string, ids: readonly string[], bytes: readonly number[], threads: number) {
  const queue = ids.map((id, at) => ({ id, at, bytes: bytes[at] ?? 0 })).sort((a, b) => b.bytes - a.bytes);
  const results = new Array<JudgedTrial | null>(ids.length).fill(null);
  const work = async (): Promise<void> => {
    const worker = new Worker(entryPoint(import.meta.url, "./thread-main"), { workerData: folder });
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        results[next.at] = await ask(worker, next.id);
    } finally {
      queue.length = 0; // when one fails the others finish what they are at, and no more
      await worker.terminate();
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: threads }, work));
  const failure = ended.find((one) => one.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return results;
}

/**
 * The trials of a stored campaign that were recorded, judged, in the order of its plan.
 * @param threads default: as many as pay
 * @throws UsageError when a line of a history is broken
 */
export async function judgedTrials(folder: string, threads?: number): Promise<JudgedTrial[]> {
  const campaign = Campaign.open(folder);
  const whole = campaignPlan(campaign);
  const ids = whole.trials.map(({ id }) => id);
  const bytes = ids.map((id) => historyBytes(campaign, id));
  const count = threads ?? threadsFor(bytes);
  assert(Number.isInteger(count) && count >= 0, `threads: ${count}`);
  const all =
    count === 0 ? ids.map((id) => judgeStored(campaign, whole, id)) : await inThreads(folder, ids, bytes, count);
  return all.filter((one) => one !== null);
}
