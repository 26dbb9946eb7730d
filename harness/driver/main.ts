/**
 * The driver process: takes its settings and orders over the IPC channel and ends with it.
 * Whatever goes wrong in here is told as "failed", since it voids the trial and is never the runtime's fault.
 */
import { setFlagsFromString } from "node:v8";
import { trialClock } from "../clock.ts";
import { createDriver, type Driver } from "./driver.ts";
import type { DriverSettings, FromDriver, ToDriver } from "./protocol.ts";
import { rehearse } from "./rehearsal.ts";

// A young generation that stays as small as it begins (1 MB) is collected more often but in short pauses: turns in flight survive
// many collections, and with V8's usual 16 MB each would stop us for 20 to 40 ms at 10,000 sessions, instead of 5.
setFlagsFromString("--semi-space-growth-factor=1");

let driver: Driver | null = null;

function post(message: FromDriver): void {
  // A message that cannot be sent means that the trial has gone; the disconnect that follows ends us.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function fail(error: unknown): void {
  post({ type: "failed", reason: `The driver failed: ${error instanceof Error ? error.message : String(error)}` });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}

async function prepare(settings: DriverSettings): Promise<void> {
  const clock = trialClock(settings.zeroMs);
  await rehearse(clock);
  // The trial may have gone in the meantime; then there is nobody to drive for.
  if (process.connected) driver = createDriver(settings, clock, post);
}

process.on("message", (message: ToDriver) => {
  if (message.type === "settings") prepare(message).catch(fail);
  else driver?.obey(message);
});
process.on("disconnect", () => {
  // What was noted so far is written out; pending turns are censored here, where the trial ended for us.
  try {
    driver?.obey({ type: "stop" });
  } finally {
    process.exit();
  }
});
process.on("uncaughtException", fail);
// Ctrl-C reaches the whole process group; when to stop is for the trial to say.
process.on("SIGINT", () => undefined);

if (!process.connected) {
  process.stderr.write("The driver is started by a trial, over an IPC channel.\n");
  process.exitCode = 2;
}
