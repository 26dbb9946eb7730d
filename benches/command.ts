/** What the command lines of benches share: whole numbers as flags, and how a bench ends that could not do its work. */
import { TrialError, UsageError } from "../harness/errors.ts";

/** @throws UsageError for what is no whole number from `least` on */
export function wholeNumber(name: string, given: string, least = 1): number {
  const count = Number(given);
  if (given.trim() === "" || !Number.isInteger(count) || count < least)
    throw new UsageError(`--${name} takes a whole number from ${least}, not "${given}".`);
  return count;
}

/** Runs a bench. Mistakes of the caller and trials that say nothing come out as sentences, with exit code 2. */
export async function runBenchCommand(main: () => void | Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof TrialError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
