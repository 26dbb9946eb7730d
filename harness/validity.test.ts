import { expect, test } from "vitest";
import type { Quantiles, TrialOutcome } from "./trial.ts";
import type { HarnessProcessFigures, StrayProcess } from "./validity/certificate.ts";
import type { Evidence } from "./validity/evidence.ts";
import { validityOf } from "./validity.ts";

const calm: Quantiles = { n: 10_000, p50: 0.2, p90: 0.5, p99: 1, p999: 2, max: 30 };
const recorded: TrialOutcome = {
  status: "recorded",
  cores: { harness: "0", runtime: "1" },
  health: { startLagMs: calm, frameLatenessMs: calm, driverLoopDelayMaxMs: 3, worldLoopDelayMaxMs: 3 },
  certificate: "fresh",
};
const healthy: HarnessProcessFigures = {
  loopDelayMs: calm,
  gc: { counts: { major: 0, minor: 9, incremental: 0, weak: 0 }, totalMs: 10, longestMs: 2 },
  cpuShare: 0.2,
  peakSockets: 50,
  scheduling: "raised" as const,
};
const quiet: NonNullable<Evidence["machine"]> = {
  harness: { cores: "0", ownShare: 0.4, foreignShare: 0.01, stealShare: 0 },
  runtime: { cores: "1", ownShare: 0.3, foreignShare: 0.01, stealShare: 0 },
  pressure: { cpu: 0.2, memory: 0, io: 0.1 },
};
const evidence: Evidence = {
  startLagMs: calm,
  frameLatenessMs: calm,
  calmCoreShare: 0.3,
  arrivals: { due: 10_000, unsent: 0, lateFirstAttempts: 3, lateTurns: 7, distance: 0.001 },
  processes: { driver: healthy, world: healthy, supervisor: healthy },
  machine: quiet,
  runtimeLostShare: 0.01,
  strays: [],
};
const late: Partial<Evidence> = { startLagMs: { ...calm, p99: 9 } };
const onCores = (changes: Partial<(typeof quiet)["harness"]>): Partial<Evidence> => ({
  ...late,
  machine: { ...quiet, harness: { ...quiet.harness, ...changes } },
});
const stray: StrayProcess = { who: "runtime", pid: 77, comm: "rover", cores: "0", seen: 8, ran: 3, looks: 9 };

const LIMITS: readonly [string, Partial<Evidence>, string, RegExp][] = [
  ["quiet witnesses are valid", {}, "valid", /^$/],
  [
    "a start lag p99 above 3 ms is void",
    { startLagMs: { ...calm, p99: 3.1 } },
    "void",
    /start lag of the driver \(p99\) was 3.1 ms; the limit is 3 ms\./,
  ],
  ["a start lag p99.9 above 10 ms is void", { startLagMs: { ...calm, p999: 11 } }, "void", /\(p99.9\) was 11 ms/],
  ["a p99.9 of fewer than 5,000 values is chance", { startLagMs: { ...calm, n: 4_000, p999: 11 } }, "valid", /^$/],
  [
    "a frame lateness p99 above 10 ms is void",
    { frameLatenessMs: { ...calm, p99: 10.1 } },
    "void",
    /frame lateness of the World \(p99\) was 10.1 ms; the limit is 10 ms\./,
  ],
  [
    "a runtime that lost more than a tenth of its cores to others is void, and no more is said of it",
    { runtimeLostShare: 0.13 },
    "void",
    /^The share of the runtime's cores that other processes and the hypervisor had was 13 %; the limit is 10 %\.$/,
  ],
  ["one whose neighbours are part of the plan is not", { runtimeLostShare: null }, "valid", /^$/],
  [
    "one turn that was never offered is void",
    { arrivals: { ...evidence.arrivals, unsent: 1 } },
    "void",
    /never offered was 1 turns; the limit is 0 turns\./,
  ],
  [
    "a load that lay further behind its plan than chance puts it is void",
    { arrivals: { ...evidence.arrivals, distance: 0.0164 } },
    "void",
    /behind the plan at once was 1.64 %; the limit is 1.63 %\./,
  ],
  [
    "the distance of a few turns is chance",
    { arrivals: { ...evidence.arrivals, due: 30, distance: 1 } },
    "valid",
    /^$/,
  ],
  [
    "turns past their deadline are the runtime's affair",
    { arrivals: { ...evidence.arrivals, lateTurns: 900 } },
    "valid",
    /^$/,
  ],
  ["a driver that offered nothing is void", { startLagMs: null }, "void", /offered nothing/],
  ["a World that wrote nothing is void", { frameLatenessMs: null }, "void", /wrote no frame/],
];
test.each(LIMITS)("%s", (_sentence, changes, verdict, reasons) => {
  const validity = validityOf(recorded, { ...evidence, ...changes });
  expect(validity.verdict).toBe(verdict);
  expect(validity.reasons.join(" ")).toMatch(reasons);
});

const CAUSES: readonly [string, Partial<Evidence>, RegExp][] = [
  ["steal", onCores({ stealShare: 0.12 }), /The hypervisor took 12 % of core 0, the harness's \(steal\)\.$/],
  ["foreign load", onCores({ foreignShare: 0.481 }), /Other processes used 48.1 % of core 0, the harness's\.$/],
  ["a load too heavy for the harness", onCores({ ownShare: 0.93 }), /The harness itself used 93 % of core 0/],
  [
    "waiting for memory",
    { ...late, machine: { ...quiet, pressure: { cpu: 0, memory: 0.3, io: 0 } } },
    /waited for memory in 30 % of the time\.$/,
  ],
  [
    "a collection longer than the limit",
    {
      ...late,
      processes: {
        ...evidence.processes,
        driver: {
          ...healthy,
          gc: { counts: { major: 1, minor: 0, incremental: 0, weak: 0 }, totalMs: 45, longestMs: 45 },
        },
      },
    },
    /A garbage collection of the driver took 45 ms\.$/,
  ],
  [
    "nothing that was looked at",
    late,
    /cause is not known: steal took 0 % of core 0, the harness's, other processes 1 %/,
  ],
  [
    "a machine that tells nothing",
    { ...late, machine: null },
    /The cause is not known: steal and other .* not measured/,
  ],
];
test.each(CAUSES)("a void trial is explained by %s", (_sentence, changes, explanation) => {
  const { verdict, reasons } = validityOf(recorded, { ...evidence, ...changes });
  expect(verdict).toBe("void");
  expect(reasons.join(" ")).toMatch(explanation);
});

test("a collection of the World does not explain a late driver", () => {
  const world = {
    ...healthy,
    gc: { counts: { major: 1, minor: 0, incremental: 0, weak: 0 }, totalMs: 45, longestMs: 45 },
  };
  const { reasons } = validityOf(recorded, { ...evidence, ...late, processes: { ...evidence.processes, world } });
  expect(reasons.join(" ")).toMatch(/cause is not known/);
});

test("a runtime that was seen on the harness's core has failed isolation, whatever the lags are", () => {
  for (const changes of [{}, late]) {
    const { verdict, reasons, gateable } = validityOf(recorded, { ...evidence, ...changes, strays: [stray] });
    expect(verdict).toBe("failed isolation");
    expect(reasons[0]).toBe(
      'Process "rover" (pid 77) of the runtime could run on core 0, the harness\'s, in 8 of 9 looks, and ran there last in 3.',
    );
    expect(gateable).toBe(false);
  }
});

test("one of our own processes on the runtime's core makes a trial void", () => {
  const ours: StrayProcess = { ...stray, who: "harness", comm: "node", cores: "1", ran: 0 };
  const { verdict, reasons } = validityOf(recorded, { ...evidence, strays: [ours] });
  expect(verdict).toBe("void");
  expect(reasons).toEqual([
    'Process "node" (pid 77) of the harness could run on core 1, the runtime\'s, in 8 of 9 looks, and was not caught there.',
  ]);
});

test("lag where cores could not be kept apart is failed isolation; without lag the trial is valid but no gate uses it", () => {
  const unpinned = { ...recorded, cores: null };
  const { verdict, reasons } = validityOf(unpinned, { ...evidence, ...late });
  expect(verdict).toBe("failed isolation");
  expect(reasons.join(" ")).toMatch(/start lag.*kept apart/);
  expect(validityOf(unpinned, evidence)).toMatchObject({ verdict: "valid", pinned: false, gateable: false });
});

test.each([
  ["a trial that the harness gave up is void", "void", "Disk full."],
  ["a runtime that did not start is refused", "refused", "Port."],
] as const)("%s", (_sentence, status, reason) => {
  const validity = validityOf({ ...recorded, status, reason }, { ...evidence, startLagMs: null });
  expect(validity).toMatchObject({ verdict: status, reasons: [reason], gateable: false });
});

test("a runtime above 70 % of its cores in calm is saturated: valid, and not for gates", () => {
  const at = (calmCoreShare: number | null) => validityOf(recorded, { ...evidence, calmCoreShare });
  expect(at(0.71)).toMatchObject({ verdict: "valid", saturated: true, gateable: false });
  expect(at(0.7)).toMatchObject({ verdict: "valid", saturated: false, gateable: true });
  expect(at(null)).toMatchObject({ saturated: false, gateable: true });
});

test("the certificate shows every limit beside its figure, kept, passed or not judged", () => {
  const { guarded } = validityOf(recorded, { ...evidence, startLagMs: { ...calm, n: 600, p99: 5 } }).certificate;
  expect(guarded.map(({ limit, measured, kept }) => [limit, measured, kept])).toEqual([
    [3, 5, false],
    [10, 2, null],
    [10, 1, true],
    [0, 0, true],
    [1.63, 0.1, true],
    [10, 1, true],
    [70, 30, true],
  ]);
});

test("a trial under a profiler is neither valid nor void, whatever its limits say, and no gate may use it", () => {
  const profiled = { by: "flame", starts: 1, left: 1, files: [] };
  for (const changes of [{}, late]) {
    const { verdict, reasons, gateable } = validityOf({ ...recorded, profiled }, { ...evidence, ...changes });
    expect({ verdict, gateable }).toEqual({ verdict: "profiled", gateable: false });
    expect(reasons[0]).toMatch(/recorded under the profiler flame.*never ranked/);
  }
  const refused = { ...recorded, profiled, status: "refused", reason: "It did not start." } as const;
  expect(validityOf(refused, evidence)).toMatchObject({ verdict: "refused", reasons: ["It did not start."] });
});
