/** Which campaign a command means: the folder that was named, or the newest one in results/ below the current folder. */
import { join, resolve } from "node:path";
import { UsageError } from "../harness/errors.ts";
import { Campaign, campaignFolders } from "../harness/recordings.ts";
import { commandLine } from "./invocation.ts";

/** Where campaigns are kept unless --out names another place. */
export const resultsFolder = (): string => resolve("results");

/**
 * The campaign that was asked for, or the newest one.
 * @throws UsageError when there is none
 */
export function chosenCampaign(given: string | undefined): Campaign {
  if (given !== undefined) return Campaign.open(given);
  const newest = campaignFolders(resultsFolder()).at(-1);
  if (newest === undefined)
    throw new UsageError(`There are no results here yet; make some with: ${commandLine("run")}`);
  return Campaign.open(join(resultsFolder(), newest));
}
