/** Pausing what processes live in, as a whole, where that is possible. Where it is not, each process is stopped by a signal (`freeze-trees.ts`). */
import type { Child } from "./child.ts";

/** Everything inside stands still. */
export interface Pause {
  /** How that is known, as a sentence. */
  readonly proof: string;
  /** Lets it go on. Resolves when it does. @throws TrialError when it does not */
  end(): Promise<void>;
}

/**
 * Pauses all of them, or none.
 * @returns null where one of them, or nobody, lives in something that can be paused
 * @throws TrialError when one cannot be paused now
 */
export function pauseAll(children: readonly Child[]): Promise<Pause> | null {
  const pauses = children.flatMap(({ pause }) => pause ?? []);
  return pauses.length === 0 || pauses.length < children.length ? null : together(pauses);
}

async function together(pauses: readonly (() => Promise<Pause>)[]): Promise<Pause> {
  const tried = await Promise.allSettled(pauses.map((pause) => pause()));
  const paused = tried.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  const end = async (): Promise<void> => {
    await Promise.all(paused.map((one) => one.end()));
  };
  for (const one of tried) {
    if (one.status === "fulfilled") continue;
    await end();
    throw one.reason;
  }
  return { proof: paused.map(({ proof }) => proof).join(" "), end };
}
