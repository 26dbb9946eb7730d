/**
 * Whether the instrument and the machine can be trusted, in sentences: calibration, the harness's own lag, foreign load. Promises: the
 * worst figure of all trials stands beside its limit and is named with its trial.
 */
import { type CalibrationRun, calibrationSentence } from "../harness/calibration.ts";
import type { Summary, TrialSummary } from "../harness/summary.ts";
import { meanAtMost, type Quantiles } from "../harness/trial.ts";
import type { CoreFigures, GuardedFigure } from "../harness/validity/certificate.ts";
import { counted, duration, listed, share } from "./format.ts";
import { alarm, fine, type TrustNote, warn } from "./trust-note.ts";

type Trials = readonly TrialSummary[];

/** Counters of core time tick at 100 Hz, so smaller shares are noise; steal is counted more finely. */
const NOISE = { foreignShare: 0.05, stealShare: 0.02 } as const;

const WHAT_FAILED_MEANS =
  "So the driver got answers wrong that are known beforehand, and times in this report may be as far off, whichever runtime they are of: do not read differences in time from it. What was lost, forgotten, doubled or bought twice is counted, not timed, and stands.";

function calibrationNote(run: CalibrationRun, several: boolean): TrustNote {
  const when = several && run.beforeTrial !== null ? `Before ${run.beforeTrial}: ` : "";
  const says = `${when}${calibrationSentence(run)}`;
  return run.passed ? fine(says) : alarm(`${says} ${WHAT_FAILED_MEANS}`);
}

/** Whether the instrument was right where the truth is known. */
export function calibrationNotes({ calibration }: Summary): TrustNote[] {
  if (calibration === null)
    return [warn("Not calibrated: the driver was not held against known answers before these trials.")];
  return calibration.runs.map((run) => calibrationNote(run, calibration.runs.length > 1));
}

/** The trial in which the harness itself did worst, by p99. */
function worst(trials: Trials, of: (trial: TrialSummary) => Quantiles | null): Quantiles | null {
  let found: Quantiles | null = null;
  for (const trial of trials) {
    const quantiles = of(trial);
    if (quantiles !== null && (found === null || quantiles.p99 > found.p99)) found = quantiles;
  }
  return found;
}

function lagNotes(trials: Trials): TrustNote[] {
  if (trials.length === 0) return [];
  const start = worst(trials, (trial) => trial.validity.startLagMs);
  const frames = worst(trials, (trial) => trial.validity.frameLatenessMs);
  if (start === null && frames === null) return [warn("The harness's own lag was not measured.")];
  const parts = [
    ...(start === null
      ? []
      : [`turns started at most ${duration(start.p99)} late (p99; p99.9 ${duration(start.p999)})`]),
    ...(frames === null
      ? []
      : [`scripted frames left at most ${duration(frames.p99)} late (p99; p99.9 ${duration(frames.p999)})`]),
  ];
  const within = (of: (lag: Quantiles) => number): string =>
    duration(2 * Math.max(...[start, frames].map((lag) => (lag === null ? 0 : of(lag)))));
  return [
    fine(
      `In the worst trial ${listed(parts)}. Differences in overhead below ${within(meanAtMost)} at p50, and below ${within(({ p99 }) => p99)} in the tail, are within that and are none.`,
    ),
  ];
}

/** Figures beyond their limit of which there were too few to hold them against the trial. */
function unjudgedNotes(trials: Trials): TrustNote[] {
  const highest = new Map<string, { readonly one: GuardedFigure; readonly trials: number }>();
  for (const one of trials.flatMap(({ validity }) => validity.certificate.guarded)) {
    if (one.kept !== null || one.measured === null || one.measured <= one.limit) continue;
    const known = highest.get(one.figure);
    const higher = known === undefined || one.measured > (known.one.measured ?? 0) ? one : known.one;
    highest.set(one.figure, { one: higher, trials: (known?.trials ?? 0) + 1 });
  }
  if (highest.size === 0) return [];
  const parts = [...highest.values()].map(
    ({ one, trials: seen }) =>
      `${one.figure} up to ${Number((one.measured ?? 0).toPrecision(2))} ${one.unit} (limit ${one.limit} ${one.unit}) in ${counted(seen, "trial")}`,
  );
  return [warn(`Over a limit, but too few turns to judge the trial by it: ${listed(parts)}.`)];
}

/** The largest share of somebody else on these cores, with its trial. */
function largestOf(
  trials: Trials,
  whose: string,
  of: (trial: TrialSummary) => number | undefined,
  noise: number,
): string[] {
  const seen = trials.flatMap((trial) => {
    const value = of(trial);
    return value === undefined || value < noise ? [] : [{ id: trial.id, value }];
  });
  const [most] = seen.sort((a, b) => b.value - a.value);
  return most === undefined ? [] : [`up to ${share(most.value)} of ${whose} (${most.id})`];
}

const machineOf = ({ validity }: TrialSummary) => validity.certificate.machine;

/** Where nothing is pinned both sides share all cores. */
const SIDES: readonly (readonly [string, (trial: TrialSummary) => CoreFigures | null | undefined])[] = [
  ["the runtime's cores", (trial) => machineOf(trial)?.runtime],
  ["the harness's cores", (trial) => (machineOf(trial)?.runtime === null ? null : machineOf(trial)?.harness)],
  ["all cores", (trial) => (machineOf(trial)?.runtime === null ? machineOf(trial)?.harness : null)],
];

function foreignNotes(trials: Trials): TrustNote[] {
  const told = (figure: keyof typeof NOISE) =>
    SIDES.flatMap(([whose, side]) => largestOf(trials, whose, (trial) => side(trial)?.[figure], NOISE[figure]));
  const [foreign, stolen] = [told("foreignShare"), told("stealShare")];
  return [
    ...(foreign.length === 0
      ? []
      : [
          warn(
            `Other programs ran on this machine and used ${listed(foreign)}. Times hold what that cost, and runtimes may have met it unequally.`,
          ),
        ]),
    ...(stolen.length === 0 ? [] : [warn(`The hypervisor took ${listed(stolen)}.`)]),
  ];
}

/** A live page takes its share of the harness's cores. */
function watchedNotes(trials: Trials): TrustNote[] {
  const watched = trials.filter(({ validity }) => validity.certificate.watched !== undefined);
  if (watched.length === 0) return [];
  const which =
    watched.length === trials.length
      ? "Every trial was"
      : `${watched.length} of ${counted(trials.length, "trial")} were`;
  return [
    fine(`${which} recorded while a live page was served from the harness's cores (--watch); limits are the same.`),
  ];
}

/** The harness's own part in the valid trials, and who else was on the machine. */
export function machineNotes(valid: Trials): TrustNote[] {
  return [...lagNotes(valid), ...unjudgedNotes(valid), ...foreignNotes(valid), ...watchedNotes(valid)];
}
