/**
 * What the model does in one turn, drawn from the scenario's script: pure, so that plan, World and judges agree without talking.
 *
 * Every draw has its own key (seed, session, turn, step …), so a turn resolves the same whatever was asked before it. Nothing
 * here depends on purchases (see `wording.ts`); only delays depend on attempts, and the floor is made of first attempts.
 */
import { constant, type Distribution, draw, randomOf } from "../random.ts";
import type {
  ArgumentTemplate,
  Cohort,
  ModelStep,
  StepFault,
  ToolBehaviour,
  ToolCall,
  ToolFault,
  TurnScript,
} from "../scenario.ts";
import { LOCAL_TOOLS, OFFERED } from "../scenario.ts";

/** Names a turn of a session, and what is needed to know its script. */
export interface TurnInput {
  readonly seed: number;
  readonly cohort: Cohort;
  /** The runtime's MEMORY_MB, of which some arguments are a share. */
  readonly memoryMb: number;
  readonly session: string;
  /** From 1. */
  readonly turn: number;
  /** "proof" is the short built-in turn that opens conversations and proves that a session works. */
  readonly kind: "ordinary" | "proof";
}

export interface ResolvedCall {
  readonly tool: string;
  /** The runtime does the work itself, here or where nobody sees it; otherwise it asks the World. */
  readonly local: boolean;
  /** Without the mark, which depends on the purchase. */
  readonly arguments: Readonly<Record<string, number | string>>;
  /** What the call adds to the floor: the World's delay for a remote tool, the time asked for of `sleep`, 0 for other local tools. */
  readonly takesMs: number;
  /** Null for local tools, which have no effect outside. */
  readonly effect: ToolBehaviour["effect"] | null;
  /** The fault that this call meets; absent if the draw of its share says that it meets none. */
  readonly fault?: ToolFault;
}

export interface ResolvedStep {
  /** From the arrival of the request to the first token. */
  readonly firstTokenMs: number;
  /** Content frames; an integer from 1. */
  readonly tokens: number;
  /** From token to token. */
  readonly gapMs: number;
  /** Empty in the last step. */
  readonly calls: readonly ResolvedCall[];
  /** How many leaves to crash are given for each crash call of this step. */
  readonly attempts: number | "all";
  /** The fault that this step meets; absent if the draw of its share says that it meets none. */
  readonly fault?: StepFault;
}

/** Step k of the turn stands at index k - 1. */
export interface ResolvedTurn {
  readonly steps: readonly ResolvedStep[];
}

const DEFAULT_TOKENS_PER_SECOND = 50;
const DEFAULT_BEHAVIOUR = { takesMs: constant(20), effect: "keyed" } as const;

/** Floor: 40 ms + 2 gaps of 5 ms. */
const PROOF_SCRIPT: TurnScript = [{ say: { firstTokenMs: constant(40), tokens: constant(3), tokensPerSecond: 200 } }];

function scriptOf({ cohort, turn, kind }: TurnInput): TurnScript {
  if (kind === "proof") return PROOF_SCRIPT;
  const { script } = cohort;
  return "default" in script ? (script[`turn${turn}`] ?? script.default) : script;
}

const isModelStep = (entry: ModelStep | ToolBehaviour): entry is ModelStep => "say" in entry;
const isLocal = (tool: string): boolean => (LOCAL_TOOLS as readonly string[]).includes(tool);

/** The behaviour that a script gives to a remote tool; 20 ms and keyed where it says nothing. */
function behaviourOf(script: TurnScript, tool: string): Pick<ToolBehaviour, "takesMs" | "effect" | "fault"> {
  const written = script.find((entry): entry is ToolBehaviour => !isModelStep(entry) && entry.tool === tool);
  return written ?? DEFAULT_BEHAVIOUR;
}

/** The calls of a model step as pairs of a tool's name and the templates of its arguments. */
function namedCalls(call: ModelStep["call"]): (readonly [string, Readonly<Record<string, ArgumentTemplate>>])[] {
  if (call === undefined) return [];
  const calls = Array.isArray(call) ? (call as readonly ToolCall[]) : [call as ToolCall];
  return calls.flatMap((one) => (typeof one === "string" ? [[one, {}] as const] : Object.entries(one)));
}

/** A delay of attempt 1 has no attempt in its key, so that floors stay what they are if attempts are ever counted otherwise. */
function delayOf(input: TurnInput, distribution: Distribution, attempt: number, ...key: (string | number)[]): number {
  const parts = [input.session, input.turn, ...key];
  return draw(distribution, randomOf(input.seed, ...parts, ...(attempt > 1 ? [attempt] : [])));
}

function argumentOf(template: ArgumentTemplate, input: TurnInput, key: readonly (string | number)[]): number | string {
  if (typeof template !== "object") return template;
  if ("memoryShare" in template)
    return Math.floor((template.memoryShare * input.memoryMb * 2 ** 20) / input.cohort.sessions);
  const random = randomOf(input.seed, input.session, input.turn, ...key);
  return "pool" in template ? Math.floor(random() * template.pool) : Math.round(draw(template, random));
}

/** The fault with this key, if it is drawn. */
function drawnFault<Fault extends StepFault | ToolFault>(
  { seed, session, turn }: TurnInput,
  fault: Fault | undefined,
  ...key: readonly number[]
): { readonly fault?: Fault } {
  if (fault === undefined) return {};
  const { share = 1 } = fault;
  return share >= 1 || randomOf(seed, session, turn, ...key, "fault")() < share ? { fault } : {};
}

function resolveCall(
  input: TurnInput,
  step: number,
  index: number,
  [tool, templates]: readonly [string, Readonly<Record<string, ArgumentTemplate>>],
): ResolvedCall {
  if (tool === OFFERED) return { tool, local: true, arguments: {}, takesMs: 0, effect: null };
  const local = isLocal(tool);
  const values = Object.entries(templates).map(
    ([name, template]) => [name, argumentOf(template, input, [step, index, name])] as const,
  );
  const resolved = Object.fromEntries(values);
  if (local) {
    const takesMs = tool === "sleep" && typeof resolved.ms === "number" ? resolved.ms : 0;
    return { tool, local, arguments: resolved, takesMs, effect: null };
  }
  const { effect, fault } = behaviourOf(scriptOf(input), tool);
  const takesMs = toolDelayMs(input, step, index, tool, 1);
  return { tool, local, arguments: resolved, takesMs, effect, ...drawnFault(input, fault, step, index) };
}

function resolveStep(input: TurnInput, written: ModelStep, step: number): ResolvedStep {
  const { session, turn, seed } = input;
  const tokens = draw(written.say.tokens, randomOf(seed, session, turn, step, "tokens"));
  return {
    firstTokenMs: delayOf(input, written.say.firstTokenMs, 1, step, "firstToken"),
    tokens: Math.max(1, Math.round(tokens)),
    gapMs: 1000 / (written.say.tokensPerSecond ?? DEFAULT_TOKENS_PER_SECOND),
    calls: namedCalls(written.call).map((call, index) => resolveCall(input, step, index, call)),
    attempts: written.attempts ?? "all",
    ...drawnFault(input, written.fault, step),
  };
}

/** All draws of a turn, for first attempts. The same input gives the same turn, in every process. */
export function resolveTurn(input: TurnInput): ResolvedTurn {
  const steps = scriptOf(input).filter(isModelStep);
  return { steps: steps.map((step, index) => resolveStep(input, step, index + 1)) };
}

/**
 * Time to the first token of one attempt at a step, in milliseconds.
 * @param attempt the World's count of requests for this step, from 1
 */
export function firstTokenDelayMs(input: TurnInput, step: number, attempt: number): number {
  const written = scriptOf(input).filter(isModelStep)[step - 1];
  return written === undefined ? 0 : delayOf(input, written.say.firstTokenMs, attempt, step, "firstToken");
}

/**
 * How long a remote tool takes to answer one attempt at a call, in milliseconds.
 * @param attempt the World's count of requests for this call, from 1
 */
export function toolDelayMs(input: TurnInput, step: number, call: number, tool: string, attempt: number): number {
  return delayOf(input, behaviourOf(scriptOf(input), tool).takesMs, attempt, step, call, "takes");
}

/** The length of the critical path of one faultless run of a turn as scripted, in milliseconds: no runtime can be faster. */
export function floorMs(turn: ResolvedTurn): number {
  let sumMs = 0;
  for (const { firstTokenMs, tokens, gapMs, calls } of turn.steps)
    sumMs += firstTokenMs + (tokens - 1) * gapMs + Math.max(0, ...calls.map((call) => call.takesMs));
  return sumMs;
}

/** Every turn script of a cohort, once each. */
export function scriptsOf(cohort: Cohort): TurnScript[] {
  const { script } = cohort;
  return "default" in script ? Object.values(script) : [script];
}

/** Names of the remote tools that a cohort's scripts describe or call. */
export function remoteToolsOf(cohort: Cohort): Set<string> {
  const names = scriptsOf(cohort).flatMap((script) =>
    script.flatMap((entry) => (isModelStep(entry) ? namedCalls(entry.call).map(([tool]) => tool) : [entry.tool])),
  );
  return new Set(names.filter((name) => !isLocal(name) && name !== OFFERED));
}

/** Calls of local tools as a cohort's scripts write them, arguments still templates. */
export function localCallsOf(cohort: Cohort): (readonly [string, Readonly<Record<string, ArgumentTemplate>>])[] {
  const steps = scriptsOf(cohort).flatMap((script) => script.filter(isModelStep));
  return steps.flatMap((step) => namedCalls(step.call)).filter(([tool]) => isLocal(tool));
}
