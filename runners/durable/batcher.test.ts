import { describe, expect, it } from "vitest";
import { Batcher } from "./batcher.ts";

/** A batch function that waits to be let go, batch by batch. */
function gatedBatches() {
  const batches: { items: readonly number[]; finish: () => void; fail: () => void }[] = [];
  const run = (items: readonly number[]): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      batches.push({
        items,
        finish: () => resolve(items.map((item) => `did ${item}`)),
        fail: () => reject(new Error("broken")),
      });
    });
  return { batches, run };
}
const nextRound = () => new Promise((resolve) => setImmediate(resolve));

describe("a batcher", () => {
  it("sends items that are asked for together as one batch and answers each with its own result", async () => {
    const { batches, run } = gatedBatches();
    const batcher = new Batcher(run, { lanes: 1, mostItems: 8 });
    const answers = Promise.all([1, 2, 3].map((item) => batcher.add(item)));
    await nextRound();
    batches[0]?.finish();
    expect(await answers).toEqual(["did 1", "did 2", "did 3"]);
    expect(batches).toHaveLength(1);
  });

  it("gathers what comes while all lanes are busy, and no more than a batch may hold", async () => {
    const { batches, run } = gatedBatches();
    const batcher = new Batcher(run, { lanes: 1, mostItems: 2 });
    const answers = [batcher.add(1)];
    await nextRound();
    answers.push(batcher.add(2), batcher.add(3), batcher.add(4));
    await nextRound();
    expect(batches.map(({ items }) => items)).toEqual([[1]]);
    for (let batch = 0; batch < 3; batch++) {
      batches[batch]?.finish();
      await nextRound();
    }
    expect(batches.map(({ items }) => items)).toEqual([[1], [2, 3], [4]]);
    expect(await Promise.all(answers)).toHaveLength(4);
  });

  it("fails every item of a failed batch and none of the next", async () => {
    const { batches, run } = gatedBatches();
    const batcher = new Batcher(run, { lanes: 1, mostItems: 2 });
    const settled = Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
    await nextRound();
    batches[0]?.fail();
    await nextRound();
    batches[1]?.finish();
    expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
  });

  it("runs as many batches at a time as it has lanes", async () => {
    const { batches, run } = gatedBatches();
    const batcher = new Batcher(run, { lanes: 2, mostItems: 1 });
    const answers = [1, 2, 3].map((item) => batcher.add(item));
    await nextRound();
    expect(batches.map(({ items }) => items)).toEqual([[1], [2]]);
    for (const batch of batches) batch.finish();
    await nextRound();
    batches[2]?.finish();
    expect(await Promise.all(answers)).toEqual(["did 1", "did 2", "did 3"]);
  });
});
