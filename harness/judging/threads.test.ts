import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeSyntheticCampaign } from "../../benches/synthetic-trial.ts";
import { UsageError } from "../errors.ts";
import { HISTORY_FILES } from "../history.ts";
import { Campaign } from "../recordings.ts";
import { judgedTrials, threadsFor } from "./threads.ts";

const MB = 2 ** 20;
const machine = (cores: number, freeMb = 64_000) => ({ cores, freeBytes: freeMb * MB });

describe("the number of threads that judge", () => {
  test("is none for what is judged sooner than a thread has started", () => {
    expect(threadsFor([MB, MB, MB], machine(8))).toBe(0);
  });

  test("is at most that of the cores, and of the trials", () => {
    expect(threadsFor([100 * MB, 100 * MB, 100 * MB], machine(2))).toBe(2);
    expect(threadsFor([100 * MB, 100 * MB, 100 * MB], machine(16))).toBe(3);
  });

  test("leaves one trial to the caller's own thread", () => {
    expect(threadsFor([900 * MB], machine(16))).toBe(0);
  });

  test("is no more than fit into the free memory, each with the largest trial", () => {
    expect(threadsFor(new Array(8).fill(100 * MB), machine(8, 2_500))).toBe(3);
    expect(threadsFor(new Array(8).fill(100 * MB), machine(8, 1_000))).toBe(0);
  });
});

describe("judging in threads", () => {
  let parent = "";
  let folder = "";
  beforeAll(() => {
    parent = mkdtempSync(join(tmpdir(), "derby-threads-"));
    folder = writeSyntheticCampaign(parent, { sessions: 20, turns: 4 }, 3).folder;
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));

  test("gives what judging without them gives, in the order of the plan", async () => {
    const alone = await judgedTrials(folder, 0);
    const together = await judgedTrials(folder, 2);
    expect(together.map(({ plan }) => plan.id)).toEqual(alone.map(({ plan }) => plan.id));
    expect(together).toEqual(alone);
  });

  test("an error in a thread is the caller's, with its words", async () => {
    const id = Campaign.open(folder).header.trials[1] ?? "";
    const path = join(folder, "trials", id, HISTORY_FILES.world);
    const whole = readFileSync(path);
    try {
      appendFileSync(path, "no event\n{}\n");
      await expect(judgedTrials(folder, 2)).rejects.toThrow(UsageError);
      await expect(judgedTrials(folder, 2)).rejects.toThrow(new RegExp(`${id}.*is no event: "no event"`));
    } finally {
      writeFileSync(path, whole);
    }
  });
});
