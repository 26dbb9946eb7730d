/**
 * Runs one tool call of the model: the eight local tools by name, every other name remotely at TOOLS_URL.
 *
 * A tool that goes wrong is something the model should hear of, not an error of the turn: the result is then `{"error": …}`.
 * Nothing is retried. The runner says, in the context, which session calls, what its keys are, and how it dies when told to.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  burnCpu,
  churnMemory,
  fnv1a32,
  hex8,
  holdMemory,
  type MemoryHolder,
  parseDocument,
  searchMemory,
} from "./local-tools.ts";
import type { ToolCall } from "./messages.ts";

const TIMEOUT_MS = 30_000;
/** The longest time that one Node timer can wait. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** How a runner dies when `crash` is allowed to. A hook that returns lets the turn go on. */
export interface CrashHooks {
  /** An error in the turn's own code. */
  throw(): unknown;
  /** An error outside the turn, which nobody waits for. */
  detached(): unknown;
  /** The death of what the runner's README names as its unit. */
  unit(): unknown;
}

/** A child session that `spawn_agents` asks for; its turn is "1". */
export interface Child {
  readonly session: string;
  readonly input: string;
}

/** What a runner tells about itself with each call. */
export interface ToolContext {
  readonly session: string;
  /** Sent with remote calls by runners that promise `exactly-once-with-keys`. */
  readonly idempotencyKey?: string;
  /** Sent with remote calls by runners that promise `fenced-effects`. */
  readonly fence?: number;
  /** Where `hold_memory` keeps things. */
  readonly holder: MemoryHolder;
  readonly crash: CrashHooks;
  /** Stores the arguments of a `crash` that is to happen when the session is loaded. Absent where nothing is ever loaded. */
  readonly crashOnLoad?: (text: string) => unknown;
  /** Runs the children and returns their outputs, in order. Absent where `spawn_agents` is not offered. */
  readonly spawn?: (children: readonly Child[]) => Promise<readonly string[]>;
  /** How long a remote call may take, in milliseconds. Default 30 s. */
  readonly timeoutMs?: number;
}

/** The hooks of a runner whose unit is the whole process, and which does nothing about stray errors. */
export const crashOfProcess: CrashHooks = {
  throw() {
    throw new Crash();
  },
  detached() {
    // A promise that nobody awaits: Node ends the process.
    void Promise.reject(new Crash());
  },
  unit() {
    process.exit(1);
  },
};

/** The bug that the script put into the runner. */
export class Crash extends Error {
  override readonly name = "Crash";

  constructor() {
    super("crashed, as the script told");
  }
}

type Arguments = Readonly<Record<string, unknown>>;
/** The text of the tool message, or how to die. */
type Outcome = string | { readonly die: keyof CrashHooks };
type LocalTool = (args: Arguments, context: ToolContext, text: string) => Outcome | Promise<Outcome>;

const LOCAL_TOOLS: Readonly<Record<string, LocalTool>> = {
  parse_document: parseDocument,
  search_memory: searchMemory,
  burn_cpu: burnCpu,
  hold_memory: (args, { holder }) => holdMemory(args, holder),
  churn_memory: churnMemory,
  crash,
  spawn_agents: spawnAgents,
  sleep: sleepFor,
};

/** Runs the call and returns the text of its tool message. Throws only what a crash hook throws. */
export async function runTool(call: ToolCall, context: ToolContext): Promise<string> {
  const { name, arguments: text } = call.function;
  let outcome: Outcome;
  try {
    const args = parseArguments(text);
    const local = Object.hasOwn(LOCAL_TOOLS, name) ? LOCAL_TOOLS[name] : undefined;
    outcome = await (local === undefined ? callRemote(name, text, context) : local(args, context, text));
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : String(error) });
  }
  if (typeof outcome === "string") return outcome;
  await context.crash[outcome.die]();
  return SPARED;
}

const SPARED = "spared";

function parseArguments(text: string): Arguments {
  const args: unknown = JSON.parse(text);
  if (typeof args !== "object" || args === null || Array.isArray(args))
    throw new Error("the arguments are no JSON object");
  return args as Arguments;
}

async function callRemote(name: string, text: string, context: ToolContext): Promise<string> {
  const headers: Record<string, string> = {};
  if (context.idempotencyKey !== undefined) headers["idempotency-key"] = context.idempotencyKey;
  if (context.fence !== undefined) headers.fence = String(context.fence);
  return post(name, text, headers, context.timeoutMs);
}

async function post(
  name: string,
  text: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs = TIMEOUT_MS,
): Promise<string> {
  const response = await fetch(`${process.env.TOOLS_URL}/${encodeURIComponent(name)}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: text,
    signal: AbortSignal.timeout(timeoutMs),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`tool ${name} answered ${response.status}: ${body.slice(0, 200)}`);
  return body;
}

async function crash(args: Arguments, context: ToolContext, text: string): Promise<Outcome> {
  if (args.when === "load") {
    await context.crashOnLoad?.(text);
    return SPARED;
  }
  const die = await leaveToCrash(text, context.timeoutMs);
  return die === false ? SPARED : { die };
}

/**
 * Asks for leave to crash. Throws if the question cannot be asked.
 * @param text the arguments of the call, byte for byte
 */
async function leaveToCrash(text: string, timeoutMs?: number): Promise<keyof CrashHooks | false> {
  const { die } = parseArguments(await post("crash", text, {}, timeoutMs));
  return die === "throw" || die === "detached" || die === "unit" ? die : false;
}

/**
 * Asks for leave to crash and, if told, dies: what a load hook does with the text that `crashOnLoad` stored.
 * Throws what the crash hook throws, or an error that says why the question could not be asked.
 */
export async function crashIfTold(text: string, hooks: CrashHooks): Promise<void> {
  const die = await leaveToCrash(text);
  if (die !== false) await hooks[die]();
}

async function spawnAgents(args: Arguments, context: ToolContext): Promise<Outcome> {
  if (context.spawn === undefined) throw new Error("spawn_agents is not offered");
  const children = args.children;
  if (!Array.isArray(children) || !children.every(isChild)) throw new Error('"children" must be [{session, input}]');
  const outputs = await context.spawn(children);
  return `joined_${outputs.length}_${hex8(fnv1a32(outputs.join("\n")))}`;
}

function isChild(value: unknown): value is Child {
  const child = value as Partial<Child> | null | undefined;
  return typeof child?.session === "string" && typeof child.input === "string";
}

async function sleepFor(args: Arguments): Promise<string> {
  const { ms } = args;
  if (typeof ms !== "number" || !(ms >= 0 && ms <= TIMER_MAX_MS)) throw new Error('"ms" must be a number from 0');
  await sleep(ms);
  return "slept";
}
