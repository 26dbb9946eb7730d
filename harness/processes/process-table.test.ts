import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import {
  isAlive,
  parseStat,
  processTree,
  readProcess,
  readProcessTable,
  sendSignal,
  signalIfAlive,
} from "./process-table.ts";

const row = (pid: number, parent: number, state = "S") => ({
  pid,
  parent,
  group: pid,
  startTime: "1",
  state,
  cpuTicks: 0,
});

test("a command name with spaces and parentheses does not shift the fields", () => {
  const line = "42 (a) b (c) R 7 40 40 0 -1 0 1 2 3 4 150 50 0 0 20 0 11 0 98765 1000 200";
  expect(parseStat(line)).toEqual({ pid: 42, parent: 7, group: 40, startTime: "98765", state: "R", cpuTicks: 200 });
});

test("a tree holds grandchildren whose parents stand later in the table, and no zombies", () => {
  const table = [row(30, 20), row(20, 10), row(10, 1), row(31, 20, "Z"), row(40, 1)];
  expect(processTree([10], table).map(({ pid }) => pid)).toEqual([30, 20, 10]);
});

test("this process is in the table, below its parent", () => {
  const own = readProcessTable().find(({ pid }) => pid === process.pid);
  expect(own?.parent).toBe(process.ppid);
  expect(own?.startTime).toBe(readProcess(process.pid)?.startTime);
});

test("a pid with another start time is somebody else and is not signalled", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const real = readProcess(child.pid ?? 0);
  expect(real).toBeDefined();
  if (real === undefined) return;
  const impostor = { pid: real.pid, startTime: `${real.startTime}0` };
  expect(isAlive(impostor)).toBe(false);
  expect(signalIfAlive(impostor, "SIGKILL")).toBe(false);
  expect(isAlive(real)).toBe(true);
  expect(signalIfAlive(real, "SIGKILL")).toBe(true);
  await once(child, "exit");
  expect(isAlive(real)).toBe(false);
  expect(sendSignal(real.pid, "SIGKILL")).toBe(false);
});
