/**
 * A lane as tracks of bars and marks, before anything is placed: what is drawn, in which style, with which words. Styles are classes of
 * `browser/lanes.css`. Leaves to others: where things stand (`lane-svg.ts`).
 */
import type { Cause } from "../../harness/observation.ts";
import type { Lane } from "../../harness/summarize/lane.ts";
import type { LaneAttempt, LaneCall } from "../../harness/summarize/lane-rows.ts";
import { counted, duration } from "../format.ts";
import { moment } from "../lane-words.ts";
import { CAUSE_WORDS } from "../waiting.ts";

/** A stretch of time; without an end it goes on beyond the window. */
export interface Bar {
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly style: string;
  readonly title: string;
  /** What to write on it: the first that fits. */
  readonly texts: readonly string[];
  /** The text may run on to this instant, where another bar of the same thing follows. */
  readonly textToMs?: number | null;
}

/** An instant. The text stands right of it where there is room. */
export interface Mark {
  readonly ms: number;
  readonly glyph: Glyph;
  readonly style: string;
  readonly title: string;
  readonly text: string;
}
export type Glyph = "cross" | "dot" | "ring" | "double" | "tick" | "bolt";

export interface Track {
  readonly name: string;
  readonly bars: readonly Bar[];
  readonly marks: readonly Mark[];
  /** Lines under the bars: what the script needed. */
  readonly floors?: readonly (readonly [fromMs: number, toMs: number])[];
}

const span = (fromMs: number, toMs: number | null): string =>
  toMs === null ? `from ${moment(fromMs)} on` : `${moment(fromMs)} to ${moment(toMs)} (${duration(toMs - fromMs)})`;

function processTracks({ processes }: Lane): Track[] {
  const names = [...new Set(processes.map(([process, replica]) => `${process} ${replica}`))];
  const several = new Set(processes.map(([, replica]) => replica)).size > 1;
  return names.map((name) => {
    const own = processes.filter(([process, replica]) => `${process} ${replica}` === name);
    const [process = "", replica = 0] = own[0] ?? [];
    return {
      name: several ? `${process}, copy ${replica}` : process,
      bars: own.flatMap(([, , start, startMs, readyMs, exitMs, , , served]): Bar[] => {
        const upMs = readyMs ?? exitMs;
        const starting = { fromMs: startMs, toMs: upMs, style: "ln-starting", texts: ["starting"] };
        const title = `start ${start} is starting: ${span(startMs, upMs)}`;
        if (readyMs === null) return [{ ...starting, title }];
        const style = served === 1 ? "ln-alive" : "ln-alive ln-idle";
        const acted = served === 1 ? "" : "; did nothing for this session";
        const serving = `start ${start} is ready: ${span(readyMs, exitMs)}${acted}`;
        const texts = [`start ${start}`, String(start)];
        return [
          { ...starting, title },
          { fromMs: readyMs, toMs: exitMs, style, title: serving, texts },
        ];
      }),
      marks: own.flatMap(([, , start, , , exitMs, how, expected]): Mark[] => {
        if (exitMs === null) return [];
        const title = `start ${start} ends at ${moment(exitMs)}: ${how}${expected === 1 ? "" : ", by itself"}`;
        return [
          { ms: exitMs, glyph: "cross", style: "ln-harm", title, text: expected === 1 ? how : `${how}, by itself` },
        ];
      }),
    };
  });
}

/** What fits on the short spans of the commonest causes. */
const BRIEF: Partial<Readonly<Record<Cause, string>>> = {
  "major-gc": "GC",
  "minor-gc": "gc",
  stall: "stall",
  silence: "silent",
  busy: "busy",
};

/** What held the whole runtime up; spans of one cause stand in one style. */
function heldUpTrack({ spans }: Lane): Track {
  return {
    name: "held up by",
    bars: spans.map(([cause, fromMs, toMs]) => {
      const name = CAUSE_WORDS[cause].head;
      const texts = [name, BRIEF[cause] ?? name];
      return { fromMs, toMs, style: `ln-${cause}`, title: `${name}: ${span(fromMs, toMs)}`, texts };
    }),
    marks: [],
  };
}

function turnTrack({ turns }: Lane): Track {
  const ENDS = { intact: "intact", amnesiac: "without memory", failed: "failed for good", open: "no answer" } as const;
  return {
    name: "turns",
    bars: turns.map(([turn, dueMs, , endMs, end, kind, gone]) => {
      const name = kind === "ordinary" ? `turn ${turn}` : `turn ${turn} (${kind})`;
      const later = gone === 1 ? ", later gone" : "";
      const title = `${name}: ${span(dueMs, endMs)}, ${ENDS[end]}${later}`;
      const texts = [`${name}: ${ENDS[end]}${later}`, name, String(turn)];
      return { fromMs: dueMs, toMs: endMs, style: `ln-${end}`, title, texts };
    }),
    marks: [],
    floors: turns.map(([, dueMs, floorMs]) => [dueMs, dueMs + floorMs]),
  };
}

const ATTEMPT_ENDS: Readonly<Record<LaneAttempt[5], string>> = {
  ok: "answered",
  failed: "failed for good",
  fail: "certainly not accepted",
  info: "came to nothing, may have been accepted",
  open: "no end",
};

function attemptTrack(name: string, attempts: readonly LaneAttempt[]): Track {
  const worded = attempts.map((row) => {
    const [turn, attempt, , fromMs, endMs, end, why] = row;
    const reason = why === "" ? "" : `: ${why}`;
    return { row, title: `turn ${turn}, attempt ${attempt}: ${span(fromMs, endMs)}, ${ATTEMPT_ENDS[end]}${reason}` };
  });
  return {
    name,
    bars: worded.flatMap(({ row: [, attempt, , fromMs, endMs, end], title }): Bar[] =>
      end === "fail"
        ? []
        : [{ fromMs, toMs: endMs, style: `ln-try-${end}`, title, texts: [`attempt ${attempt}`, String(attempt)] }],
    ),
    marks: worded.flatMap(({ row: [, , , fromMs, endMs, end, why], title }): Mark[] => {
      if (end === "fail") return [{ ms: fromMs, glyph: "tick", style: "ln-harm", title, text: "" }];
      return end === "info" && endMs !== null
        ? [{ ms: endMs, glyph: "cross", style: "ln-harm", title, text: why }]
        : [];
    }),
  };
}

function callTitle(row: LaneCall): string {
  const [turn, step, purchase, start, askMs, firstMs, endMs, end, tokens, bought, lacks, note] = row;
  const sold = purchase === null ? "nothing sold" : `purchase ${purchase}`;
  const first = firstMs === null ? "no token" : `first token at ${moment(firstMs)}, ${counted(tokens, "token")}`;
  const again = ["first", "unsold"].includes(bought) ? "" : `, bought again: ${bought}`;
  const reason = note === "" ? "" : ` (${note})`;
  const lacking = lacks === 0 ? "" : `, not shown: ${counted(lacks, "acknowledged turn")}`;
  return `turn ${turn}, step ${step}, start ${start}: ${span(askMs, endMs)}, ${sold}, ${first}, ${end}${again}${reason}${lacking}`;
}

function callTrack({ calls }: Lane): Track {
  return {
    name: "model",
    bars: calls.flatMap((row): Bar[] => {
      const [, step, , , askMs, firstMs, endMs, end, , bought] = row;
      const title = callTitle(row);
      const again = bought !== "first" && bought !== "unsold";
      const whole = end === "done" ? "" : " ln-cut";
      const texts = again ? [`step ${step} again`, "again", `${step}`] : [`step ${step}`, `${step}`];
      if (firstMs === null) return [{ fromMs: askMs, toMs: endMs, style: `ln-wait${whole}`, title, texts }];
      return [
        { fromMs: askMs, toMs: firstMs, style: "ln-wait", title, texts, textToMs: endMs },
        { fromMs: firstMs, toMs: endMs, style: `ln-${bought}${whole}`, title, texts: [] },
      ];
    }),
    marks: calls.flatMap((row): Mark[] => {
      const [, , , , askMs, , endMs, end, , , lacks] = row;
      const title = callTitle(row);
      const lacking: Mark = {
        ms: askMs,
        glyph: "bolt",
        style: "ln-harm",
        title,
        text: `lacks ${counted(lacks, "turn")}`,
      };
      const cut = endMs !== null && end !== "done" && end !== "open";
      return [
        ...(lacks > 0 ? [lacking] : []),
        ...(cut ? [{ ms: endMs, glyph: "cross", style: "ln-harm", title, text: end } as const] : []),
      ];
    }),
  };
}

function toolTrack({ tools }: Lane): Track {
  return {
    name: "tools",
    bars: tools.map(([turn, step, call, name, start, askMs, toldMs, status, aborted, fault]) => {
      const left = aborted === 1 ? ", its caller had left" : "";
      const met = fault === "" ? "" : `, fault ${fault}`;
      const title = `${name}: turn ${turn}, step ${step}, call ${call}, start ${start}: ${span(askMs, toldMs)}, status ${status ?? "none"}${left}${met}`;
      const style = aborted === 1 || status !== 200 ? "ln-tool ln-cut" : "ln-tool";
      return { fromMs: askMs, toMs: toldMs, style, title, texts: [name] };
    }),
    marks: [],
  };
}

function effectTrack({ effects }: Lane): Track {
  const GLYPHS = { applied: "dot", twice: "double", repeated: "ring", refused: "cross" } as const;
  return {
    name: "effects",
    bars: [],
    marks: effects.map(([turn, step, call, ms, kind, result]) => ({
      ms,
      glyph: GLYPHS[result],
      style: result === "twice" ? "ln-harm" : "ln-plain",
      title: `the ${kind} effect of turn ${turn}, step ${step}, call ${call} at ${moment(ms)}: ${result === "twice" ? "applied again" : result}`,
      text: result === "twice" ? "twice" : result === "applied" ? "" : result,
    })),
  };
}

function ownWorkTrack({ locals, timers }: Lane): Track {
  return {
    name: "own work",
    bars: timers.flatMap(([turn, step, fromMs, dueMs, firedMs]): Bar[] => {
      const title = `timer of turn ${turn}, step ${step}: ${span(fromMs, firedMs)}, due at ${moment(dueMs)}`;
      const late = firedMs === null || firedMs > dueMs;
      return [
        { fromMs, toMs: late ? dueMs : firedMs, style: "ln-timer", title, texts: ["timer"] },
        ...(late ? [{ fromMs: dueMs, toMs: firedMs, style: "ln-timer ln-cut", title, texts: ["overdue"] }] : []),
      ];
    }),
    marks: locals.map(([turn, step, ms, tool, result]) => {
      const crash = result !== "right" && result !== "wrong";
      const title = `turn ${turn}, step ${step} at ${moment(ms)}: ${crash ? `leave to crash: ${result}` : `the result of ${tool} is ${result}`}`;
      const harm = crash ? result !== "refused" : result === "wrong";
      const text = crash ? `crash: ${result}` : result === "wrong" ? `${tool} wrong` : "";
      return { ms, glyph: crash ? "bolt" : "tick", style: harm ? "ln-harm" : "ln-plain", title, text };
    }),
  };
}

function holdTrack({ holds }: Lane): Track {
  return {
    name: "held",
    bars: holds.map(([turn, at, fromMs, toMs]) => {
      const title = `turn ${turn} held at “${at}”: ${span(fromMs, toMs)}`;
      return { fromMs, toMs, style: "ln-held", title, texts: [`held: ${at}`, "held"] };
    }),
    marks: [],
  };
}

function readTrack({ reads }: Lane): Track {
  return {
    name: "reads",
    bars: [],
    marks: reads.map(([beganMs, ms, status, shown, lacks]) => {
      const seen = shown === null ? "nothing" : counted(shown, "turn");
      const title = `read ${span(beganMs, ms)}: status ${status}, shows ${seen}${lacks === 0 ? "" : `, lacks ${lacks}`}`;
      const text = lacks > 0 ? `lacks ${counted(lacks, "turn")}` : seen;
      return { ms, glyph: "ring", style: lacks > 0 ? "ln-harm" : "ln-plain", title, text };
    }),
  };
}

/** All tracks of a lane that hold anything, from the client's side down to what the tools did. */
export function tracksOf(lane: Lane): readonly Track[] {
  const second = lane.attempts.filter(([, , client]) => client === 2);
  const tracks = [
    ...processTracks(lane),
    heldUpTrack(lane),
    turnTrack(lane),
    attemptTrack(
      "client asks",
      lane.attempts.filter(([, , client]) => client === 1),
    ),
    attemptTrack("second client", second),
    callTrack(lane),
    toolTrack(lane),
    effectTrack(lane),
    ownWorkTrack(lane),
    holdTrack(lane),
    readTrack(lane),
  ];
  return tracks.filter(({ bars, marks }) => bars.length + marks.length > 0);
}
