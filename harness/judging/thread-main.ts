/** A thread that judges stored trials, one at a time: told a trial's id, it answers with what was made of it, or with what went wrong. */
import { parentPort, workerData } from "node:worker_threads";
import { assert, UsageError } from "../errors.ts";
import { Campaign } from "../recordings.ts";
import { campaignPlan, judgeStored } from "./judged-trial.ts";
import type { Answer } from "./threads.ts";

assert(parentPort !== null, "this module runs in a thread");
const port = parentPort;
const campaign = Campaign.open(workerData as string);
const whole = campaignPlan(campaign);

function answer(id: string): Answer {
  try {
    return { judged: judgeStored(campaign, whole, id) };
  } catch (error) {
    // Only the words of an error cross over, and whether the caller can mend it.
    const message = error instanceof Error ? error.message : String(error);
    return { failed: message, usage: error instanceof UsageError };
  }
}

port.on("message", (id: string) => port.postMessage(answer(id)));
