/**
 * A lane in words: why this session, what was going on when the fault struck, what was asked again, what happened twice, how it went on.
 * Promises: every number stands in the lane. Leaves to others: the drawing, and the events one by one (`lane-events.ts`).
 */
import type { Lane } from "../harness/summarize/lane.ts";
import { counted, duration, listed } from "./format.ts";
import { CAUSE_WORDS } from "./waiting.ts";

/** An instant on a lane's axis: "0 s", "+1.42 s", "−0.31 s". */
export function moment(ms: number): string {
  if (ms === 0) return "0 s";
  return `${ms < 0 ? "−" : "+"}${(Math.abs(ms) / 1000).toFixed(2)} s`;
}

/** "2 acknowledged turns gone, 1 effect twice, longest overhead 2.93 s". */
export function damageWords({ damage }: Lane): string {
  const { lost, doubled, unanswered, avoidable, longestMs } = damage;
  const parts = [
    lost === 0 ? [] : [`${counted(lost, "acknowledged turn")} gone`],
    doubled === 0 ? [] : [`${counted(doubled, "effect")} twice`],
    unanswered === 0 ? [] : [`${counted(unanswered, "turn")} without an answer`],
    avoidable === 0 ? [] : [`${counted(avoidable, "completion")} bought again without need`],
    longestMs === 0 ? [] : [`longest overhead ${duration(longestMs)}`],
  ].flat();
  return parts.length === 0 ? "nothing amiss" : parts.join(", ");
}

/** Why the session is seen closely: "the worst session of its trial", "named by C1 and C18". */
export function whyShown({ worst, checkers }: Lane): string {
  const named = checkers.length === 0 ? [] : [`named by the evidence of ${listed(checkers)}`];
  return [...(worst ? ["the worst session of its trial"] : []), ...named].join(", ");
}

/** What stands at zero: "kill (f1)", "turn 2 is told to crash", "turn 2 is due". */
export function zeroWords({ zero, faults }: Lane): string {
  if ("crash" in zero) return `turn ${zero.crash} is told to crash`;
  if ("turn" in zero) return `turn ${zero.turn} is due`;
  const kind = faults.find(([id]) => id === zero.fault)?.[1];
  return kind === undefined ? `fault ${zero.fault}` : `${kind} (${zero.fault})`;
}

const goesOnAt = (ms: number, fromMs: number, toMs: number | null): boolean =>
  fromMs < ms && (toMs ?? Number.POSITIVE_INFINITY) > ms;

/** What a pending turn was waiting for at zero. */
function waitingFor({ calls, tools, timers, holds }: Lane, turn: number): string {
  const asked = calls.flatMap(([n, step, , , askMs, firstMs, endMs]) => {
    if (n !== turn || !goesOnAt(0, askMs, endMs)) return [];
    const writes = firstMs !== null && firstMs < 0;
    return writes ? `the model was writing step ${step}` : `the model had been asked for step ${step}`;
  });
  const called = tools.flatMap(([n, step, , name, , askMs, toldMs]) =>
    n === turn && goesOnAt(0, askMs, toldMs) ? `${name} of step ${step} was being called` : [],
  );
  const slept = timers.flatMap(([n, step, fromMs, , firedMs]) =>
    n === turn && goesOnAt(0, fromMs, firedMs) ? `the timer of step ${step} was running` : [],
  );
  const held = holds.flatMap(([n, at, fromMs, toMs]) =>
    n === turn && goesOnAt(0, fromMs, toMs) ? `it was held at “${at}”` : [],
  );
  const all = [...asked, ...called, ...slept, ...held];
  return all.length === 0 ? "the runtime had it" : listed([...new Set(all)]);
}

function scene(lane: Lane): string {
  const pending = lane.turns.filter(([, dueMs, , endMs]) => goesOnAt(0, dueMs, endMs));
  if (!("fault" in lane.zero)) return "";
  if (pending.length === 0) return " No turn was pending then.";
  const parts = pending.map(
    ([turn, dueMs]) => `turn ${turn} had been pending for ${duration(-dueMs)}, and ${waitingFor(lane, turn)}`,
  );
  return ` Then ${listed(parts)}.`;
}

function processes({ processes: starts, toMs }: Lane): string {
  const ended = starts.flatMap(([process, , start, , , exitMs, how]) =>
    exitMs !== null && exitMs >= 0 && exitMs <= toMs ? [{ process, start, exitMs, how }] : [],
  );
  const [first] = ended;
  if (first === undefined) return "";
  const next = starts.find(
    ([process, , start, , readyMs]) => process === first.process && start > first.start && readyMs !== null,
  );
  const again = next === undefined ? "" : `; start ${next[2]} was ready at ${moment(next[4] ?? 0)}`;
  return ` Start ${first.start} of ${first.process} ended at ${moment(first.exitMs)} (${first.how})${again}.`;
}

/** What held the runtime up, the longest first. */
function heldUp({ spans }: Lane): string {
  const causes = [...new Set(spans.map(([cause]) => cause))].map((cause) => {
    const own = spans.filter((one) => one[0] === cause);
    return { cause, longestMs: Math.max(...own.map(([, fromMs, toMs]) => toMs - fromMs)) };
  });
  const parts = causes
    .sort((a, b) => b.longestMs - a.longestMs)
    .map(({ cause, longestMs }) => `${CAUSE_WORDS[cause].head} (longest ${duration(longestMs)})`);
  return parts.length === 0 ? "" : ` The runtime was held up: ${listed(parts)}.`;
}

function again({ calls, effects, tools }: Lane): string {
  const bought = (["avoidable", "unavoidable", "provoked"] as const).flatMap((kind) => {
    const n = calls.filter((row) => row[9] === kind).length;
    return n === 0 ? [] : [`${n} ${kind}`];
  });
  const lacking = Math.max(0, ...calls.map((row) => row[10]));
  const twice = effects
    .filter(([, , , , , result]) => result === "twice")
    .map(([turn, step, call]) => tools.find((row) => row[0] === turn && row[1] === step && row[2] === call)?.[3]);
  const names = [...new Set(twice.map((name) => name ?? "a call"))];
  return [
    bought.length === 0 ? " Nothing was bought again." : ` Completions bought again: ${listed(bought)}.`,
    names.length === 0 ? " No effect happened twice." : ` The effect of ${listed(names)} happened twice.`,
    lacking === 0 ? "" : ` The model was not shown ${counted(lacking, "acknowledged turn")}.`,
  ].join("");
}

function outcome({ turns, zero, worksAgainMs, toMs }: Lane): string {
  if (worksAgainMs !== null) return ` The first intact answer came at ${moment(worksAgainMs)}.`;
  const answered = turns.find(([, , , endMs, end]) => end === "amnesiac" && endMs !== null && endMs >= 0);
  if (answered !== undefined)
    return ` Turn ${answered[0]} was answered at ${moment(answered[3] ?? 0)}, without memory; no intact answer ever came.`;
  return "turn" in zero && turns.length === 0 ? "" : ` No intact answer ever came; the window ends at ${moment(toMs)}.`;
}

/** The lane in a few sentences: what a person who cannot see the drawing needs to know of it. */
export function laneSentence(lane: Lane): string {
  const begins = `At 0 s, ${duration(lane.zeroS * 1000)} into the load: ${zeroWords(lane)}.`;
  return `${begins}${scene(lane)}${processes(lane)}${heldUp(lane)}${again(lane)}${outcome(lane)}`;
}

/** What is not drawn: "2 earlier turns, 1 later turn and 12 rows"; empty where everything is. */
export function leftOutWords({ outside: [before, after], leftOut }: Lane): string {
  const parts = [
    before === 0 ? [] : [counted(before, "earlier turn")],
    after === 0 ? [] : [counted(after, "later turn")],
    leftOut === 0 ? [] : [`${counted(leftOut, "lighter row")} of full tracks`],
  ].flat();
  return parts.length === 0 ? "" : `Not drawn: ${listed(parts)}.`;
}
