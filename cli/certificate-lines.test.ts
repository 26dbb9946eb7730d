import { expect, it } from "vitest";
import type { Certificate } from "../harness/validity/certificate.ts";
import { FIXTURE_CERTIFICATE } from "../reports/fixture-certificate.ts";
import { certificateLines } from "./certificate-lines.ts";

const text = (changes: Partial<Certificate> = {}): string =>
  certificateLines({ ...FIXTURE_CERTIFICATE, ...changes }).join("\n");

it("every limit stands beside the figure it guards", () => {
  expect(text()).toMatch(/^The start lag of the driver \(p99\) +1\.4 ms +≤ 3 ms +kept$/m);
});

it("a limit that was passed says what it means, and one that was not judged why", () => {
  const [lag] = FIXTURE_CERTIFICATE.guarded;
  if (lag === undefined) throw new Error("the fixture has no limit");
  expect(text({ guarded: [{ ...lag, measured: 9, kept: false }] })).toMatch(/ 9 ms +≤ 3 ms +EXCEEDED: void$/m);
  expect(text({ guarded: [{ ...lag, kept: null }] })).toMatch(/ 1\.4 ms +≤ 3 ms +too few to judge$/m);
  expect(text({ guarded: [{ ...lag, measured: null, kept: null }] })).toMatch(/ – +≤ 3 ms +not measured$/m);
});

it("arrivals, our processes, the machine and the cores have a line each", () => {
  const lines = text();
  expect(lines).toContain(
    "Of 3010 turns that fell due, 0 were not offered and 4 left late; 3 turns passed their deadline.",
  );
  expect(lines).toMatch(/^World +55 % +0\.6 \/ 3\.4 \/ 10\.2 +313 +240\.5 \/ 3\.9 +820 +real-time$/m);
  expect(lines).toMatch(/^harness +0 +69 % +1 % +0 %$/m);
  expect(lines).toContain("Somebody waited for CPU in 21 % of the time, for memory in 0 %, for disks in 1 %.");
  expect(lines).toContain("Isolation: harness on 0, runtime on 1; nobody was seen on the other side.");
});

it("what a recording does not hold is said to be missing, never shown as 0", () => {
  const blank = { loopDelayMs: null, gc: null, cpuShare: null, peakSockets: null, scheduling: null };
  const lines = text({ processes: { driver: blank, world: blank, supervisor: blank }, machine: null, cores: null });
  expect(lines).toMatch(/^driver +– +– \/ – \/ – +– +– \/ – +– +–$/m);
  expect(lines).toContain("Steal, pressure and other processes were not measured.");
  expect(lines).toContain("Isolation: none");
});

it("strays are named", () => {
  const stray = { who: "runtime", pid: 77, comm: "rover", cores: "0", seen: 8, ran: 3, looks: 9 } as const;
  expect(text({ strays: [stray] })).toContain("off their cores: rover (pid 77, runtime, 8 of 9 looks).");
});
