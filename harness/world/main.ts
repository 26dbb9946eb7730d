/**
 * The World as a process of its own, spoken to over its IPC channel (`protocol.ts`). It ends with that channel, so that it
 * never outlives the trial.
 */
import { setFlagsFromString } from "node:v8";
import type { FromWorld, ToWorld, WorldSettings } from "./protocol.ts";
import { startWorld, type World } from "./world.ts";

// Frames are garbage as soon as they are written. Without this V8 lets its young generation grow to 64 MB, which makes each
// of its collections longer and the process bigger, and nothing faster.
setFlagsFromString("--semi-space-growth-factor=1");

let world: Promise<World> | undefined;

function tell(message: FromWorld): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function fail(reason: string): Promise<void> {
  await tell({ type: "failed", reason });
  process.exit(1);
}

async function start(settings: WorldSettings): Promise<void> {
  world = startWorld(settings, {
    failed: (reason) => void fail(`The World cannot write its history: ${reason}`),
    held: (report) => void tell({ type: "held", ...report }),
  });
  try {
    await tell({ type: "listening", port: (await world).port });
  } catch (error) {
    await fail(`The World cannot start: ${reasonOf(error)}`);
  }
}

let stopping = false;

/** Writes out what is still in memory, however the end came. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  try {
    const stats = await (await world)?.stop();
    if (stats !== undefined) await tell({ type: "stopped", ...stats });
  } catch (error) {
    await fail(`The World cannot stop: ${reasonOf(error)}`);
  }
  process.exit(0);
}

process.on("message", (message: ToWorld) => {
  if (message.type === "settings") void start(message);
  else if (message.type === "stop") void stop();
  else void world?.then((running) => (message.type === "hold" ? running.hold(message) : running.release(message.id)));
});
process.on("uncaughtException", (error) => void fail(`The World broke: ${error.stack ?? reasonOf(error)}`));
process.on("disconnect", () => void stop());
