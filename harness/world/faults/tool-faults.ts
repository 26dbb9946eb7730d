/** Faults of remote tools: what a tool does instead of its work and its answer. */
import { type FaultSettings, type Settings, type Values, valuesOf } from "./setting.ts";

/** What happens to one request for a tool. */
export interface ToolAction {
  /** Added to the time that the tool takes before it does anything. */
  readonly delayMs: number;
  /** The effect happens (as far as the ledger lets it). */
  readonly applies: boolean;
  /** error: `status` instead of the tool's own answer. none: nothing until the caller leaves. reset: the connection is destroyed. */
  readonly answers: "ordinary" | "error" | "none" | "reset";
  readonly status: number;
  /** From the effect to the answer. */
  readonly answerAfterMs: number;
}

/** A fault as scripts can name it. */
export interface ToolFaultKind {
  readonly what: string;
  /** How the World's history proves that it was served. */
  readonly landing: string;
  readonly cure: string;
  readonly settings: Settings;
  readonly act: (settings: FaultSettings) => ToolAction;
}

const ORDINARY: ToolAction = { delayMs: 0, applies: true, answers: "ordinary", status: 200, answerAfterMs: 0 };
const TOLD = "`told` carries the kind, stamped when the answer was written or the caller had left.";

function toolFault<const All extends Settings>(
  what: string,
  settings: All,
  act: (values: Values<All>) => Partial<ToolAction>,
): ToolFaultKind {
  const cure = "The next request for the call, after as many as `attempts` says.";
  return { what, landing: TOLD, cure, settings, act: (given) => ({ ...ORDINARY, ...act(valuesOf(settings, given)) }) };
}

/** Faults of tools by the names that scenarios use. */
export const TOOL_FAULTS: Readonly<Record<string, ToolFaultKind>> = {
  error: toolFault(
    "The tool answers with an error, having done nothing or (`effect`) its work all the same.",
    {
      status: { type: "number", low: 400, high: 599, otherwise: 500, about: "of the response" },
      effect: { type: "switch", otherwise: false, about: "the effect happens before the error" },
    },
    ({ status, effect }) => ({ applies: effect, answers: "error", status }),
  ),
  hang: toolFault("The tool does nothing and does not answer until the caller leaves.", {}, () => ({
    applies: false,
    answers: "none",
  })),
  slow: toolFault(
    "The tool does its work and answers, but so much later.",
    { delayMs: { type: "number", low: 1, high: 3_600_000, otherwise: 45_000, about: "added to the time it takes" } },
    ({ delayMs }) => ({ delayMs }),
  ),
  "timeout-after-effect": toolFault(
    "The effect happens, and the answer does not come until the caller has left, or comes too late.",
    {
      answerAfterMs: {
        type: "number",
        low: 1,
        high: 3_600_000,
        about: "from the effect to the answer; without it there is none",
      },
    },
    ({ answerAfterMs }) => (answerAfterMs === undefined ? { answers: "none" } : { answerAfterMs }),
  ),
  "reset-after-effect": toolFault(
    "The effect happens, and the connection is destroyed instead of an answer.",
    {},
    () => ({ answers: "reset" }),
  ),
};
