/**
 * An answer that is read while it comes: when its tokens were there for the client, and whether they are the answer.
 *
 * Promises: every token counts at the stamp of the read that brought it, since nobody can have seen it earlier; tokens of one
 * read have no gap between them. Gaps are those within one answer of the model: the time in which the turn works on its next
 * step is none, where the backend tells steps apart, nor is the time before an answer that begins anew.
 */
import type { AnswerText, StreamSeen } from "../history.ts";
import type { Mapping } from "../runner.ts";
import { AnswerReader, type Token } from "./answer.ts";
import { EventStream, type ServerEvent } from "./event-stream.ts";
import type { Outcome } from "./mapping.ts";

/** Takes the bytes of an answer as they come. @param nowMs stamped after the read */
export interface ChunkReader {
  read(chunk: Buffer, nowMs: number): void;
}

/** Who wants to know at once. */
export interface TokenWitness {
  /** The first token of the answer was read. */
  first(nowMs: number, step: number | undefined): void;
  /** Milliseconds between two reads of tokens of one answer. */
  gap(ms: number): void;
}

/** Reads one streamed answer. */
export class AnswerStream implements ChunkReader {
  readonly #answer: AnswerReader;
  readonly #events: EventStream;
  readonly #witness: TokenWitness;
  #tokens = 0;
  #longestGapMs = 0;
  #lastMs: number | null = null;
  #step: number | undefined;
  /** Text of the step that is being said, and how much of it had been read before the newest read. */
  #shown = "";
  #early = 0;

  /** @param mapping one with `sse` */
  constructor(mapping: Mapping, witness: TokenWitness) {
    this.#answer = new AnswerReader(mapping);
    this.#events = new EventStream(mapping.answer.sse ?? "data");
    this.#witness = witness;
  }

  read(chunk: Buffer, nowMs: number): void {
    this.#early = this.#shown.length;
    for (const event of this.#events.read(chunk)) this.#take(event, nowMs);
  }

  /** What the whole stream says of the turn; to be asked once, when it has ended. */
  outcome(nowMs: number): Outcome {
    for (const event of this.#events.end()) this.#take(event, nowMs);
    const outcome = this.#answer.outcome();
    return outcome.kind === "ok" ? { ...outcome, stream: this.#seen(outcome.output) } : outcome;
  }

  #take({ value, name }: ServerEvent, nowMs: number): void {
    const token = this.#answer.take(value);
    if (name === "restart") this.#begin(this.#step);
    else if (token !== undefined) this.#hear(token, nowMs);
  }

  #hear({ text, step }: Token, nowMs: number): void {
    if (this.#tokens === 0) this.#witness.first(nowMs, step);
    if (step !== this.#step) this.#begin(step);
    if (this.#lastMs !== null) {
      const gapMs = nowMs - this.#lastMs;
      this.#longestGapMs = Math.max(this.#longestGapMs, gapMs);
      this.#witness.gap(gapMs);
    }
    this.#lastMs = nowMs;
    this.#tokens += 1;
    this.#shown += text;
  }

  #begin(step: number | undefined): void {
    this.#step = step;
    this.#shown = "";
    this.#early = 0;
    this.#lastMs = null;
  }

  #seen(output: string): StreamSeen {
    const early = output === "" ? 0 : Math.min(1, this.#early / output.length);
    return {
      tokens: this.#tokens,
      gapMs: Math.round(this.#longestGapMs * 1000) / 1000,
      early: Math.round(early * 1000) / 1000,
      text: this.#compare(output),
    };
  }

  #compare(output: string): AnswerText {
    if (this.#shown === "") return "none";
    if (this.#shown === output) return "whole";
    return output.endsWith(this.#shown) ? "end" : "differs";
  }
}
