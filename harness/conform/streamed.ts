/** A turn asked for as a stream, with every event written down as it was read. */
import type { Attempt } from "../driver/client.ts";
import { EventStream } from "../driver/event-stream.ts";
import { CONTRACT_STREAM_MAPPING, turnRequest } from "../driver/mapping.ts";
import { must } from "./check.ts";
import { isObject, parsed, textIn } from "./json.ts";
import type { Rig } from "./rig.ts";

const ANSWER_WITHIN_MS = 15_000;

/** One event; stamps are CLOCK_MONOTONIC in milliseconds, equal for what one read brought. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
  readonly atMs: number;
}

export interface Streamed {
  /** 0: no answer, or one that broke off. */
  readonly status: number;
  /** Of an answer that was no stream. */
  readonly body: string;
  readonly events: readonly StreamEvent[];
}

/** Asks once. @param options.leaveAfter the client leaves when it has read so many events */
export async function askStreamed(
  rig: Rig,
  session: string,
  turn: number,
  options: { readonly input?: string; readonly leaveAfter?: number } = {},
): Promise<Streamed> {
  const input = options.input ?? rig.input(session, turn);
  const request = turnRequest(CONTRACT_STREAM_MAPPING, { session, turn: String(turn), input });
  const stream = new EventStream("data");
  const events: StreamEvent[] = [];
  const client = rig.newClient();
  const read = (chunk: Buffer, atMs: number): void => {
    for (const { name, value } of stream.read(chunk)) events.push({ name, data: value, atMs });
    if (events.length >= (options.leaveAfter ?? Number.POSITIVE_INFINITY)) client.close();
  };
  const attempt = await new Promise<Attempt>((done) =>
    client.attempt(request, ANSWER_WITHIN_MS, true, done, { read }),
  ).finally(() => client.close());
  if (attempt.kind !== "answered") return { status: 0, body: "", events };
  return { status: attempt.response.status, body: attempt.response.body, events };
}

/** The data of the one event that ends a stream. @throws Unmet when it has none, or more than that behind it */
export function resultOf({ status, events }: Streamed): string {
  must(status === 200, `the stream is answered with ${status || "nothing whole"}`);
  const last = events.at(-1);
  must(last !== undefined, "the answer is no stream: it has no event");
  must(last.name === "result", `the last event is "${last.name}" instead of "result"`);
  must(events.filter(({ name }) => name === "result").length === 1, "there is more than one result");
  return last.data;
}

/** The text of each step as a client has it in the end, from step 1 on: what a restart takes back is left out. */
export function textsOf(events: readonly StreamEvent[]): string[] {
  const texts: string[] = [];
  for (const { name, data } of events) {
    if (name !== "token" && name !== "restart") continue;
    const value = parsed(data);
    const step = isObject(value) && Number.isInteger(value.step) ? Number(value.step) : 0;
    must(step > 0, `an event says of no step that it belongs to it: ${data.slice(0, 60)}`);
    texts[step - 1] = name === "restart" ? "" : (texts[step - 1] ?? "") + textIn(isObject(value) ? value.text : "");
  }
  return Array.from(texts, (text) => text ?? "");
}
