import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { allowedCores, coresOfTree, parseCores, pinProcess, planCores, splitCores, writeCores } from "./cores.ts";

const alone = (core: number) => [core];

test.each([
  ["0", [0]],
  ["0-3,6", [0, 1, 2, 3, 6]],
  ["", []],
])("the list %j names %j, and back", (list, cores) => {
  expect(parseCores(list)).toEqual(cores);
  expect(writeCores(cores)).toBe(list);
});

test.each([
  ["one core is not split", [0], alone, null],
  ["two cores: one each", [0, 1], alone, { harness: "0", runtime: "1" }],
  ["the cores of a container keep their numbers", [4, 7], alone, { harness: "4", runtime: "7" }],
  ["of three the runtime has two", [0, 1, 2], alone, { harness: "0", runtime: "1-2" }],
  ["four: half and half", [0, 1, 2, 3], alone, { harness: "0-1", runtime: "2-3" }],
  [
    "threads of one core stay on one side",
    [0, 1, 2, 3],
    (core: number) => [core % 2, (core % 2) + 2],
    { harness: "0,2", runtime: "1,3" },
  ],
  [
    "siblings that are not ours are left out",
    [0, 1],
    (core: number) => [core, core + 2],
    { harness: "0", runtime: "1" },
  ],
])("%s", (_sentence, allowed, siblings, expected) => {
  expect(splitCores(allowed, siblings)).toEqual(expected);
});

test.skipIf(planCores() === null)("a running process with all its threads is moved", async () => {
  const plan = planCores();
  const child = spawn(process.execPath, ["-e", "console.log('up'); setInterval(() => {}, 1000)"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const pid = child.pid ?? 0;
  expect(coresOfTree([pid])).not.toEqual([plan?.runtime]);
  pinProcess(plan?.runtime ?? "", pid);
  expect(coresOfTree([pid])).toEqual([plan?.runtime]);
  expect(allowedCores(pid)).toBe(plan?.runtime);
  child.kill("SIGKILL");
  await once(child, "exit");
});
