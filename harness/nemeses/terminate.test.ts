import { expect, test } from "vitest";
import { isAlive, processTree } from "../processes/process-table.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { terminate } from "./terminate.ts";
import { answering, ask, changed, planned, underFault } from "./testing/under-fault.ts";

test("processes that end when asked are not killed, and are started again after the delay", async () => {
  const { target, runtime, events } = await underFault(tinyRuntime());
  const victims = processTree(runtime.pids("app"));
  const { proof, cure } = await terminate.inject(target, planned({}, { restartAfterMs: 100 }));
  expect(proof).toMatch(/^SIGTERM to role app: the process is gone .* ms later, by themselves\.$/);
  expect(victims.filter(isAlive)).toEqual([]);
  expect(await ask(runtime.baseUrl)).toBe("broken");
  const down = performance.now();
  await cure();
  expect(performance.now() - down).toBeGreaterThanOrEqual(50);
  expect(await answering(runtime.baseUrl)).toMatchObject({ INCARNATION: "2" });
  expect(events.find(({ e }) => e === "exit")).toMatchObject({ signal: "SIGTERM", expected: true });
});

test("a process that will not end is killed when its grace is over, and the proof says so", async () => {
  const stubborn = "process.on('SIGTERM', () => {}); require('./server.cjs')";
  const { target, runtime, events } = await underFault(changed(tinyRuntime(), { command: ["node", "-e", stubborn] }));
  const began = performance.now();
  const { proof, cure } = await terminate.inject(target, planned({ graceMs: 150 }));
  expect(performance.now() - began).toBeGreaterThanOrEqual(150);
  expect(proof).toContain("1 of them by SIGKILL when 150 ms of grace were over");
  await cure();
  expect(await answering(runtime.baseUrl)).toMatchObject({ INCARNATION: "2" });
  expect(events.find(({ e }) => e === "exit")).toMatchObject({ signal: "SIGKILL", expected: true });
});
