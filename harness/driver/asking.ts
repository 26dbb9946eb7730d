/** Asking: turns and reads over a client, as the mappings say. What it hears of streams as they come goes to two series of histograms. */
import type { Clock } from "../clock.ts";
import { assert } from "../errors.ts";
import type { Mapping } from "../runner.ts";
import { IntervalRecorder } from "../statistics/interval-recorder.ts";
import { AnswerStream } from "./answer-stream.ts";
import type { Attempt, Client } from "./client.ts";
import { type Outcome, outcomeOf, readRequest, turnRequest, turnsRead } from "./mapping.ts";
import type { Surroundings } from "./turn.ts";

type Asking = Pick<Surroundings, "ask" | "askStream" | "read">;

/** Series of what clients that read along see, in milliseconds: from an attempt's start to its first text, and between texts. */
export class StreamSeries {
  readonly #firstToken: IntervalRecorder;
  readonly #tokenGap: IntervalRecorder;

  /** @param file the driver's histogram log, to which they are appended as `first-token` and `token-gap` */
  constructor(file: string | null, clock: Clock) {
    this.#firstToken = new IntervalRecorder(file, "first-token", clock);
    this.#tokenGap = new IntervalRecorder(file, "token-gap", clock);
  }

  first(ms: number): void {
    this.#firstToken.record(ms);
  }

  gap(ms: number): void {
    this.#tokenGap.record(ms);
  }

  /** Writes what is left. */
  close(): void {
    this.#firstToken.close();
    this.#tokenGap.close();
  }
}

function outcomeOfAttempt(attempt: Attempt, mapping: Mapping): Outcome {
  if (attempt.kind === "answered") return outcomeOf(mapping, attempt.response);
  return { kind: attempt.kind === "refused" ? "fail" : "info", why: attempt.why };
}

function askingForStreams(
  client: Client,
  plain: Mapping,
  streaming: Mapping,
  series: StreamSeries,
  clock: Clock,
): NonNullable<Asking["askStream"]> {
  return (turn, timeoutMs, heard, first) => {
    const startedMs = clock();
    const stream = new AnswerStream(streaming, {
      first(nowMs, step) {
        series.first(nowMs - startedMs);
        first(nowMs, step);
      },
      gap: (ms) => series.gap(ms),
    });
    const done = (attempt: Attempt): void => {
      const streamed = attempt.kind === "answered" && attempt.response.streamed === true;
      heard(streamed ? stream.outcome(attempt.endedMs) : outcomeOfAttempt(attempt, plain), attempt.endedMs);
    };
    client.attempt(turnRequest(streaming, turn), timeoutMs, false, done, stream);
  };
}

/**
 * @param mapping how turns are asked for plainly
 * @param streaming how they are asked for as a stream, and where its figures go; null where no cohort of the load reads along
 */
export function askingOver(
  client: Client,
  clock: Clock,
  mapping: Mapping,
  streaming: { readonly mapping: Mapping; readonly series: StreamSeries } | null,
): Asking {
  const ask: Asking["ask"] = (turn, timeoutMs, heard, own = false) => {
    client.attempt(turnRequest(mapping, turn), timeoutMs, own, (attempt) =>
      heard(outcomeOfAttempt(attempt, mapping), attempt.endedMs),
    );
  };
  const read: Asking["read"] = (session, timeoutMs, heard) => {
    const request = readRequest(mapping, session);
    assert(request !== null, "a read was asked for where the backend offers none");
    client.attempt(request, timeoutMs, true, (attempt) => {
      const { endedMs } = attempt;
      if (attempt.kind !== "answered") {
        heard({ status: 0, endedMs });
        return;
      }
      const { status, body } = attempt.response;
      const turns = status === 200 ? turnsRead(mapping, body) : undefined;
      heard(turns === undefined ? { status, endedMs } : { status, turns, endedMs });
    });
  };
  return {
    ask,
    askStream:
      streaming === null ? null : askingForStreams(client, mapping, streaming.mapping, streaming.series, clock),
    read: mapping.read ? read : null,
  };
}
