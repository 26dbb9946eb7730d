import { expect, test } from "vitest";
import { isStopped } from "../processes/freeze-trees.ts";
import { hasProc, isAlive, processTree } from "../processes/process-table.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { kill } from "./kill.ts";
import { takeover } from "./takeover.ts";
import { answering, ask, changed, planned, underFault } from "./testing/under-fault.ts";

const twoCopies = (): ReturnType<typeof tinyRuntime> => changed(tinyRuntime(), { replicas: 2 });

test.skipIf(!hasProc)(
  "the second owner serves while the first stands still, the first wakes and finishes, and one owner is left",
  async () => {
    const { target, runtime, url, events } = await underFault(twoCopies());
    const first = { url: runtime.baseUrl, victims: processTree(runtime.pids("app")) };
    const { proof, cure } = await takeover.inject(target, planned({ forMs: 100, zombieMs: 300 }));
    expect(proof).toMatch(
      /^SIGSTOP to role app: every thread of the process stands still \(state T\); replica 1 \(pid \d+\) was ready \d+ ms later/,
    );
    expect(first.victims.every(isStopped)).toBe(true);
    expect(await answering(url)).toMatchObject({ REPLICA: "1", INCARNATION: "2", DATA_DIR: expect.any(String) });
    const toZombie = ask(first.url);
    await cure();
    expect(await toZombie).toMatchObject({ env: { REPLICA: "0", INCARNATION: "1" } });
    expect(first.victims.filter(isAlive)).toEqual([]);
    expect(runtime.pids("app")).toHaveLength(1);
    expect(events.map(({ e, i, replica }) => `${e} ${i} of ${replica}`)).toEqual([
      "start 1 of 0",
      "ready 1 of 0",
      "start 2 of 1",
      "ready 2 of 1",
      "exit 1 of 0",
    ]);
    expect(events.at(-1)).toMatchObject({ signal: "SIGKILL", expected: true });
    expect(await answering(url)).toMatchObject({ REPLICA: "1" });
  },
);

test.skipIf(!hasProc)("whoever took over is supervised from then on, and can be taken over again", async () => {
  const { target, url } = await underFault(twoCopies());
  const once = planned({ forMs: 1, zombieMs: 0 });
  await (await takeover.inject(target, once)).cure();
  await (await kill.inject(target, planned())).cure();
  expect(await answering(url)).toMatchObject({ REPLICA: "1", INCARNATION: "3" });
  await (await takeover.inject(target, once)).cure();
  expect(await answering(url)).toMatchObject({ REPLICA: "0", INCARNATION: "4" });
});

test.skipIf(!hasProc)(
  "owner: same gives the second the name of the first, as where a dead one is replaced",
  async () => {
    const { target, url } = await underFault(twoCopies());
    await takeover.inject(target, planned({ forMs: 1, zombieMs: 0, owner: "same" }));
    expect(await answering(url)).toMatchObject({ REPLICA: "0", INCARNATION: "2" });
  },
);

test.skipIf(!hasProc)("where no second owner can be had the first is thawed, and the fault is missed", async () => {
  const { target, runtime, url } = await underFault(tinyRuntime());
  const victims = processTree(runtime.pids("app"));
  await expect(takeover.inject(target, planned())).rejects.toThrow(/tiny allows 1 of its processes/);
  expect(victims.some(isStopped)).toBe(false);
  expect(await answering(url)).toMatchObject({ INCARNATION: "1" });
});
