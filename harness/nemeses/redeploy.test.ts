import { expect, test, vi } from "vitest";
import { isAlive, processTree } from "../processes/process-table.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { kill } from "./kill.ts";
import { redeploy } from "./redeploy.ts";
import { answering, ask, changed, planned, underFault } from "./testing/under-fault.ts";

const offering = { redeploy: { env: { COLOUR: "green", AT: "{dataDir}" } } };
const PATIENCE = { timeout: 10_000, interval: 10 };

test("stop-start: version 2 serves on the port of version 1 with what the runner offers, and stays when it crashes", async () => {
  const { target, runtime } = await underFault(tinyRuntime({ COLOUR: "blue" }, offering));
  const { baseUrl } = runtime;
  const [before] = processTree(runtime.pids("app"));
  expect(await answering(baseUrl)).toMatchObject({ COLOUR: "blue" });
  const { proof, cure } = await redeploy.inject(target, planned());
  expect(proof).toMatch(
    /^Stopped \(0 by SIGKILL\), then started: process \d+ of tick \d+, with VERSION=2 in its environment, in place of \d+ of tick \d+\.$/,
  );
  await cure();
  expect(runtime.baseUrl).toBe(baseUrl);
  const version2 = await answering(baseUrl);
  expect(version2).toMatchObject({ VERSION: "2", COLOUR: "green", REPLICA: "0", AT: version2.DATA_DIR });
  expect(before !== undefined && isAlive(before)).toBe(false);
  expect(await ask(`${baseUrl}/die`)).toBe("broken");
  await vi.waitFor(async () => expect(await ask(baseUrl)).toHaveProperty("env.INCARNATION", "3"), PATIENCE);
  expect(await answering(baseUrl)).toMatchObject({ VERSION: "2" });
});

test("version: 1 goes back to what was there before", async () => {
  const { target, runtime } = await underFault(tinyRuntime({ COLOUR: "blue" }, offering));
  await redeploy.inject(target, planned());
  const { proof } = await redeploy.inject(target, planned({ version: 1 }));
  expect(proof).toContain("without VERSION=2");
  const back = await answering(runtime.baseUrl);
  expect(back.COLOUR).toBe("blue");
  expect(back.VERSION).not.toBe("2");
});

test("start-stop: version 2 is ready beside version 1, clients are led to it, and later faults hit it alone", async () => {
  const { target, runtime, url, events } = await underFault(changed(tinyRuntime(), { replicas: 2 }));
  const { baseUrl } = runtime;
  const { proof, cure } = await redeploy.inject(target, planned({ how: "start-stop" }));
  await cure();
  expect(proof).toMatch(/^Started, then stopped: process \d+ .* new connections of clients go to port \d+\.$/);
  expect(events.map(({ e, i }) => `${e} ${i}`)).toEqual(["start 1", "ready 1", "start 2", "ready 2", "exit 1"]);
  expect(events.at(-1)).toMatchObject({ expected: true });
  expect(await answering(url)).toMatchObject({ VERSION: "2", INCARNATION: "2", REPLICA: "0" });
  expect(await ask(baseUrl)).toBe("broken");
  expect(runtime.baseUrl).not.toBe(baseUrl);
  const killed = await kill.inject(target, planned());
  expect(killed.proof).toContain("the process is gone");
  await killed.cure();
  expect(await answering(url)).toMatchObject({ VERSION: "2", INCARNATION: "3" });
});

test("a runner that allows one copy only has no start-stop, and goes on as it was", async () => {
  const { target, runtime, url } = await underFault(tinyRuntime());
  await expect(redeploy.inject(target, planned({ how: "start-stop" }))).rejects.toThrow(
    'tiny allows 1 of its processes of role "app" side by side ("replicas" in runner.json), and one runs.',
  );
  expect(await answering(url)).toMatchObject({ INCARNATION: "1" });
  expect(runtime.pids()).toHaveLength(1);
});
