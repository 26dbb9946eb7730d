/** A worker thread: the actors pinned to it, their supervisor, and the line to the main thread. */
import { parentPort } from "node:worker_threads";
import type { Child } from "../kit/typescript/tools.ts";
import { DEFAULT_INTENSITY } from "./restart-intensity.ts";
import { Supervisor, startSessions } from "./supervisor.ts";
import { ThreadLink } from "./thread-link.ts";

const port = parentPort;
if (port === null) throw new Error("worker.ts runs as a worker thread of server.ts");

const link = new ThreadLink(
  (message) => port.postMessage(message),
  async (request, listener) => {
    if (request.ask === "read") return { turns: supervisor.read(request.session) };
    return { result: await supervisor.runTurn(request.session, request.turn, request.input, listener) };
  },
);

/** A child may be pinned to another worker, so the main thread is asked to run it. */
async function spawnChild({ session, input }: Child): Promise<string> {
  const reply = await link.ask({ ask: "turn", session, turn: "1", input });
  if (!("result" in reply)) throw new Error(`child ${session} was not run`);
  if ("failed" in reply.result) throw new Error(`child ${session}: ${reply.result.failed.message}`);
  return reply.result.output;
}

const supervisor = new Supervisor({
  start: startSessions(spawnChild),
  limit: DEFAULT_INTENSITY,
  now: () => performance.now(),
});

port.on("message", (message) => void link.receive(message));
