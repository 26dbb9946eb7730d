import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { PartFigures } from "./part-runner.ts";

// A process of its own, since measuring moves the one that measures to the harness's cores.
const MEASURE = fileURLToPath(new URL("./testing/some-parts.ts", import.meta.url));

test("a part is measured in a process that does it and nothing else", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MEASURE, "post", "ask", "turn", "read"], {
    timeout: 50_000,
  });
  const { post, ask, turn, read } = JSON.parse(stdout) as Readonly<Record<string, PartFigures>>;
  expect(post?.done).toBeGreaterThan(0);
  expect(post).toMatchObject({ frames: 0, sentKb: 0, turns: 0 });
  expect(ask?.done).toBeGreaterThan(0);
  expect(ask?.frames).toBeGreaterThan(0);
  expect(ask?.sentKb).toBeGreaterThan(0);
  expect(ask?.cpuMs).toBeGreaterThan(0);
  expect(turn?.turns).toBeGreaterThan(0);
  expect(turn?.tokensOut).toBe(0);
  expect(read?.tokensOut).toBeGreaterThan(20 * (read?.turns ?? Number.POSITIVE_INFINITY));
  // The model takes its time: longer than the thread next door.
  expect(ask?.tookMs).toBeGreaterThan(post?.tookMs ?? Number.POSITIVE_INFINITY);
}, 60_000);
