/** A runner's process as tests need it: started with a World, killed without notice, asked over HTTP. It ends with its test. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const READY_LIMIT_MS = 15_000;

export interface Reply {
  readonly status: number;
  /** The body, byte for byte. */
  readonly text: string;
}

export interface RunnerProcess {
  /** Where it takes turns. */
  readonly url: string;
  /** Runs a turn; rejects if the connection broke. */
  turn(session: string, turn: number, input: string): Promise<Reply>;
  read(session: string): Promise<Reply>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Resolves when the process ended by itself. */
  readonly ended: Promise<number | null>;
  /** What it wrote to stdout and stderr. */
  readonly log: () => string;
}

/**
 * Starts `runners/<name>/server.ts` and resolves when it is ready.
 * @param untilReady false: resolves at once, for a process that may well die before it is ready
 */
export async function startRunner(
  name: string,
  env: Readonly<Record<string, string>>,
  untilReady = true,
): Promise<RunnerProcess> {
  const port = await freePort();
  const child = spawn(process.execPath, ["server.ts"], {
    cwd: fileURLToPath(new URL(`../../runners/${name}/`, import.meta.url)),
    env: { PATH: process.env.PATH, CPUS: "2", MEMORY_MB: "512", PORT_HTTP: String(port), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (log += String(data)));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const base = `http://127.0.0.1:${port}`;
  if (untilReady) await ready(child, base, () => log);
  return {
    url: base,
    turn: (session, turn, input) => put(`${base}/sessions/${session}/turns/${turn}`, input),
    read: async (session) => {
      const response = await fetch(`${base}/sessions/${session}`);
      return { status: response.status, text: await response.text() };
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    ended,
    log: () => log,
  };
}

async function put(url: string, input: string): Promise<Reply> {
  const response = await fetch(url, { method: "PUT", body: JSON.stringify({ input }) });
  return { status: response.status, text: await response.text() };
}

async function ready(child: ChildProcess, base: string, log: () => string): Promise<void> {
  const limit = performance.now() + READY_LIMIT_MS;
  while (performance.now() < limit && child.exitCode === null) {
    const [answer] = await Promise.allSettled([fetch(`${base}/healthz`)]);
    if (answer.status === "fulfilled" && answer.value.ok) return;
    await sleep(20);
  }
  child.kill("SIGKILL");
  throw new Error(`the runner did not become ready:\n${log()}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
