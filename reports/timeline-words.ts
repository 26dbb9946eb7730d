/** What the second by second charts show, in words. Promises: only reads the summary; nothing that held a runtime up is called nothing where nobody looked. */
import type { TrialSummary } from "../harness/summary.ts";
import { count, counted, listed } from "./format.ts";
import { wasObserved } from "./waiting.ts";

type SpanKind = TrialSummary["timeline"]["spans"]["shown"][number]["kind"];

export const SPAN_KINDS: readonly (readonly [SpanKind, string])[] = [
  ["major-gc", "major collection"],
  ["minor-gc", "minor collection"],
  ["other-gc", "other collection"],
  ["stall", "stall"],
  ["silence", "silence"],
];

/** Each of more faults than this would make a list that nobody reads. */
const FAULTS_NAMED_MOST = 2;

function faultWords(faults: TrialSummary["timeline"]["faults"]): readonly string[] {
  if (faults.length <= FAULTS_NAMED_MOST)
    return faults.map(({ kind, atS, readyS }) => {
      const ready = readyS === null ? "" : `, ready at ${readyS.toFixed(1)} s`;
      return `${kind} at ${atS.toFixed(1)} s${ready}`;
    });
  const kinds = [...new Set(faults.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const instants = faults.filter((fault) => fault.kind === kind).map(({ atS }) => atS);
    const [first, last] = [Math.min(...instants), Math.max(...instants)];
    if (instants.length === 1) return `${kind} at ${first.toFixed(1)} s`;
    return `${instants.length} × ${kind} from ${first.toFixed(1)} to ${last.toFixed(1)} s`;
  });
}

/** The instants that the charts mark, as words. */
export function marksOf({ timeline }: TrialSummary): string {
  const { faults, majorGcs } = timeline;
  const parts = [...faultWords(faults)];
  if (majorGcs.length > 0) parts.push(counted(majorGcs.length, "major collection"));
  return parts.length === 0 ? "no fault" : listed(parts);
}

/** "held up by 2 major collections and 3 stalls": what the lanes above the overhead show, or why they are empty. */
export function heldUp(trial: TrialSummary): string {
  const { shown, leftOut } = trial.timeline.spans;
  const parts = SPAN_KINDS.flatMap(([kind, name]) => {
    const n = shown.filter((span) => span.kind === kind).length;
    return n === 0 ? [] : [counted(n, name)];
  });
  const rest = leftOut === 0 ? "" : ` and ${count(leftOut)} shorter spans that are not drawn`;
  if (parts.length > 0) return `held up by ${listed(parts)}${rest}`;
  return wasObserved(trial)
    ? "nothing held it up for long"
    : "nobody looked inside, so nothing is drawn above the overhead";
}
