import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const PRELOAD = new URL("./flame-preload.mjs", import.meta.url).href;
/** Stands for the sampler: what it hands back says in which thread, and that it was started. */
const SAMPLER = `let since;
exports.time = {
  start: () => { since = require("node:worker_threads").threadId; },
  stop: () => ({ encode: () => "thread " + since }),
};`;

/** Two workers that never end by themselves; then `end` is run in the main thread. */
const script = (end: string): string => `
import { once } from "node:events";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
if (isMainThread) {
  const workers = [1, 2].map(() => new Worker(new URL(import.meta.url)));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  ${end}
} else {
  setInterval(() => {}, 1_000);
  parentPort.postMessage("up");
}`;

async function profilesOf(end: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "flame-preload-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const into = mkdtempSync(join(folder, "into-"));
  writeFileSync(join(folder, "sampler.cjs"), SAMPLER);
  writeFileSync(join(folder, "main.mjs"), script(end));
  const env = { ...process.env, DERBY_PROFILE_INTO: into, DERBY_PROFILE_BY: join(folder, "sampler.cjs") };
  await promisify(execFile)(process.execPath, [`--import=${PRELOAD}`, join(folder, "main.mjs")], {
    env,
    timeout: 20_000,
  });
  return readdirSync(into)
    .map((name) => readFileSync(join(into, name), "utf8"))
    .sort();
}

test.each([
  ["exits", "process.exit(0);"],
  ["terminates its workers and ends", "await Promise.all(workers.map((worker) => worker.terminate()));"],
])("every thread leaves its profile and nothing else when a process %s", async (_what, end) => {
  expect(await profilesOf(end)).toEqual(["thread 0", "thread 1", "thread 2"]);
});
