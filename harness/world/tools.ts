/**
 * `POST /tools/<name>`: remote tools with their effects, and leave to crash.
 *
 * A call is known by the mark in its arguments. Its effect happens when its time has passed, whether or not the caller still
 * waits, as in a real service; then the answer is written.
 */

import { assert } from "../errors.ts";
import { findMarker, type Marker } from "../identity.ts";
import { fnv1a32 } from "../random.ts";
import { type Exchange, sendJson } from "./api.ts";
import { TOOL_FAULTS, type ToolAction } from "./faults/tool-faults.ts";
import { type ResolvedCall, remoteToolsOf, resolveTurn, toolDelayMs } from "./script.ts";
import { cohortOf, turnInput, type WorldState } from "./state.ts";

type Death = "throw" | "detached" | "unit";

interface MarkedCall {
  readonly exchange: Exchange;
  readonly name: string;
  readonly marker: Marker;
  /** The call as scripted; undefined if the mark names none. */
  readonly scripted: ResolvedCall | undefined;
  /** Leaves to crash that the script gives. */
  readonly leaves: number | "all";
}

function refuse(exchange: Exchange, status: number, error: string): void {
  sendJson(exchange, status, JSON.stringify({ error }));
}

/** Answers one request for a tool. */
export function answerTool(state: WorldState, exchange: Exchange, name: string): void {
  const marker = findMarker(exchange.body.toString("latin1"));
  if (marker === undefined || marker.step === 0) {
    state.emit({ e: "unattributed", t: exchange.arrivedMs, path: exchange.path, i: exchange.incarnation });
    refuse(exchange, 400, "the arguments carry no mark: send them as the model wrote them");
    return;
  }
  const turn = resolveTurn(turnInput(state, marker.session, marker.turn, false));
  const step = turn.steps[marker.step - 1];
  const call = { exchange, name, marker, scripted: step?.calls[marker.call], leaves: step?.attempts ?? 0 };
  if (name === "crash") giveLeave(state, call);
  else if (remoteToolsOf(cohortOf(state, marker.session)).has(name)) runTool(state, call);
  else refuse(exchange, 404, `there is no tool "${name}"`);
}

const named = ({ session: s, turn: n, step: k, call: c, purchase: p }: Marker) => ({ s, n, k, c, p });

/** A crash call of the script may die as often as its step says; anything else goes on. */
function giveLeave(state: WorldState, { exchange, marker, scripted, leaves }: MarkedCall): void {
  const counts = state.book.call(marker.session, marker.turn, marker.step, marker.call);
  const how = scripted?.tool === "crash" ? scripted.arguments.how : undefined;
  const allowed = isDeath(how) && (leaves === "all" || counts.leaves < leaves);
  const die = allowed ? how : false;
  if (allowed) counts.leaves++;
  state.emit({ e: "crash", t: state.clock(), ...named(marker), die });
  sendJson(exchange, 200, JSON.stringify({ die }));
}

const isDeath = (how: unknown): how is Death => how === "throw" || how === "detached" || how === "unit";

/** A header that holds an integer from 0; NaN if it holds something else. */
function integerHeader(value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined;
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
}

function runTool(state: WorldState, call: MarkedCall): void {
  const { exchange, name, marker } = call;
  const { headers } = exchange.request;
  const key = headers["idempotency-key"];
  const fence = integerHeader(headers.fence);
  if (Number.isNaN(fence)) {
    refuse(exchange, 400, "Fence must be an integer");
    return;
  }
  const sent = {
    ...(typeof key === "string" ? { key } : {}),
    ...(fence === undefined ? {} : { fence }),
  };
  const { session, turn, step, call: index } = marker;
  const attempt = ++state.book.call(session, turn, step, index).requests;
  const fault = faultFor(call, attempt);
  state.emit({
    e: "tool",
    t: exchange.arrivedMs,
    ...named(marker),
    name,
    i: exchange.incarnation,
    ...sent,
    ...(fault === undefined ? {} : { fault: fault.kind }),
  });
  const input = turnInput(state, session, turn, false);
  const delayMs = toolDelayMs(input, step, index, name, attempt) + (fault?.action.delayMs ?? 0);
  state.holds.pass("tool", standing(marker), exchange.response, (heldMs) => {
    const dueMs = exchange.arrivedMs + heldMs + delayMs;
    state.wheel.after(dueMs - state.clock(), () => work(state, call, sent, fault));
  });
}

const standing = ({ session: s, turn: n, step: k, call: c }: Marker) => ({ s, n, k, c });

interface ServedFault {
  readonly kind: string;
  readonly action: ToolAction;
}

/** The fault that this request for a scripted call meets. */
function faultFor({ name, scripted }: MarkedCall, attempt: number): ServedFault | undefined {
  const fault = scripted?.tool === name ? scripted.fault : undefined;
  const attempts = fault?.attempts ?? 1;
  if (fault === undefined || (attempts !== "all" && attempt > attempts)) return undefined;
  const { kind } = fault;
  const known = TOOL_FAULTS[kind];
  assert(known !== undefined, `tool fault ${kind} passed the check of scenarios`);
  return { kind, action: known.act(fault.with ?? {}) };
}

interface Sent {
  readonly key?: string;
  readonly fence?: number;
}

/** What is written at the end of a request. */
interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Does what the tool does when its time has passed, and then answers, or whatever a fault makes of either. */
function work(state: WorldState, call: MarkedCall, sent: Sent, fault: ServedFault | undefined): void {
  const { marker, exchange } = call;
  const applies = fault === undefined || fault.action.applies;
  const reply = applies ? apply(state, call, sent) : { status: 0, body: "" };
  const finish = (): void => {
    const waitMs = fault?.action.answerAfterMs ?? 0;
    if (waitMs === 0) conclude(state, call, reply, fault);
    else state.wheel.after(waitMs, () => conclude(state, call, reply, fault));
  };
  if (applies) state.holds.pass("applied", standing(marker), exchange.response, finish);
  else finish();
}

function apply(state: WorldState, { name, marker, scripted }: MarkedCall, sent: Sent): Reply {
  const effect = scripted?.tool === name ? (scripted.effect ?? "keyed") : "keyed";
  const { session, turn, step, call, purchase } = marker;
  const hash = fnv1a32([name, session, turn, step, call, purchase].join("_")).toString(36);
  const answer = JSON.stringify({ result: `${name}_${hash}` });
  const { result, status, body } = state.ledger.apply({ tool: name, effect, session, answer, ...sent });
  const fence = sent.fence === undefined ? {} : { fence: sent.fence };
  state.emit({ e: "effect", t: state.clock(), ...named(marker), kind: effect, result, ...fence });
  return { status, body };
}

/** Ends a request: its answer, an error, a broken connection, or nothing until the caller has left. */
function conclude(state: WorldState, call: MarkedCall, reply: Reply, fault: ServedFault | undefined): void {
  const { exchange, marker, name } = call;
  const { response } = exchange;
  const answers = fault?.action.answers ?? "ordinary";
  const status = answers === "ordinary" ? reply.status : answers === "error" ? (fault?.action.status ?? 500) : 0;
  const tell = (gone: boolean): void =>
    state.emit({
      e: "told",
      t: state.clock(),
      ...named(marker),
      status,
      ...(gone ? { aborted: true } : {}),
      ...(fault === undefined ? {} : { fault: fault.kind }),
    });
  if (answers === "none" && !response.destroyed) {
    response.once("close", () => tell(true));
    return;
  }
  tell(response.destroyed);
  if (answers === "reset") response.socket?.resetAndDestroy();
  else if (answers === "error") refuse(exchange, status, `${name} failed`);
  else sendJson(exchange, status, reply.body);
}
