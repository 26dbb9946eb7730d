/**
 * A process before a runtime that makes it slower by a known factor: each answer to a turn waits as long again as STRETCH says of what the turn
 * took beyond its script. For planting regressions; whoever is not to be slowed stands behind one with STRETCH 1.
 *
 * Environment: PORT_HTTP, BACKEND_PORT, STRETCH (1.1 for a tenth more), FLOOR_MS (length of the script), STRETCH_LOG (file that gets one line of JSON
 * per process and second: heldMs, what turns took beyond their script, and addedMs, what was really added to it, both summed since the start).
 */
import { writeFileSync } from "node:fs";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

/** Timers keep whole milliseconds and may be late by one; the rest is waited for turn by turn of the loop. */
const TIMER_SLACK_MS = 2;

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set.`);
  return value;
};
const port = Number(setting("PORT_HTTP"));
const backend = Number(setting("BACKEND_PORT"));
const stretch = Number(setting("STRETCH"));
const floorMs = Number(setting("FLOOR_MS"));
const log = setting("STRETCH_LOG");

const agent = new Agent({ keepAlive: true });
let heldMs = 0;
let addedMs = 0;

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The answer of the runtime behind. */
async function forward({ method, url, headers }: IncomingMessage, body: Buffer) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port: backend, agent, method, path: url, headers }, resolve);
    asked.once("error", reject);
    asked.end(body);
  });
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: await bodyOf(answer) };
}

/** Waits until an instant of `performance.now()`, to a fraction of a millisecond. */
async function until(dueMs: number): Promise<void> {
  const leftMs = dueMs - performance.now() - TIMER_SLACK_MS;
  if (leftMs >= 1) await sleep(leftMs);
  while (performance.now() < dueMs) await nextTurn();
}

async function pass(asked: IncomingMessage, response: ServerResponse): Promise<void> {
  const startMs = performance.now();
  const answer = await forward(asked, await bodyOf(asked));
  const endMs = performance.now();
  const beyondMs = endMs - startMs - floorMs;
  // Short turns that open a conversation, and reads, have another script or none.
  if (asked.method === "PUT" && answer.status === 200 && beyondMs > 0) {
    await until(endMs + (stretch - 1) * beyondMs);
    heldMs += beyondMs;
    addedMs += stretch === 1 ? 0 : performance.now() - endMs;
  }
  response.writeHead(answer.status, answer.headers).end(answer.body);
}

const server = createServer((asked, response) => {
  // Whatever breaks breaks the client's connection: nobody knows how the turn stands.
  pass(asked, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 0;
server.listen({ port, host: "127.0.0.1", backlog: 4096 });
setInterval(() => writeFileSync(`${log}.${process.pid}`, `${JSON.stringify({ heldMs, addedMs })}\n`), 1_000).unref();
process.once("SIGTERM", () => process.exit());
