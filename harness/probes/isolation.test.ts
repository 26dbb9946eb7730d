import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { pinProcess, planCores } from "../processes/cores.ts";
import { sendSignal } from "../processes/process-table.ts";
import { IsolationProbe, lastCore, programName } from "./isolation.ts";

test.each([
  ["/usr/local/bin/node\0server.ts\0", "node"],
  ["postgres: u d 127.0.0.1(41) idle", "postgres"],
  ["", "?"],
])("the command line %j is that of %s", (cmdline, name) => {
  expect(programName(cmdline)).toBe(name);
});

test("the core that a thread ran on last is field 39, counted from behind its name", () => {
  const fields = Array.from({ length: 50 }, (_, at) => String(at + 3));
  expect(lastCore(`12 (a ) b) ${fields.join(" ")}`)).toBe(39);
});

const plan = planCores();

/** A process on these cores that burns CPU, in a group of its own. It ends with the test. */
async function busy(cores: string): Promise<number> {
  const code = "console.log('up'); const end = Date.now() + 20000; while (Date.now() < end);";
  const child = spawn("taskset", ["-c", cores, process.execPath, "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  onTestFinished(() => void sendSignal(-(child.pid ?? 0), "SIGKILL"));
  await once(child.stdout, "data");
  return child.pid ?? 0;
}

test.skipIf(plan === null)(
  "a process on its own cores is no stray; once it has moved itself it is, by name",
  async () => {
    if (plan === null) return;
    const pid = await busy(plan.runtime);
    const probe = new IsolationProbe(plan, { harness: () => [], runtime: () => [pid] });
    expect(probe.look()).toEqual([]);
    pinProcess(plan.harness, pid);
    expect(probe.look()).toMatchObject([{ who: "runtime", pid, cores: plan.harness, ran: true }]);
  },
);

test.skipIf(plan === null)("a child that stays behind when its parent has gone is still the runtime's", async () => {
  if (plan === null) return;
  const code = `
    const { spawn } = require("node:child_process");
    const child = spawn("taskset", ["-c", "${plan.harness}", "sleep", "20"], { stdio: "ignore", detached: true });
    setTimeout(() => console.log(child.pid), 200);
    setInterval(() => {}, 1000);`;
  const parent = spawn("taskset", ["-c", plan.runtime, process.execPath, "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const orphan = Number(line.toString());
  onTestFinished(() => void sendSignal(orphan, "SIGKILL"));
  let roots = [parent.pid ?? 0];
  const probe = new IsolationProbe(plan, { harness: () => [], runtime: () => roots });
  expect(probe.look()).toMatchObject([{ pid: orphan, comm: "sleep" }]);
  parent.kill("SIGKILL");
  await once(parent, "exit");
  roots = [];
  expect(probe.look()).toMatchObject([{ pid: orphan, comm: "sleep" }]);
});

test.skipIf(plan === null)("one of our own processes on the runtime's cores is a stray of the harness", async () => {
  if (plan === null) return;
  const pid = await busy(plan.runtime);
  const probe = new IsolationProbe(plan, { harness: () => [pid], runtime: () => [] });
  expect(probe.look()).toMatchObject([{ who: "harness", pid, cores: plan.runtime, ran: true }]);
});
