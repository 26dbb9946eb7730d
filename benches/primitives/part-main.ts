/**
 * A process that does one part of a turn and nothing else, at the pace of a trial. It is started, observed and pinned as a runtime is, so
 * that what it uses above an empty one is that part. Turns that come in are answered at once.
 */
import { setTimeout as delay } from "node:timers/promises";
import { isMainThread, parentPort, threadId, Worker, workerData } from "node:worker_threads";
import { Pool } from "pg";
import { monotonicMs } from "../../harness/clock.ts";
import { entryPoint } from "../../harness/processes/entry.ts";
import { randomOf } from "../../harness/random.ts";
import { type Agent, serve } from "../../runners/kit/typescript/front.ts";
import { askModel } from "../../runners/kit/typescript/model.ts";
import { crashOfProcess, runTool } from "../../runners/kit/typescript/tools.ts";
import { JOB_VARIABLE, type PartJob, TALLY_SESSION, type Tally } from "./job.ts";

const POOL_SIZE = 6;
/** As fast as the model of a trial says them. */
const TOKEN_GAP_MS = 20;
/** As long as the answers and inputs of a trial. */
const TEXT = "please check the status of my order again today, and tell me what you have found about it ";

const job = (isMainThread ? JSON.parse(process.env[JOB_VARIABLE] ?? "{}") : workerData) as PartJob;
let tally: { done: number; tookMs: number[] } = { done: 0, tookMs: [] };

/** A conversation of about so many bytes, in messages of ordinary length. */
function conversationOf(bytes: number): { role: "user"; content: string }[] {
  const count = Math.max(1, Math.round(bytes / (TEXT.length + '{"role":"user","content":""},'.length)));
  return Array.from({ length: count }, () => ({ role: "user", content: TEXT }));
}

function note(tookMs: number): void {
  tally.done++;
  tally.tookMs.push(tookMs);
}

/** The same work on several threads, as runtimes with a pool of them do it. */
function spreading(): void {
  const share = { ...job, perSecond: job.perSecond / job.threads, threads: 0, spread: false };
  for (let n = 0; n < job.threads; n++)
    new Worker(entryPoint(import.meta.url, "./part-main"), { workerData: share }).on("message", note);
}

/** Echoing threads, each asked in turn. */
function posting(): () => Promise<unknown> {
  const waiting: (() => void)[] = [];
  const workers = Array.from({ length: job.threads }, () => {
    const worker = new Worker(entryPoint(import.meta.url, "./echo-main"));
    worker.on("message", () => waiting.shift()?.());
    return worker;
  });
  let next = 0;
  return () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    const question = { ask: "turn", session: "a3f", turn: String(next), input: TEXT };
    workers[next++ % workers.length]?.postMessage({ number: next, question });
    return promise;
  };
}

/** A row for a key that is new, from JSON, as those write who keep a journal. */
async function committing(): Promise<() => Promise<unknown>> {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: POOL_SIZE, idleTimeoutMillis: 0 });
  await pool.query('CREATE TABLE kept (id text COLLATE "C" PRIMARY KEY, message json NOT NULL)');
  let next = 0;
  const text = `INSERT INTO kept (id, message) SELECT id, message::json
FROM json_to_recordset($1::json) AS rows (id text, message text) RETURNING id`;
  return () => {
    const rows = Array.from({ length: job.rows }, () => ({
      id: `s${++next}`,
      message: JSON.stringify({ role: "assistant", content: TEXT }),
    }));
    return pool.query({ name: "keep", text, values: [JSON.stringify(rows)] });
  };
}

async function workOf(): Promise<(() => Promise<unknown>) | null> {
  const conversation = conversationOf(job.conversationBytes);
  const call = {
    id: "c1",
    type: "function",
    function: { name: "save_note", arguments: JSON.stringify({ note: TEXT }) },
  } as const;
  const context = { session: "a3f", holder: {}, crash: crashOfProcess };
  if (job.does === "ask") return () => askModel(conversation);
  if (job.does === "tool") return () => runTool(call, context);
  if (job.does === "commit") return committing();
  // Threads are there even where nobody posts to them: what they cost is a part of its own.
  const post = posting();
  if (job.does === "post") return post;
  return job.does === "tick" ? async () => undefined : null;
}

/** Begins one after the other at random instants (a Poisson process), whatever becomes of those before. */
function pace(work: () => Promise<unknown>): void {
  const random = randomOf(1, "primitives", job.does, threadId);
  let dueMs = monotonicMs();
  const begin = (): void => {
    const fromMs = monotonicMs();
    void work().then(() => {
      const tookMs = monotonicMs() - fromMs;
      if (isMainThread) note(tookMs);
      else parentPort?.postMessage(tookMs);
    });
  };
  const plan = (): void => {
    dueMs += (-Math.log(1 - random()) * 1000) / job.perSecond;
    setTimeout(
      () => {
        begin();
        plan();
      },
      Math.max(0, dueMs - monotonicMs()),
    );
  };
  plan();
}

const agent: Agent = {
  async runTurn(session, _turn, _input, listener) {
    for (let n = 0; listener !== undefined && n < job.tokensOut; n++) {
      await delay(TOKEN_GAP_MS);
      listener.token(1, ` word${n}`);
    }
    if (session !== TALLY_SESSION) return { output: TEXT };
    const said: Tally = tally;
    tally = { done: 0, tookMs: [] };
    return { output: JSON.stringify(said) };
  },
};
if (job.spread === true) spreading();
const work = job.spread === true ? null : await workOf();
if (isMainThread) await serve({ runtime: "primitives", version: process.version, agent });
if (work !== null) pace(work);
