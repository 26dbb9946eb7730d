/**
 * The parts that a turn is made of, each measured alone by `bench:primitives`, and what a trial counts them by. A runner says in its
 * runner.json of which parts its turns consist; nothing here knows a runner.
 */
import type { LocalTool } from "../scenario.ts";

/** Parts of a turn and what one of each is. CPU time in milliseconds. */
export const PARTS = {
  idle: "a second of a process that is asked nothing, observed as in a trial",
  thread: "a second of one more thread among which sessions are shared",
  threadCall:
    "a request to the model or a tool from one of several threads, beyond one from the only one: each compiles for itself",
  turn: "a turn over HTTP, answered at once",
  modelCall: "a model request, to the head of its answer and its end",
  frame: "an SSE frame of the model, read",
  tokenOut: "a token passed on to a client that reads along",
  conversationKb: "a kilobyte of conversation sent to the model",
  toolCall: "a remote tool call",
  postMessage: "a message to another thread and its answer",
  threadToken: "a token passed on from a thread to the one that serves",
  commit: "a statement that Postgres commits, seen by its client",
} as const;
export type Part = keyof typeof PARTS;

/** What a trial counts: every one is a figure of its `TrialWork`. */
export const PER = {
  perSecond: "seconds",
  perTurn: "turns",
  perSession: "sessions",
  perModelCall: "modelCalls",
  perFrame: "frames",
  perTokenOut: "tokensOut",
  perConversationKb: "conversationKb",
  perToolCall: "toolCalls",
  perLocalCall: "localCalls",
} as const;
export type Per = keyof typeof PER;

/** How many of each part a runner needs: so many per second, turn, model call … Local tools need not be named. */
export type Budget = Readonly<Partial<Record<Part, Readonly<Partial<Record<Per, number>>>>>>;

/** Local tools whose cost grows with their arguments, and the unit of it. */
export const TOOL_UNITS = {
  parse_document: "kilobytes",
  search_memory: "million components",
  burn_cpu: "million rounds",
  hold_memory: "megabytes",
  churn_memory: "megabytes",
} as const satisfies Partial<Record<LocalTool, string>>;
export type CostlyTool = keyof typeof TOOL_UNITS;

export const isCostly = (tool: string): tool is CostlyTool => Object.hasOwn(TOOL_UNITS, tool);

/** Units of work in one call. @param args as the script resolved them; what is missing counts as 0 */
export function toolUnits(tool: CostlyTool, args: Readonly<Record<string, unknown>>): number {
  const number = (name: string): number => (typeof args[name] === "number" ? args[name] : 0);
  if (tool === "parse_document") return number("kilobytes");
  if (tool === "search_memory") return (number("vectors") * number("dimensions")) / 1e6;
  if (tool === "burn_cpu") return number("rounds") / 1e6;
  return number("bytes") / 2 ** 20;
}
