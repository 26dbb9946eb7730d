/** `chat RUNNER`: one session by hand. Each line becomes a turn; shown are the answer, the calls behind it and the time. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { monotonicMs } from "../harness/clock.ts";
import type { Client } from "../harness/driver/client.ts";
import type { Outcome } from "../harness/driver/mapping.ts";
import type { WorldEvent } from "../harness/history.ts";
import { readEvents } from "../harness/history-file.ts";
import { writeMarker } from "../harness/identity.ts";
import type { PostgresCluster } from "../harness/postgres/postgres.ts";
import type { Mapping, Runner } from "../harness/runner.ts";
import { duration } from "../reports/format.ts";
import type { WorldByHand } from "./by-hand.ts";
import { EXIT } from "./exit-codes.ts";
import { listenForInterrupt } from "./interrupt.ts";

const SESSION = "hand";
const TURN_LIMIT_MS = 120_000;
const MEMORY_MB = 512;
/** A history is written in blocks; its last events are on disk within this time. */
const HISTORY_WITHIN_MS = 400;

/** What the World saw of one turn, in words: "2 model calls (57 tokens), save_note". */
export function callsOf(events: readonly WorldEvent[], turn: number): string {
  const ofTurn = events.filter((event) => "n" in event && event.n === turn);
  const asked = ofTurn.filter(({ e }) => e === "ask").length;
  const tokens = ofTurn.reduce((sum, event) => (event.e === "said" ? sum + event.tokens : sum), 0);
  const tools = ofTurn.flatMap((event) =>
    event.e === "tool" ? [event.name] : event.e === "local" ? [event.tool] : [],
  );
  return [`${asked} model calls (${tokens} tokens)`, ...tools].join(", ");
}

function answerOf(outcome: Outcome): string {
  if (outcome.kind === "ok") return outcome.output;
  if (outcome.kind === "failed") return `The turn failed for good: ${outcome.code}.`;
  return `${outcome.kind === "fail" ? "Not accepted" : "Nobody knows how it ended"}: ${outcome.why}.`;
}

interface Conversation {
  readonly client: Client;
  readonly mapping: Mapping;
  readonly historyFile: string;
}

/** Offers one turn and says how it went. */
async function say(line: string, turn: number, { client, mapping, historyFile }: Conversation): Promise<string> {
  const { outcomeOf, turnRequest } = await import("../harness/driver/mapping.ts");
  const input = `${writeMarker({ session: SESSION, turn, step: 0, call: 0, purchase: 0 })} ${line}`;
  const beganMs = monotonicMs();
  const outcome = await new Promise<Outcome>((resolve) => {
    client.attempt(
      turnRequest(mapping, { session: SESSION, turn: String(turn), input }),
      TURN_LIMIT_MS,
      true,
      (attempt) =>
        resolve(
          attempt.kind === "answered" ? outcomeOf(mapping, attempt.response) : { kind: "info", why: attempt.why },
        ),
    );
  });
  const tookMs = monotonicMs() - beganMs;
  await delay(HISTORY_WITHIN_MS);
  return `${answerOf(outcome)}\n  ${duration(tookMs)}, ${callsOf(readEvents<WorldEvent>(historyFile), turn)}`;
}

/** Reads lines until the input ends or the caller stops. */
async function talk(conversation: Conversation, signal: AbortSignal): Promise<void> {
  const prompt = (): void => {
    if (process.stdin.isTTY) process.stderr.write("> ");
  };
  let turn = 0;
  prompt();
  for await (const line of createInterface({ input: process.stdin, signal })) {
    if (line.trim() !== "") process.stdout.write(`${await say(line, ++turn, conversation)}\n`);
    if (signal.aborted) break;
    prompt();
  }
}

async function startRuntime(runner: Runner, world: WorldByHand, databaseUrl: string | null) {
  const { RuntimeProcesses } = await import("../harness/processes/runtime.ts");
  const [dataDir, logFolder] = [join(world.folder, "data"), join(world.folder, "logs")];
  for (const folder of [dataDir, logFolder]) mkdirSync(folder);
  const runtime = await RuntimeProcesses.prepare({
    runner,
    dataDir,
    logFolder,
    databaseUrl,
    worldPort: world.port,
    memoryMb: MEMORY_MB,
    cores: null,
    watchdog: world.watchdog,
    report: () => undefined,
    gaveUp: (reason) => process.stderr.write(`${reason}\n`),
  });
  await runtime.start();
  return runtime;
}

/** A database for runners that need one; embedded, since nothing here is measured. */
async function startDatabase(runner: Runner, world: WorldByHand): Promise<PostgresCluster | null> {
  if (runner.needs?.includes("postgres") !== true) return null;
  const { preparePostgres } = await import("../harness/postgres/postgres.ts");
  const source = await preparePostgres("embedded", world.watchdog);
  return source.start({ directory: world.folder, logFile: join(world.folder, "postgres.log"), cores: null });
}

async function chatWith(runner: Runner, seed: string): Promise<void> {
  const { startWorld } = await import("./by-hand.ts");
  const { createClient } = await import("../harness/driver/client.ts");
  const { CONTRACT_MAPPING, resolveMapping } = await import("../harness/driver/mapping.ts");
  const mapping = resolveMapping(runner.turn ?? CONTRACT_MAPPING, process.env);
  const interrupt = listenForInterrupt(() => undefined);
  const world = await startWorld(0, seed, MEMORY_MB);
  // Undone last first, on every way out.
  const endings: (() => Promise<unknown> | unknown)[] = [interrupt.dispose, world.stop];
  try {
    const database = await startDatabase(runner, world);
    if (database !== null) endings.push(database.stop);
    const runtime = await startRuntime(runner, world, database?.url ?? null);
    endings.push(() => runtime.stop("order"));
    const client = createClient(runtime.baseUrl, monotonicMs, (why) => process.stderr.write(`${why}\n`));
    endings.push(client.close);
    interrupt.signal.addEventListener("abort", client.close); // a turn under way is given up
    process.stderr.write(`${runner.name} is ready. Each line becomes a turn; Ctrl-D ends.\n`);
    await talk({ client, mapping, historyFile: world.historyFile }, interrupt.signal);
    if (interrupt.signal.aborted) process.exitCode = EXIT.interrupted;
  } finally {
    for (const ending of endings.toReversed()) await ending();
  }
}

export function addChatCommand(program: Command): void {
  program
    .command("chat")
    .description("talk to one session of a runner by hand; lines may also come from a pipe")
    .argument("<runner>", "name, name:variant, or a path to its folder")
    .option("--seed <text>", "seed of what the model answers", "1")
    .action(async (name: string, { seed }: { readonly seed: string }) => {
      const { resolveRunner } = await import("../harness/runner-check.ts");
      const { requireInstalled } = await import("../harness/installed.ts");
      const runner = resolveRunner(name);
      await requireInstalled([runner]);
      await chatWith(runner, seed);
    });
}
