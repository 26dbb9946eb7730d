/**
 * A process that does parts of a turn, at the pace of a trial, and others when it is told to. It is started, observed and pinned as a
 * runtime is, so that what it uses more while it does more is what that costs.
 */
import { setTimeout as delay } from "node:timers/promises";
import { randomOf } from "../../harness/random.ts";
import { type Agent, serve } from "../../runners/kit/typescript/front.ts";
import type { Listener } from "../../runners/kit/typescript/messages.ts";
import {
  type Doing,
  JOB_VARIABLE,
  KINDS,
  type Kind,
  type PartJob,
  PIECE_GAP_MS,
  SWITCH_SESSION,
  type Tally,
  TEXT,
} from "./job.ts";
import { Pace } from "./pace.ts";
import { Threads } from "./thread.ts";
import { asking, askingBriefly, calling, committing, type Work } from "./works.ts";

const job = JSON.parse(process.env[JOB_VARIABLE] ?? "{}") as PartJob;
const nothing = (): Record<Kind, number> => ({ tick: 0, ask: 0, brief: 0, tool: 0, post: 0, commit: 0 });
let done = nothing();
let commitsMs: number[] = [];
let doing: Doing = { rates: {}, conversationBytes: 0, spread: false, pieces: 0, piecesFromThreads: false };

const threads = new Threads(job.threads);
const commit = process.env.DATABASE_URL === undefined ? undefined : await committing(job.rows);

function workOf(kind: Kind): Work {
  if (kind === "ask") return asking(doing.conversationBytes);
  if (kind === "brief") return askingBriefly;
  if (kind === "tool") return calling;
  if (kind === "post") return () => threads.post();
  return kind === "commit" && commit !== undefined ? commit : async () => undefined;
}

const paces = KINDS.map((kind) => {
  const over = (tookMs: number): void => {
    done[kind]++;
    if (kind === "commit") commitsMs.push(tookMs);
  };
  return [kind, new Pace(randomOf(1, "primitives", kind), over)] as const;
});

function takeTally(): Tally {
  const said: Tally = { done: { ...done, ask: done.ask + threads.takeAsked() }, commitsMs };
  done = nothing();
  commitsMs = [];
  return said;
}

/** Does this from now on. */
function switchTo(next: Doing): void {
  doing = next;
  const { ask = 0 } = doing.rates;
  threads.ask(doing.spread ? ask : 0, doing.conversationBytes);
  for (const [kind, pace] of paces)
    pace.set(kind === "ask" && doing.spread ? 0 : (doing.rates[kind] ?? 0), workOf(kind));
}

async function sayPieces(listener: Listener | undefined): Promise<void> {
  if (doing.piecesFromThreads) return threads.post(doing.pieces, listener);
  for (let n = 0; n < doing.pieces; n++) {
    await delay(PIECE_GAP_MS);
    listener?.token(1, ` word${n}`);
  }
}

const agent: Agent = {
  async runTurn(session, _turn, input, listener) {
    if (session === SWITCH_SESSION) {
      if (input !== "") switchTo(JSON.parse(input) as Doing);
      return { output: JSON.stringify(takeTally()) };
    }
    await sayPieces(listener);
    return { output: TEXT };
  },
};
await serve({ runtime: "primitives", version: process.version, agent });
