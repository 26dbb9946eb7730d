/** The durable runner on a real Postgres: killed between its steps, doubled, crashed and cut off from its database. */
import { join } from "node:path";
import { Client, type QueryResultRow } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type PostgresCluster, preparePostgres } from "../../harness/postgres/postgres.ts";
import type { MarkedDirectory } from "../../harness/processes/marked-directory.ts";
import { Watchdog } from "../../harness/processes/watchdog.ts";
import { Store, Superseded } from "../../runners/durable/store.ts";
import type { Message } from "../../runners/kit/typescript/messages.ts";
import {
  type Reply,
  type ScriptedWorld,
  startWorld,
  type ToolRequest,
} from "../../runners/kit/typescript/scripted-world.ts";
import { type RunnerProcess, startRunner } from "./runner-process.ts";

const WAIT_MS = 10_000;

let watchdog: Watchdog;
let directory: MarkedDirectory;
let postgres: PostgresCluster;
beforeAll(async () => {
  watchdog = await Watchdog.start();
  directory = watchdog.createDirectory();
  const source = await preparePostgres("embedded", watchdog);
  postgres = await source.start({ directory: directory.path, logFile: join(directory.path, "log"), cores: null });
}, 60_000);
afterAll(async () => {
  await postgres.stop();
  watchdog.removeDirectory(directory);
  await watchdog.stop();
});

let world: ScriptedWorld;
let session: string;
let sessions = 0;
const running: RunnerProcess[] = [];
beforeEach(async () => {
  world = await startWorld();
  session = `s${++sessions}`;
});
afterEach(async () => {
  for (const runner of running.splice(0)) await runner.kill();
  await world.close();
});

async function start(env: Readonly<Record<string, string>> = {}, untilReady = true): Promise<RunnerProcess> {
  const surroundings = { MODEL_URL: world.modelUrl, TOOLS_URL: world.toolsUrl, DATABASE_URL: postgres.url };
  const runner = await startRunner("durable", { ...surroundings, ...env }, untilReady);
  running.push(runner);
  return runner;
}

/** A turn of which nobody expects an answer any more. */
const forgotten = (turn: Promise<unknown>): void => void Promise.allSettled([turn]);
const never = new Promise<never>(() => undefined);

/** What the model is asked: the input of the newest turn, and its step, from 1. */
function askedFor(messages: readonly Message[]): { readonly input: string; readonly step: number } {
  const newest = messages.findLastIndex(({ role }) => role === "user");
  const answers = messages.slice(newest).filter(({ role }) => role === "assistant");
  return { input: messages[newest]?.content ?? "", step: answers.length + 1 };
}
const stepsAsked = (): number[] => world.asked.map((messages) => askedFor(messages).step);
const stepAsked = (step: number) => vi.waitFor(() => expect(stepsAsked()).toContain(step), WAIT_MS);
const uses = (tool: string): ToolRequest[] => world.toolRequests.filter(({ name }) => name === tool);
const answering = (messages: readonly Message[]): Reply => ({ text: `answer to ${askedFor(messages).input}` });

/** The model of most tests: look and pay in parallel, then answer. */
function payAndLook(messages: readonly Message[]): Reply {
  if (askedFor(messages).step > 1) return answering(messages);
  return {
    calls: [
      ["look", {}],
      ["pay", { amount: 1 }],
    ],
  };
}

/** A model that asks for one call, then says something. */
const callThenSay =
  (call: readonly [string, unknown], text: string) =>
  (messages: readonly Message[]): Reply =>
    askedFor(messages).step === 1 ? { calls: [call] } : { text };

describe("durable, killed without notice", () => {
  it("keeps what it acknowledged, answers it with the same bytes, and shows it to the model", async () => {
    world.model = answering;
    const odd = "two \u0000 \ud800 ü"; // no string that Postgres can hold
    const first = await start();
    const acknowledged = [await first.turn(session, 1, "one"), await first.turn(session, 2, odd)];
    await first.kill();
    const second = await start();
    expect([await second.turn(session, 1, "one"), await second.turn(session, 2, odd)]).toEqual(acknowledged);
    await second.turn(session, 3, "three");
    const shown = world.asked.at(-1)?.map(({ content }) => content);
    expect(shown).toEqual(["one", "answer to one", odd, `answer to ${odd}`, "three"]);
    const outputs = ["one", odd, "three"].map((input, n) => ({
      turn: String(n + 1),
      input,
      output: `answer to ${input}`,
    }));
    expect(JSON.parse((await second.read(session)).text)).toEqual({ turns: outputs });
    expect(world.asked).toHaveLength(3);
  });

  it("goes on unasked where a tool ran: buys nothing again and sends the same key under a higher fence", async () => {
    world.model = payAndLook;
    world.tool = ({ name }) => (name === "pay" ? never : [200, "seen"]);
    const first = await start();
    forgotten(first.turn(session, 1, "buy"));
    await vi.waitFor(() => expect(journaled(session)).resolves.toBe(3), WAIT_MS);
    await first.kill();
    world.tool = () => [200, "paid"];
    const second = await start();
    await stepAsked(2);
    expect(stepsAsked()).toEqual([1, 2]);
    expect(uses("look")).toHaveLength(1);
    const [before, after] = uses("pay");
    expect(before?.headers["idempotency-key"]).toBe(`${session}/1/1/1`);
    expect(after?.headers["idempotency-key"]).toBe(`${session}/1/1/1`);
    expect([before?.headers.fence, after?.headers.fence]).toEqual(["1", "2"]);
    expect(await second.turn(session, 1, "buy")).toEqual({ status: 200, text: '{"output":"answer to buy"}' });
  });

  it("asks only for the completion that it had not read, and uses no tool twice", async () => {
    world.model = (messages) => (askedFor(messages).step === 2 ? never : payAndLook(messages));
    const first = await start();
    forgotten(first.turn(session, 1, "buy"));
    await stepAsked(2);
    await first.kill();
    world.model = payAndLook;
    const second = await start();
    expect((await second.turn(session, 1, "buy")).text).toBe('{"output":"answer to buy"}');
    expect(stepsAsked()).toEqual([1, 2, 2]);
    expect(world.toolRequests.map(({ name }) => name).sort()).toEqual(["look", "pay"]);
  });

  it("gives a turn up that ends its process again and again", async () => {
    world.model = callThenSay(["crash", { how: "unit", when: "now" }], "survived");
    world.tool = () => [200, '{"die":"unit"}'];
    for (let death = 0; death < 3; death++) {
      // From the second start on the interrupted turn resumes at once and may end the process before it is ready.
      const runner = await start({ MOST_RESUMPTIONS: "2" }, death === 0);
      if (death === 0) forgotten(runner.turn(session, 1, "die"));
      expect(await runner.ended).toBe(1);
    }
    const last = await start({ MOST_RESUMPTIONS: "2" });
    expect((await last.turn(session, 1, "die")).text).toContain('"code":"gave_up"');
    world.model = () => ({ text: "fine" });
    expect((await last.turn(session, 2, "go on")).text).toBe('{"output":"fine"}');
  });
});

describe("durable, in two processes", () => {
  it("lets the newer owner win: the older one answers 500 and leaves nothing", async () => {
    const answerLate = holdModel();
    const older = await start({ REPLICA: "1" });
    const superseded = older.turn(session, 1, "who");
    await stepAsked(1);
    world.model = () => ({ text: "the newer" });
    const newer = await start({ REPLICA: "2" });
    expect((await newer.turn(session, 1, "who")).text).toBe('{"output":"the newer"}');
    answerLate("the older");
    expect((await superseded).status).toBe(500);
    expect((await older.read(session)).text).toContain("the newer");
    expect((await older.turn(session, 1, "who")).text).toBe('{"output":"the newer"}');
  });

  it("a second replica leaves the running turns of the first alone", async () => {
    world.model = () => never;
    const first = await start({ REPLICA: "1" });
    forgotten(first.turn(session, 1, "wait"));
    await stepAsked(1);
    world.model = () => ({ text: "unrelated" });
    const second = await start({ REPLICA: "2" });
    expect((await second.turn(`${session}b`, 1, "other")).status).toBe(200);
    await vi.waitFor(() => expect(second.log()).toContain("sessions with an interrupted turn: 0"), WAIT_MS);
  });

  it("never keeps a write of the old owner that the new one did not read", async () => {
    const [older, newer] = [new Store(postgres.url, "a"), new Store(postgres.url, "b")];
    await older.setUp();
    const write = (id: string, turn: string, seq: number, epoch: number): Promise<string> =>
      older.commit({ session: id, turn, epoch, begins: { seq } }).then(
        () => "kept",
        (error: unknown) => (error instanceof Superseded ? "refused" : String(error)),
      );
    const contest = async (id: string): Promise<string> => {
      const epoch = await older.own(id);
      const during = write(id, "1", 1, epoch);
      await newer.own(id);
      const read = (await newer.load(id)).length === 1 ? "read" : "not read";
      return `${await during}, ${read}; later ${await write(id, "2", 2, epoch)}`;
    };
    const outcomes = await Promise.all(Array.from({ length: 400 }, (_, n) => contest(`${session}x${n}`)));
    const allowed = ["kept, read; later refused", "refused, not read; later refused"];
    expect(outcomes.filter((outcome) => !allowed.includes(outcome))).toEqual([]);
    await Promise.all([older.close(), newer.close()]);
  });
});

describe("durable, when something in it or below it breaks", () => {
  it("answers 500 for a turn that throws, spares its neighbour, and finishes the turn unasked", async () => {
    let leave = '{"die":"throw"}';
    const crashing = callThenSay(["crash", { how: "throw", when: "now" }], "after the crash");
    world.model = (messages) => (askedFor(messages).input === "crash" ? crashing(messages) : { text: "neighbour" });
    world.tool = () => [200, leave];
    const runner = await start();
    const broken = await runner.turn(session, 1, "crash");
    leave = '{"die":false}';
    expect(broken.status).toBe(500);
    expect((await runner.turn(`${session}b`, 1, "hello")).status).toBe(200);
    await stepAsked(2);
    await vi.waitFor(async () => expect((await runner.read(session)).text).toContain("after the crash"), WAIT_MS);
    expect(stepsAsked()).toEqual([1, 1, 2]);
  });

  it("asks for leave at load where a crash is stored, and serves when spared", async () => {
    const crash = { how: "throw", when: "load" };
    world.model = callThenSay(["crash", crash], "stored");
    const first = await start();
    expect((await first.turn(session, 1, "store")).text).toBe('{"output":"stored"}');
    expect(world.toolRequests).toHaveLength(0);
    await first.kill();
    const leaves = ['{"die":"throw"}', '{"die":false}'];
    world.tool = () => [200, leaves.shift() ?? ""];
    const second = await start();
    expect((await second.turn(session, 2, "load")).status).toBe(500);
    await vi.waitFor(async () => expect((await second.turn(session, 2, "load")).status).toBe(200), WAIT_MS);
    expect(uses("crash").map(({ body }) => JSON.parse(body))).toEqual([crash, crash]);
  });

  it("survives the loss of its connections: the turn in flight is answered or unknown, and then answered", async () => {
    const answer = holdModel();
    const runner = await start();
    const turn = runner.turn(session, 1, "hello");
    await stepAsked(1);
    await cutConnections();
    answer("after the loss");
    expect([200, 500]).toContain((await turn).status);
    const whole = { status: 200, text: '{"output":"after the loss"}' };
    await vi.waitFor(async () => expect(await runner.turn(session, 1, "hello")).toEqual(whole), WAIT_MS);
  });

  it("answers 500, never 503, for a turn whose commit fails, and finishes it unasked when the database works again", async () => {
    const answer = holdModel();
    const runner = await start();
    const turn = runner.turn(session, 1, "hello");
    await stepAsked(1);
    await query("ALTER TABLE journal RENAME TO journal_away");
    answer("lost");
    expect((await turn).status).toBe(500);
    expect((await runner.read(session)).status).toBe(503);
    world.model = () => ({ text: "bought again" });
    await query("ALTER TABLE journal_away RENAME TO journal");
    await vi.waitFor(async () => expect((await runner.read(session)).text).toContain("bought again"), WAIT_MS);
  });
});

/** Makes the model wait; the function that is returned lets it answer. */
function holdModel(): (text: string) => void {
  const held = Promise.withResolvers<Reply>();
  world.model = () => held.promise;
  return (text) => held.resolve({ text });
}

/** Asks the database on a connection of its own. */
async function query<Row extends QueryResultRow>(sql: string, values: readonly string[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** Rows in the journal of a session. */
async function journaled(id: string): Promise<number> {
  const [row] = await query<{ n: number }>("SELECT count(*)::int AS n FROM journal WHERE session = $1", [id]);
  return row?.n ?? 0;
}

async function cutConnections(): Promise<void> {
  await query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
  );
}
