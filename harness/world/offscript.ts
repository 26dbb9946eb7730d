/**
 * Model calls outside the script: titles, summaries, guardrails, judges. The answer is neutral, and it repeats every link of
 * the request, so that a conversation that is compacted into a summary carries its memory onward.
 */
import { findMarker, MARKER_MAX_BYTES } from "../identity.ts";
import type { Exchange } from "./api.ts";
import { completionId } from "./chunks.ts";
import { deliver } from "./delivery.ts";
import type { WorldState } from "./state.ts";
import type { ChatRequest } from "./tail.ts";

/** Form of a link token; whether it is genuine is for the turn's first request to tell. */
const LINK = /L_([0-9a-z]{1,16})_[0-9a-z]{1,4}_[0-9a-z]{7}(?![0-9a-z_])/g;
const FIRST_TOKEN_MS = 40;
const GAP_MS = 5;

/** The session that a body speaks of last: that of its last marker, or else of its last link. */
export function sessionIn(body: Buffer): string | undefined {
  for (let at = body.lastIndexOf("D_"); at !== -1; at = at === 0 ? -1 : body.lastIndexOf("D_", at - 1)) {
    const marker = findMarker(body.toString("latin1", at, at + MARKER_MAX_BYTES + 1));
    if (marker !== undefined) return marker.session;
  }
  return linksIn(body).at(-1)?.split("_")[1];
}

function linksIn(body: Buffer): string[] {
  return body.includes("L_") ? [...new Set(body.toString("latin1").match(LINK) ?? [])] : [];
}

/** Notes a request that no script knows, in the name of its session if it speaks of one. */
export function noteOffscript(state: WorldState, { body, incarnation, arrivedMs, path }: Exchange): void {
  const session = sessionIn(body);
  if (session === undefined) state.emit({ e: "unattributed", t: arrivedMs, path, i: incarnation });
  else state.emit({ e: "offscript", t: arrivedMs, s: session, i: incarnation, bytes: body.length });
}

/** Answers it neutrally. */
export function answerOffscript(state: WorldState, exchange: Exchange, request: ChatRequest): void {
  noteOffscript(state, exchange);
  const words = ["The", " conversation", " so", " far,", " in", " brief."];
  const tokens = [...words, ...linksIn(exchange.body).map((link) => ` ${link}`)];
  const id = completionId("offscript", exchange.arrivedMs, exchange.body.length);
  const completion = { id, tokens, calls: [], firstTokenMs: FIRST_TOKEN_MS, gapMs: GAP_MS };
  deliver(state, exchange, request, completion, { first: () => undefined, over: () => undefined });
}
