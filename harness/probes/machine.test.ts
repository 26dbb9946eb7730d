import { expect, test } from "vitest";
import { hasProc } from "../processes/process-table.ts";
import { parseCoreTime, parsePressure, readCoreTimes, readPressure } from "./machine.ts";

const STAT = `cpu  300 30 60 9000 50 6 9 120 0 0
cpu0 100 10 20 3000 20 2 3 100 5 0
cpu1 200 20 40 6000 30 4 6 20 0 0
cpu10 7 0 0 1 0 0 0 0 0 0
intr 1 2 3`;

test.each([
  ["one core: user, nice and system time, without idleness, disk waits and interrupts", [0], 1_300, 1_000],
  ["several cores are added up, and core 1 is not core 10", [0, 1], 3_900, 1_200],
  ["all cores, without the line that adds them up", null, 3_970, 1_200],
])("%s", (_sentence, cores, busyMs, stealMs) => {
  expect(parseCoreTime(STAT, cores, 10)).toEqual({ busyMs, stealMs });
});

test.each([
  [
    "the total of 'some' is taken, in milliseconds",
    "some avg10=1.00 avg60=0.00 avg300=0.00 total=2500\nfull total=7",
    2.5,
  ],
  ["an empty file tells nothing", "", null],
])("%s", (_sentence, text, expected) => {
  expect(parsePressure(text)).toBe(expected);
});

test.skipIf(!hasProc)("on this machine the counters are there and never fall", () => {
  const [before] = readCoreTimes([null], 10) ?? [];
  const pressure = readPressure();
  const [after] = readCoreTimes([null], 10) ?? [];
  expect(before?.busyMs).toBeGreaterThan(0);
  expect(after?.busyMs).toBeGreaterThanOrEqual(before?.busyMs ?? Number.NaN);
  if (pressure !== null) expect(readPressure()?.cpuMs).toBeGreaterThanOrEqual(pressure.cpuMs);
});
