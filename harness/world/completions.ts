/**
 * `POST /v1/chat/completions`: finds out which step of which turn a request asks for and sells it, or answers with the fault
 * that the script has for this attempt. What no script knows is answered neutrally.
 */

import { assert } from "../errors.ts";
import { findLinks, fingerprint } from "../identity.ts";
import { type Exchange, sendError, sendInvalid } from "./api.ts";
import { completionId } from "./chunks.ts";
import { deliver } from "./delivery.ts";
import type { FaultAction } from "./faults/fault.ts";
import { WORLD_FAULTS } from "./faults/index.ts";
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
  /** The purchase whose calls the request brings the results of; undefined at the first step. */
  readonly of: number | undefined;
}

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
  const step = asked.kind === "input" ? 1 : stepAfter(asked.step, asked.calls, turn);
  const resolved = turn.steps[step - 1];
  if (resolved === undefined) {
    answerOffscript(state, exchange, request);
    return;
  }
  const of = asked.kind === "results" ? asked.calls[0]?.marker.purchase : undefined;
  answerStep(state, { exchange, request, input, step, resolved, final: step === turn.steps.length, of });
  if (asked.kind === "results" && step === asked.step + 1) noteLocalResults(state, exchange, asked.calls, turn);
}

/** The next step, or the same again if a fault had spoiled its calls and the runtime has said so. */
function stepAfter(step: number, calls: readonly ReturnedCall[], turn: ResolvedTurn): number {
  const { fault, calls: scripted } = turn.steps[step - 1] ?? {};
  const spoils = fault !== undefined && faultAction(fault.kind, fault.with).does === "spoil";
  const spoiled = calls.some((call) => !isJson(call.arguments) || scripted?.[call.marker.call]?.tool !== call.name);
  return spoils && spoiled ? step : step + 1;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function faultAction(kind: string, settings: Parameters<(typeof WORLD_FAULTS)[string]>[0] = {}): FaultAction {
  const fault = WORLD_FAULTS[kind];
  assert(fault !== undefined, `fault kind ${kind} passed the check of scenarios`);
  return fault(settings);
}

/** The fault that this attempt meets. */
function actionFor({ fault }: ResolvedStep, attempt: number): FaultAction | undefined {
  if (fault === undefined) return undefined;
  const { kind, attempts = 1, with: settings } = fault;
  return attempts === "all" || attempt <= attempts ? faultAction(kind, settings) : undefined;
}

function answerStep(state: WorldState, asked: StepRequest): void {
  const { exchange, input, step, resolved } = asked;
  const { session, turn } = input;
  const counts = state.book.step(session, turn, step);
  const attempt = ++counts.requests;
  const action = actionFor(resolved, attempt);
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
    ...(step === 1 ? { links: findLinks(input.seed, session, exchange.body) } : {}),
    bytes: exchange.body.length,
    ...(asked.of === undefined ? {} : { of: asked.of }),
    ...(action === undefined ? {} : { fault: resolved.fault?.kind ?? "" }),
  });
  if (purchase !== undefined) sell(state, asked, purchase, attempt, action);
  else if (action?.does === "refuse") refuse(exchange, action);
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
  { exchange, request, input, step, resolved, final }: StepRequest,
  purchase: number,
  attempt: number,
  action: FaultAction | undefined,
): void {
  const { seed, session, turn } = input;
  const worded = state.settings.scenario.rebuy === "same" ? 1 : purchase;
  const sale: Sale = { seed, session, turn, step, purchase: worded };
  const tokens = completionTokens(sale, resolved.tokens, final);
  const calls = writtenCalls(sale, resolved.calls);
  const named = { s: session, n: turn, k: step, p: purchase };
  const completion = {
    id: completionId(session, turn, step, purchase),
    tokens,
    calls: action?.does === "spoil" ? action.spoil(calls) : calls,
    firstTokenMs: firstTokenDelayMs(input, step, attempt),
    gapMs: resolved.gapMs,
    ...(action?.does === "break" ? { breaks: action } : {}),
  };
  deliver(state, exchange, request, completion, {
    first: () => state.emit({ e: "first", t: state.clock(), ...named }),
    over: (end, count, blockedMs) =>
      state.emit({
        e: "said",
        t: state.clock(),
        ...named,
        tokens: count,
        end,
        ...(blockedMs > 0 ? { blockedMs } : {}),
        ...(final && count === tokens.length ? { h: fingerprint(tokens.join("")) } : {}),
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
