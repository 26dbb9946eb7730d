/** A World in the test's own process, with quick scripts, and the few things that tests say to it. */
import { afterEach } from "vitest";
import { monotonicMs } from "../../clock.ts";
import type { WorldEvent } from "../../history.ts";
import { INPUT_KINDS, writeMarker } from "../../identity.ts";
import { constant } from "../../random.ts";
import type { Cohort, ModelStep, SessionScript, ToolCall, TurnScript } from "../../scenario.ts";
import type { WorldSettings } from "../protocol.ts";
import { startWorld, type World, type WorldHooks } from "../world.ts";

export const SEED = 7;

/** A model step with the given number of tokens, 1 ms apart. */
export function says(tokens: number, more: Partial<ModelStep> = {}): ModelStep {
  return { say: { firstTokenMs: constant(5), tokens: constant(tokens), tokensPerSecond: 1000 }, ...more };
}

/** A step that calls, the tool's behaviour if it is a remote one, and a last step. */
export function callThenAnswer(call: ToolCall, more: Partial<ModelStep> = {}): TurnScript {
  const behaviour = typeof call === "string" ? [{ tool: call, takesMs: constant(5), effect: "keyed" } as const] : [];
  return [says(2, { call, ...more }), ...behaviour, says(4)];
}

export function cohort(script: SessionScript): Cohort {
  const client = { timeoutMs: 1000, deadlineMs: 1000, retry: "never" } as const;
  return { sessions: 1, turns: 9, thinkMs: constant(0), script, client };
}

export interface TestWorld {
  readonly world: World;
  readonly events: WorldEvent[];
  /** Base address of the model, incarnation 3. */
  readonly modelUrl: string;
  readonly toolsUrl: string;
}

const running: World[] = [];
afterEach(async () => {
  for (const world of running.splice(0)) await world.stop();
});

/** Settings of a World that writes nothing and plays one script for everybody. */
export function settingsOf(script: SessionScript, more: Partial<WorldSettings> = {}): WorldSettings {
  return {
    type: "settings",
    seed: SEED,
    scenario: { cohorts: { everyone: cohort(script) } },
    sessions: {},
    defaultCohort: "everyone",
    memoryMb: 512,
    zeroMs: monotonicMs(),
    historyFile: null,
    histogramFile: null,
    port: 0,
    ...more,
  };
}

/** Starts a World that is stopped after the test. */
export async function testWorld(
  script: SessionScript,
  more: Partial<WorldSettings> = {},
  hooks: Pick<WorldHooks, "held"> = {},
): Promise<TestWorld> {
  const events: WorldEvent[] = [];
  const world = await startWorld(settingsOf(script, more), { ...hooks, event: (event) => events.push(event) });
  running.push(world);
  const base = `http://127.0.0.1:${world.port}/i/3`;
  return { world, events, modelUrl: `${base}/v1`, toolsUrl: `${base}/tools` };
}

/** Events of one kind. */
export function eventsOf<Kind extends WorldEvent["e"]>(
  { events }: TestWorld,
  kind: Kind,
): Extract<WorldEvent, { e: Kind }>[] {
  return events.filter((event): event is Extract<WorldEvent, { e: Kind }> => event.e === kind);
}

/** Waits until the World has noted so many events of a kind. */
export async function untilNoted<Kind extends WorldEvent["e"]>(
  world: TestWorld,
  kind: Kind,
  count = 1,
): Promise<Extract<WorldEvent, { e: Kind }>[]> {
  const deadline = performance.now() + 5000;
  while (eventsOf(world, kind).length < count) {
    if (performance.now() > deadline) throw new Error(`no ${count} events "${kind}" within 5 s`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return eventsOf(world, kind);
}

export interface ChatMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly tool_calls?: readonly { readonly id: string; readonly function: { name: string; arguments: string } }[];
  readonly tool_call_id?: string;
}

/** The input of a turn. */
export function input(session: string, turn: number, kind: keyof typeof INPUT_KINDS = "ordinary"): ChatMessage {
  const marker = writeMarker({ session, turn, step: 0, call: INPUT_KINDS[kind], purchase: 0 });
  return { role: "user", content: `${marker} how are you` };
}

interface Answer {
  readonly status: number;
  readonly message: ChatMessage;
  readonly error?: { readonly message: string; readonly code: string | null };
  readonly headers: Headers;
}

/** Asks without a stream. */
export function ask(world: TestWorld, ...messages: readonly ChatMessage[]): Promise<Answer> {
  return askWith(world, {}, ...messages);
}

/** Asks without a stream, with more members in the body. */
export async function askWith(
  { modelUrl }: TestWorld,
  more: Readonly<Record<string, unknown>>,
  ...messages: readonly ChatMessage[]
): Promise<Answer> {
  const response = await fetch(`${modelUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "any", messages, ...more }),
  });
  const body = (await response.json()) as {
    choices?: { message: ChatMessage }[];
    error?: { message: string; code: string | null };
  };
  return {
    status: response.status,
    message: body.choices?.[0]?.message ?? { role: "none" },
    ...(body.error === undefined ? {} : { error: body.error }),
    headers: response.headers,
  };
}

/** Tool messages that give these results to the calls of a message. */
export function resultsFor(message: ChatMessage, ...results: readonly string[]): ChatMessage[] {
  return (message.tool_calls ?? []).map(({ id }, index) => ({
    role: "tool",
    tool_call_id: id,
    content: results[index] ?? "fine",
  }));
}

/** Runs a remote call as a runtime would. */
export async function useTool(
  { toolsUrl }: TestWorld,
  message: ChatMessage,
  headers: Readonly<Record<string, string>> = {},
  index = 0,
): Promise<{ readonly status: number; readonly text: string }> {
  const call = message.tool_calls?.[index]?.function;
  const response = await fetch(`${toolsUrl}/${call?.name}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: call?.arguments ?? "",
  });
  return { status: response.status, text: await response.text() };
}
