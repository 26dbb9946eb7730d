/**
 * The scripted servers as a process of their own, on the runtime's cores, where a runtime would be. It does what `react` says at
 * the instant it says, and records when it really did.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, trialClock } from "../../clock.ts";
import { nodeWake, Schedule } from "../../driver/schedule.ts";
import { turnKey } from "../known-server.ts";
import { scriptedServerOf } from "../servers/index.ts";
import type { FromServers, Served, ToServers } from "./protocol.ts";
import { watchStalls } from "./stalls.ts";

const ANSWER = JSON.stringify({ output: "fine" });

class ScriptedServers {
  readonly #clock: Clock;
  readonly #schedule: Schedule;
  readonly #stalls: ReturnType<typeof watchStalls>;
  readonly #served: Served[] = [];
  readonly #attempts = new Map<string, number>();
  startsMs: Readonly<Record<string, number>> = {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#schedule = new Schedule(clock, nodeWake, () => undefined);
    this.#stalls = watchStalls(clock);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const arrivedMs = this.#clock();
    request.resume();
    const [, session = "", turnText = ""] = /^\/sessions\/([^/]+)\/turns\/(\d+)$/.exec(request.url ?? "") ?? [];
    const server = scriptedServerOf(session);
    if (server === undefined) {
      response.writeHead(404).end();
      return;
    }
    const turn = Number(turnText);
    const key = turnKey(session, turn);
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    const startMs = this.startsMs[server.name] ?? 0;
    const { does, atMs } = server.react({ session, turn, attempt, arrivedMs: arrivedMs - startMs });
    this.#schedule.at(startMs + atMs, () => {
      if (does === "reset") request.socket.resetAndDestroy();
      else response.writeHead(200, { "content-type": "application/json", "content-length": ANSWER.length }).end(ANSWER);
      this.#served.push({ session, turn, attempt, arrivedMs, endedMs: this.#clock() });
    });
  }

  stop(): Extract<FromServers, { type: "stopped" }> {
    return { type: "stopped", served: this.#served, stalls: this.#stalls.stop() };
  }
}

let servers: ScriptedServers | null = null;

function post(message: FromServers): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function fail(error: unknown): void {
  post({ type: "failed", reason: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}

function listen(zeroMs: number): void {
  const running = new ScriptedServers(trialClock(zeroMs));
  servers = running;
  const http = createServer((request, response) => running.handle(request, response));
  http.on("error", fail);
  http.listen(0, "127.0.0.1", () => post({ type: "listening", port: (http.address() as AddressInfo).port }));
}

process.on("message", (message: ToServers) => {
  if (message.type === "settings") listen(message.zeroMs);
  else if (message.type === "begin" && servers !== null) servers.startsMs = message.startsMs;
  else if (message.type === "stop" && servers !== null) post(servers.stop());
});
process.on("disconnect", () => process.exit());
process.on("uncaughtException", fail);

if (!process.connected) {
  process.stderr.write("The scripted servers are started by a calibration, over an IPC channel.\n");
  process.exitCode = 2;
}
