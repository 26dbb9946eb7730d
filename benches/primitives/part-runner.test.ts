import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { RunFigures } from "./part-runner.ts";

// A process of its own, since measuring moves the one that measures to the harness's cores.
const MEASURE = fileURLToPath(new URL("./testing/some-parts.ts", import.meta.url));

test("what a process does by turns is counted for itself, kind by kind", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [MEASURE, "idle", "posts", "turns", "read along from threads", "requests from threads"],
    { timeout: 80_000 },
  );
  const figures = JSON.parse(stdout) as Readonly<Record<string, RunFigures>>;
  const { idle, posts, turns } = figures;
  expect(idle).toMatchObject({ without: { frames: 0, sentKb: 0, turns: 0, done: { ask: 0, post: 0 } }, with: null });
  expect(posts?.without.done.post).toBe(0);
  expect(posts?.with?.done.post).toBeGreaterThan(0);
  for (const looked of [posts?.without, posts?.with, figures["requests from threads"]?.with]) {
    expect(looked?.done.ask).toBeGreaterThan(0);
    expect(looked?.frames).toBeGreaterThan(0);
    expect(looked?.sentKb).toBeGreaterThan(0);
    expect(looked?.cpuMs).toBeGreaterThan(0);
  }
  expect(turns?.without.turns).toBe(0);
  expect(turns?.with?.turns).toBeGreaterThan(0);
  expect(turns?.with?.tokensOut).toBe(0);
  const readAlong = figures["read along from threads"]?.with;
  expect(readAlong?.tokensOut).toBeGreaterThan(20 * (readAlong?.turns ?? Number.POSITIVE_INFINITY));
}, 90_000);
