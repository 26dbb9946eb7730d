/**
 * `POST /v1/chat/completions`: finds out which step of which turn a request asks for and sells it, or answers with the fault
 * that the script has for this attempt. What no script knows is answered neutrally.
 */

import { assert } from "../errors.ts";
import { findLinks, fingerprint } from "../identity.ts";
import { type CureKind, OFFERED } from "../scenario.ts";
import { type Exchange, sendError, sendInvalid } from "./api.ts";
import type { StepCounts } from "./book.ts";
import { completionId } from "./chunks.ts";
import { inForce, noteMet, repairIn } from "./cures.ts";
import { type Completion, deliver } from "./delivery.ts";
import type { FaultAction } from "./faults/fault.ts";
import { WORLD_FAULTS } from "./faults/index.ts";
import { faulty } from "./faulty-completion.ts";
import { fillOffered, type OfferedTool, offeredTools, wantsOffered } from "./offered-tools.ts";
import { answerOffscript, noteOffscript } from "./offscript.ts";
import { firstTokenDelayMs, type ResolvedStep, type ResolvedTurn, resolveTurn, type TurnInput } from "./script.ts";
import { turnInput, type WorldState } from "./state.ts";
import { type Asked, type ChatRequest, type ReturnedCall, readChatRequest } from "./tail.ts";
import { completionTokens, type Sale, writtenCalls } from "./wording.ts";

/** A request for one step of a turn. */
interface StepRequest {
  readonly exchange: Exchange;
  readonly request: ChatRequest;
  readonly input: TurnInput;
  /** From 1. */
  readonly step: number;
  readonly resolved: ResolvedStep;
  readonly final: boolean;
  /** Tools of the request, where the step calls one of them. */
  readonly offered: readonly OfferedTool[];
  /** The purchase whose calls the request brings the results of; undefined at the first step. */
  readonly of: number | undefined;
  /** The same purchase where the request is for the same step again, since a fault had spoiled its calls. */
  readonly told: number | undefined;
}

type Results = Extract<Asked, { kind: "results" }>;

/** Answers one request. */
export function answerChat(state: WorldState, exchange: Exchange): void {
  const request = readChatRequest(exchange.body);
  if ("problem" in request) {
    noteOffscript(state, exchange);
    sendInvalid(exchange, request.problem, request.param);
    return;
  }
  const { asked } = request;
  if (asked.kind === "refused") {
    noteOffscript(state, exchange);
    sendInvalid(exchange, asked.message, "messages");
  } else if (asked.kind === "offscript") answerOffscript(state, exchange, request);
  else answerScripted(state, exchange, request, asked);
}

function answerScripted(
  state: WorldState,
  exchange: Exchange,
  request: ChatRequest,
  asked: Extract<Asked, { session: string }>,
): void {
  const proof = asked.kind === "input" && asked.proof;
  const input = turnInput(state, asked.session, asked.turn, proof);
  const turn = resolveTurn(input);
  const step = asked.kind === "input" ? 1 : stepAfter(state, asked, turn);
  const resolved = turn.steps[step - 1];
  if (resolved === undefined) {
    answerOffscript(state, exchange, request);
    return;
  }
  const offered = wantsOffered(resolved.calls) ? offeredTools(exchange.body) : [];
  if (offered.length === 0 && wantsOffered(resolved.calls)) {
    noteOffscript(state, exchange);
    sendInvalid(exchange, 'The script calls one of the offered tools (call: "offered"), and there is none.', "tools");
    return;
  }
  const of = asked.kind === "results" ? asked.calls[0]?.marker.purchase : undefined;
  const told = asked.kind === "results" && step === asked.step ? of : undefined;
  const final = step === turn.steps.length;
  answerStep(state, { exchange, request, input, step, resolved, final, offered, of, told });
  if (asked.kind === "results" && step === asked.step + 1) noteLocalResults(state, exchange, asked.calls, turn);
}

/** The next step, or the same again if a fault had spoiled its calls: then the request tells the model of it. */
function stepAfter(state: WorldState, { session, turn: number, step, calls }: Results, turn: ResolvedTurn): number {
  const { ailment } = state.book.step(session, number, step);
  const spoiled = calls.some(({ marker }) => ailment?.spoiled.has(marker.purchase));
  if (!spoiled) return step + 1;
  // Purchases that are all called the same are told apart by what is wrong with them.
  const scripted = turn.steps[step - 1]?.calls;
  const isOther = ({ marker, name }: ReturnedCall): boolean =>
    ![name, OFFERED].includes(scripted?.[marker.call]?.tool ?? "");
  const isWrong = calls.some((call) => !isJson(call.arguments) || isOther(call));
  return isWrong || state.settings.scenario.rebuy !== "same" ? step : step + 1;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function answerStep(state: WorldState, asked: StepRequest): void {
  const { exchange, input, step, resolved } = asked;
  const { session, turn } = input;
  const counts = state.book.step(session, turn, step);
  const attempt = ++counts.requests;
  const links = step === 1 || resolved.fault?.cure !== undefined ? findLinks(input.seed, session, exchange.body) : [];
  const { action, cure } = meetFault(asked, counts, links);
  // Nobody would get what is sold to a closed connection.
  const gone = exchange.response.destroyed || exchange.request.socket.destroyed;
  const sells = !gone && action?.does !== "refuse" && action?.does !== "hang";
  const purchase = sells ? ++counts.purchases : undefined;
  state.emit({
    e: "ask",
    t: exchange.arrivedMs,
    s: session,
    n: turn,
    k: step,
    r: attempt,
    ...(purchase === undefined ? {} : { p: purchase }),
    i: exchange.incarnation,
    ...(step === 1 ? { links } : {}),
    bytes: exchange.body.length,
    ...(asked.of === undefined ? {} : { of: asked.of }),
    ...(action === undefined ? {} : { fault: resolved.fault?.kind ?? "" }),
    ...(cure === undefined ? {} : { cure }),
  });
  state.holds.pass("asked", { s: session, n: turn, k: step }, exchange.response, (heldMs) => {
    const later = { ...asked, exchange: { ...exchange, arrivedMs: exchange.arrivedMs + heldMs } };
    if (purchase !== undefined) sell(state, later, purchase, attempt, action);
    else if (action?.does === "refuse" || action?.does === "hang") deny(state, later, attempt, action);
  });
}

/** The fault that a request meets, and the repair that it shows. */
function meetFault(
  { exchange, input, step, resolved, told }: StepRequest,
  counts: StepCounts,
  links: readonly number[],
): { readonly action?: FaultAction; readonly cure?: CureKind } {
  const { fault } = resolved;
  if (fault === undefined) return {};
  const { session, turn } = input;
  const { body, arrivedMs } = exchange;
  const asked = { session, turn, step, body, arrivedMs, toldOf: told, links: () => links };
  const repair = repairIn(fault, counts, asked);
  if (repair !== undefined && counts.ailment !== undefined) counts.ailment.cures++;
  const cure = repair === undefined ? {} : { cure: repair };
  const kind = WORLD_FAULTS[fault.kind];
  assert(kind !== undefined, `fault kind ${fault.kind} passed the check of scenarios`);
  if (!inForce(fault, kind.attempts, counts)) return cure;
  const action = kind.act(fault.with ?? {});
  if (action.does === "refuse" && body.length <= (action.overBytes ?? -1)) return cure;
  noteMet(counts, asked);
  return { action, ...cure };
}

/** Answers with an error, or not at all. */
function deny(
  state: WorldState,
  { exchange, input, step, resolved }: StepRequest,
  r: number,
  action: FaultAction,
): void {
  const fault = resolved.fault?.kind ?? "";
  const named = { s: input.session, n: input.turn, k: step, r, fault };
  const { response } = exchange;
  const leave = (): void => state.emit({ e: "denied", t: state.clock(), ...named, aborted: true });
  if (response.destroyed) leave();
  else if (action.does === "refuse") {
    state.emit({ e: "denied", t: state.clock(), ...named, status: action.status });
    refuse(exchange, action);
  } else response.once("close", leave);
}

function refuse(exchange: Exchange, action: Extract<FaultAction, { does: "refuse" }>): void {
  const { status, type, code, message, retryAfterSeconds } = action;
  const headers = {
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    ...(status === 429 ? { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s" } : {}),
  };
  const param = code === "context_length_exceeded" ? "messages" : null;
  sendError(exchange, status, { message, type, code, param }, headers);
}

function sell(
  state: WorldState,
  { exchange, request, input, step, resolved, final, offered }: StepRequest,
  purchase: number,
  attempt: number,
  action: FaultAction | undefined,
): void {
  const { seed, session, turn } = input;
  const worded = state.settings.scenario.rebuy === "same" ? 1 : purchase;
  const sale: Sale = { seed, session, turn, step, purchase: worded };
  const standing = { s: session, n: turn, k: step };
  const named = { ...standing, p: purchase };
  const sound: Completion = {
    id: completionId(session, turn, step, purchase),
    tokens: completionTokens(sale, resolved.tokens, final),
    calls: fillOffered(sale, resolved.calls, writtenCalls(sale, resolved.calls), offered),
    firstTokenMs: firstTokenDelayMs(input, step, attempt),
    gapMs: resolved.gapMs,
  };
  const completion = action === undefined ? sound : faulty(sound, action);
  if (action?.does === "spoil") state.book.step(session, turn, step).ailment?.spoiled.add(worded);
  const { tokens } = completion;
  const canStop = action === undefined && request.stream;
  const gate = canStop ? state.holds.gate(standing, tokens.length, exchange.response) : null;
  deliver(state, exchange, request, gate === null ? completion : { ...completion, gate }, {
    first: () => state.emit({ e: "first", t: state.clock(), ...named }),
    over: (end, count, blockedMs, odd) =>
      state.emit({
        e: "said",
        t: state.clock(),
        ...named,
        tokens: count,
        end,
        ...(blockedMs > 0 ? { blockedMs } : {}),
        ...(final && count === tokens.length ? { h: fingerprint(tokens.join("")) } : {}),
        ...(action !== undefined && odd ? { fault: resolved.fault?.kind ?? "" } : {}),
      }),
  });
}

/** Compares the results of local tools with what they should be. */
function noteLocalResults(
  state: WorldState,
  { arrivedMs }: Exchange,
  calls: readonly ReturnedCall[],
  turn: ResolvedTurn,
): void {
  for (const { marker, result } of calls) {
    const scripted = turn.steps[marker.step - 1]?.calls[marker.call];
    const expected =
      scripted?.local === true ? state.localResults.expect(scripted.tool, scripted.arguments) : undefined;
    if (scripted === undefined || expected === undefined) continue;
    state.emit({
      e: "local",
      t: arrivedMs,
      s: marker.session,
      n: marker.turn,
      k: marker.step,
      c: marker.call,
      p: marker.purchase,
      tool: scripted.tool,
      ok: result === expected,
    });
  }
}
