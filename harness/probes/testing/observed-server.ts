/**
 * A plain HTTP server as an observed process, with and without stalls that are made by somebody the probes do not know. For the
 * probes' test and bench.
 */
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { monotonicMs } from "../../clock.ts";
import type { ObservedEvent } from "../../observation.ts";
import { type Child, childEnvironment, endChild, runChild, startChild } from "../../processes/child.ts";
import type { CorePlan } from "../../processes/cores.ts";
import { entryPoint } from "../../processes/entry.ts";
import { takePorts } from "../../processes/ports.ts";
import { Observation } from "../../record/observation.ts";

/** Ends with whoever started it, however that ends. */
const SERVER = `
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(), 1000);
  require("node:http").createServer((_, response) => response.end("fine")).listen(process.env.PORT, "127.0.0.1");
`;
const READY_WITHIN_MS = 10_000;

/** A span on CLOCK_MONOTONIC in milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A running server; `observation` is null where it is left alone. Nobody looks before its `stop`: the pipe holds a minute of beats. */
export interface ObservedServer {
  readonly child: Child;
  readonly port: number;
  readonly folder: string;
  readonly observation: Observation | null;
  end(): Promise<void>;
}

/** Asks the server once. Resolves when the answer has ended; rejects when there was none. */
export function askServer(port: number): Promise<void> {
  return new Promise((done, failed) => {
    request({ port, host: "127.0.0.1" }, (response) => response.resume().on("end", done))
      .on("error", failed)
      .end();
  });
}

async function untilAnswered(port: number): Promise<void> {
  for (const endMs = monotonicMs() + READY_WITHIN_MS; ; ) {
    try {
      return await askServer(port);
    } catch (error) {
      if (monotonicMs() > endMs) throw error;
      await new Promise((later) => setTimeout(later, 20));
    }
  }
}

/** Starts the server in an empty folder, under observation or not, and waits until it answers. */
export async function startServer(folder: string, cores: CorePlan | null, observed: boolean): Promise<ObservedServer> {
  const observation = observed ? new Observation("JavaScript", folder) : null;
  const [port = 0] = await takePorts(1);
  const child = await startChild({
    command: ["node", "-e", SERVER],
    cwd: folder,
    env: { ...childEnvironment(), ...observation?.environmentOf("server", 1), PORT: String(port) },
    logFile: join(folder, "server.log"),
    cores: cores?.runtime ?? null,
  });
  const end = async (): Promise<void> => {
    observation?.stop();
    await endChild(child, 0);
  };
  try {
    await untilAnswered(port);
  } catch (error) {
    await end();
    throw error;
  }
  return { child, port, folder, observation, end };
}

/** Has the server stalled `count` times; resolves with the stalls as made. */
export async function makeStalls(server: ObservedServer, seed: number, count: number): Promise<Span[]> {
  const file = join(server.folder, "stalls.ndjson");
  const stopper = entryPoint(import.meta.url, "./stopper");
  const args = [server.child.pid, seed, count].map(String);
  await runChild(
    {
      command: [process.execPath, stopper, ...args, file],
      cwd: server.folder,
      env: childEnvironment(),
      logFile: join(server.folder, "stopper.log"),
    },
    count * 600 + 10_000,
  );
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [fromMs, toMs] = JSON.parse(line) as [number, number];
    return { fromMs, toMs };
  });
}

/** How made and found stalls agree. */
export interface Agreement {
  readonly made: number;
  readonly found: number;
  readonly missed: readonly Span[];
  /** Found, but not made. */
  readonly unmade: readonly Span[];
  /** Found minus made, one for each stall that was found, in milliseconds. */
  readonly startErrorsMs: readonly number[];
  readonly lengthErrorsMs: readonly number[];
}

const commonMs = (a: Span, b: Span): number => Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs);

/**
 * Compares silences with the stalls that were made. A stall is found by a silence that covers at least half of it, so that one
 * that happens to be near does not pass for a find; a silence that touches no stall at all was not made.
 */
export function agreementOf(made: readonly Span[], events: readonly ObservedEvent[]): Agreement {
  const silences = events.flatMap((event) =>
    event.e === "silence" ? [{ fromMs: event.t, toMs: event.t + event.ms }] : [],
  );
  const pairs = made.map((stall) => ({
    stall,
    silence: silences.find((silence) => commonMs(stall, silence) >= (stall.toMs - stall.fromMs) / 2),
  }));
  const found = pairs.flatMap(({ stall, silence }) => (silence === undefined ? [] : [{ stall, silence }]));
  return {
    made: made.length,
    found: found.length,
    missed: pairs.flatMap(({ stall, silence }) => (silence === undefined ? [stall] : [])),
    unmade: silences.filter((silence) => !made.some((stall) => commonMs(stall, silence) > 0)),
    startErrorsMs: found.map(({ stall, silence }) => silence.fromMs - stall.fromMs),
    lengthErrorsMs: found.map(({ stall, silence }) => silence.toMs - silence.fromMs - (stall.toMs - stall.fromMs)),
  };
}
