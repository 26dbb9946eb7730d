/** The events of a lane one by one, in the words of a capsule's story: when, who saw it, what happened. */
import type { Lane } from "../harness/summarize/lane.ts";
import type { LaneAttempt, LaneCall } from "../harness/summarize/lane-rows.ts";
import { counted, duration } from "./format.ts";
import { moment } from "./lane-words.ts";
import { CAUSE_WORDS } from "./waiting.ts";

interface Told {
  readonly ms: number;
  readonly who: "driver" | "world" | "trial";
  readonly what: string;
}

const at = (ms: number | null, who: Told["who"], what: string): Told[] => (ms === null ? [] : [{ ms, who, what }]);
const because = (note: string): string => (note === "" ? "" : `: ${note}`);

function attemptEvents([turn, attempt, client, fromMs, endMs, end, why]: LaneAttempt): Told[] {
  const which = `turn ${turn}, ${client === 1 ? "attempt" : "second client, attempt"} ${attempt}`;
  const ends: Readonly<Record<typeof end, string>> = {
    ok: "is answered",
    failed: `has failed for good${because(why)}`,
    fail: `was certainly not accepted${because(why)}`,
    info: `came to nothing, and may have been accepted${because(why)}`,
    open: "",
  };
  return [...at(fromMs, "driver", `${which} leaves`), ...at(endMs, "driver", `${which} ${ends[end]}`)];
}

function callEvents(row: LaneCall): Told[] {
  const [turn, step, purchase, start, askMs, firstMs, endMs, end, tokens, bought, lacks, note] = row;
  const which = `turn ${turn}, step ${step}`;
  const sold = purchase === null ? "nothing is sold" : `purchase ${purchase}`;
  const again = ["first", "unsold"].includes(bought) ? "" : `, bought again (${bought}${because(note)})`;
  const fault = again === "" && note !== "" ? `, fault ${note}` : "";
  const lacking = lacks === 0 ? "" : `, and does not show ${counted(lacks, "acknowledged turn")}`;
  const ended = end === "denied" ? "the request gets no completion" : `${sold} ends (${end}) after ${tokens} tokens`;
  return [
    ...at(askMs, "world", `${which}: start ${start} asks the model: ${sold}${again}${fault}${lacking}`),
    ...at(firstMs, "world", `${which}: first token of ${sold}`),
    ...at(endMs, "world", `${which}: ${ended}`),
  ];
}

function worldEvents({ tools, effects, locals, timers, holds }: Lane): Told[] {
  return [
    ...tools.flatMap(([turn, step, call, name, start, askMs, , , , fault]) => {
      const met = fault === "" ? "" : `, fault ${fault}`;
      return at(askMs, "world", `turn ${turn}, step ${step}, call ${call}: start ${start} calls ${name}${met}`);
    }),
    ...effects.flatMap(([turn, step, call, ms, kind, result]) => {
      const became = result === "twice" ? "applied, for the second time or later" : result;
      return at(ms, "world", `turn ${turn}, step ${step}, call ${call}: the ${kind} effect is ${became}`);
    }),
    ...tools.flatMap(([turn, step, call, , , , toldMs, status, aborted]) => {
      const left = aborted === 1 ? ", but its caller has left" : "";
      const which = `turn ${turn}, step ${step}, call ${call}`;
      return at(toldMs, "world", `${which}: the tool answers with status ${status}${left}`);
    }),
    ...locals.flatMap(([turn, step, ms, tool, result]) => {
      const which = `turn ${turn}, step ${step}`;
      if (result === "right" || result === "wrong")
        return at(ms, "world", `${which}: the result of ${tool} is ${result}`);
      const leave = result === "refused" ? "refused" : `given: ${result}`;
      return at(ms, "world", `${which}: leave to crash is asked and ${leave}`);
    }),
    ...timers.flatMap(([turn, step, fromMs, dueMs, firedMs]) => [
      ...at(fromMs, "world", `turn ${turn}, step ${step}: a timer begins, due at ${moment(dueMs)}`),
      ...at(firedMs, "world", `turn ${turn}, step ${step}: the timer has fired`),
    ]),
    ...holds.flatMap(([turn, point, fromMs, toMs]) => [
      ...at(fromMs, "world", `turn ${turn}: held at “${point}”`),
      ...at(toMs, "world", `turn ${turn}: let go at “${point}”`),
    ]),
  ];
}

function trialEvents({ faults, processes, phases, spans }: Lane): Told[] {
  return [
    ...spans.flatMap(([cause, fromMs, toMs]) =>
      at(fromMs, "trial", `the runtime is held up for ${duration(toMs - fromMs)}: ${CAUSE_WORDS[cause].head}`),
    ),
    ...phases.flatMap(([phase, ms]) => at(ms, "trial", `phase ${phase}`)),
    ...faults.flatMap(([id, kind, firedMs, landedMs, readyMs, proof]) => [
      ...at(firedMs, "trial", `fault ${id} (${kind}) is asked for`),
      ...at(landedMs, "trial", `fault ${id} has landed: ${proof}`),
      ...at(readyMs, "trial", `fault ${id} is over, and what it ended is ready again`),
    ]),
    ...processes.flatMap(([process, replica, start, startMs, readyMs, exitMs, how, expected]) => [
      ...at(startMs, "trial", `${process} starts: start ${start}, replica ${replica}`),
      ...at(readyMs, "trial", `${process} is ready: start ${start}`),
      ...at(exitMs, "trial", `${process} ends: start ${start}, ${how}${expected === 1 ? "" : ", by itself"}`),
    ]),
  ];
}

function driverEvents({ turns, attempts, reads }: Lane): Told[] {
  return [
    ...turns.flatMap(([turn, dueMs, , , , kind]) =>
      at(dueMs, "driver", `turn ${turn} is due${kind === "ordinary" ? "" : ` (${kind})`}`),
    ),
    ...attempts.flatMap(attemptEvents),
    ...reads.flatMap(([began, ms, status, shown, lacks]) => {
      const seen = shown === null ? "" : `: ${counted(shown, "turn")}${lacks === 0 ? "" : `, ${lacks} missing`}`;
      return at(ms, "driver", `a read begun at ${moment(began)} is answered with status ${status}${seen}`);
    }),
  ];
}

/** Rows of [when, who, what] in the order of time, those within the lane's window alone; of one instant driver, World, trial. */
export function laneEvents(lane: Lane): readonly (readonly [string, string, string])[] {
  return [...driverEvents(lane), ...lane.calls.flatMap(callEvents), ...worldEvents(lane), ...trialEvents(lane)]
    .filter(({ ms }) => ms >= lane.fromMs && ms <= lane.toMs)
    .sort((one, other) => one.ms - other.ms)
    .map(({ ms, who, what }) => [moment(ms), who, what]);
}
