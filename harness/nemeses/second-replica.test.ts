import { expect, test, vi } from "vitest";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { secondReplica } from "./second-replica.ts";
import { answering, changed, planned, underFault } from "./testing/under-fault.ts";

test("new connections go to both owners in turn while it lasts, and to the first alone afterwards", async () => {
  const { target, runtime, url, events } = await underFault(changed(tinyRuntime(), { replicas: 2 }));
  const { baseUrl } = runtime;
  const { proof, cure } = await secondReplica.inject(target, planned({ forMs: 600, switchMs: 50 }));
  expect(proof).toMatch(/^Replica 1 \(pid \d+\) is ready on port \d+ beside 1 living processes of the first/);
  const cured = cure();
  for (const replica of ["1", "0", "1"])
    await vi.waitFor(async () => expect(await answering(url)).toMatchObject({ REPLICA: replica }), { interval: 5 });
  await cured;
  expect(await answering(url)).toMatchObject({ REPLICA: "0", INCARNATION: "1" });
  expect(runtime.baseUrl).toBe(baseUrl);
  expect(runtime.pids()).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ e: "exit", replica: 1, signal: "SIGTERM", expected: true });
});
