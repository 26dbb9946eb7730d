/**
 * One streamed answer, paced against absolute due times: a frame that is late makes no later frame late.
 *
 * Frames go to the socket directly, framed as HTTP chunks, since the response's own write costs more than the frame; headers
 * and the end go through the response, so that Node keeps its account of the connection. Frames that are due together
 * are one write. A client that reads too slowly is waited for; that time is its own and counts as blocked, not as late.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { assert } from "../errors.ts";
import type { SaidEnd } from "../history.ts";
import type { IntervalRecorder } from "../statistics/interval-recorder.ts";
import { framed, writeStreamHead } from "./api.ts";
import type { ChunkWriter } from "./chunks.ts";
import type { Due, Wheel } from "./wheel.ts";

export interface StreamPlan {
  readonly response: ServerResponse;
  readonly chunks: ChunkWriter;
  readonly tokens: readonly string[];
  /** When the request arrived, trial time. */
  readonly arrivedMs: number;
  readonly firstTokenMs: number;
  readonly gapMs: number;
  /** Events that follow the last token at once: calls, finish, usage, done; or an error. */
  readonly closing: string;
  /** How the answer ends. Only "end" leaves the connection in order. */
  readonly how: "end" | "destroy";
  /** What a witness notes at the end: a fault ends an answer otherwise than the client would expect. */
  readonly end: "done" | "fault";
  /** Where the stream stops until it is let go. */
  readonly gate?: Gate | null;
}

/** A stop in mid-stream: after so many tokens, from 1, before anything that follows them. */
export interface Gate {
  readonly afterTokens: number;
  /** Called when they are written; `goOn` takes how long the stream has stood, by which all that follows is later. */
  readonly hold: (goOn: (heldMs: number) => void) => void;
}

/** Who wants to know of a stream's beginning and end. */
export interface StreamWitness {
  /** The first token is about to be written. */
  readonly first: () => void;
  /** Called once. */
  readonly over: (end: SaidEnd, tokens: number, blockedMs: number) => void;
}

/** What streams need of the World. */
export interface StreamRoom {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly lateness: IntervalRecorder;
}

export class PacedStream implements Due {
  dueMs: number;
  nextInSlot: Due | null = null;
  readonly #plan: StreamPlan;
  readonly #room: StreamRoom;
  readonly #witness: StreamWitness;
  #firstDueMs: number;
  #gate: Gate | null;
  /** Tokens until the gate, or all. */
  #stopAt: number;
  #socket: Socket | null = null;
  #written = 0;
  #over = false;
  #blockedMs = 0;
  #blockedSinceMs = 0;
  /** Frames due before this were held up by the client. */
  #excusedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(plan: StreamPlan, room: StreamRoom, witness: StreamWitness) {
    this.#plan = plan;
    this.#room = room;
    this.#witness = witness;
    this.#firstDueMs = plan.arrivedMs + plan.firstTokenMs;
    this.dueMs = this.#firstDueMs;
    this.#gate = plan.gate ?? null;
    this.#stopAt = this.#gate?.afterTokens ?? plan.tokens.length;
  }

  /** Begins to wait for the first token. */
  start(): void {
    const { response } = this.#plan;
    if (response.destroyed) {
      this.#finish("aborted");
      return;
    }
    response.once("close", () => this.#finish("aborted"));
    if (response.socket !== null) this.#room.wheel.add(this);
    else {
      // The client has sent this request behind one that is still being answered on the same connection.
      response.once("socket", () => {
        this.#excusedUntilMs = this.#room.clock();
        this.#room.wheel.add(this);
      });
    }
  }

  #finish(end: SaidEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#witness.over(end, this.#written, this.#blockedMs);
  }

  fire(): void {
    if (this.#over) return;
    const begins = this.#socket === null;
    const socket = this.#socket ?? this.#begin();
    const due = this.#takeDue();
    const stops = this.#written === this.#stopAt;
    const ends = stops && this.#gate === null;
    if (ends) {
      if (!begins) socket.cork();
      this.#close(socket, due);
    } else if (stops) {
      if (due !== "") socket.write(this.#framed(due), "latin1");
    } else if (socket.write(this.#framed(due), "latin1")) this.#room.wheel.add(this);
    else this.#block(socket);
    if (begins || ends) socket.uncork();
    if (ends && this.#plan.how === "destroy") socket.resetAndDestroy();
    if (stops && !ends) this.#pause();
  }

  /** Stands at the gate; afterwards everything is due later by as long as it stood. */
  #pause(): void {
    const gate = this.#gate;
    this.#gate = null;
    this.#stopAt = this.#plan.tokens.length;
    gate?.hold((heldMs) => {
      if (this.#over) return;
      this.#firstDueMs += heldMs;
      const isLast = this.#written === this.#stopAt;
      this.dueMs = isLast ? this.#room.clock() : this.#firstDueMs + this.#written * this.#plan.gapMs;
      this.#room.wheel.add(this);
    });
  }

  /** Leaves the socket corked, so that headers and first token leave in one packet. */
  #begin(): Socket {
    const { response, arrivedMs, tokens, chunks } = this.#plan;
    const { socket } = response;
    assert(socket !== null, "a stream began without its connection");
    this.#socket = socket;
    if (tokens.length > 0) this.#witness.first();
    socket.cork();
    writeStreamHead(response, this.#room.clock() - arrivedMs);
    socket.write(this.#framed(chunks.opening()), "latin1");
    return socket;
  }

  /** Text of all frames that are due now. */
  #takeDue(): string {
    const { tokens, gapMs, chunks } = this.#plan;
    const nowMs = this.#room.clock();
    const stopAt = this.#stopAt;
    let text = "";
    for (let dueMs = this.dueMs; this.#written < stopAt && dueMs <= nowMs; ) {
      text += chunks.contentHead + tokens[this.#written] + chunks.contentTail;
      if (dueMs >= this.#excusedUntilMs) this.#room.lateness.record(nowMs - dueMs, nowMs);
      this.#written++;
      dueMs = this.#firstDueMs + this.#written * gapMs;
      this.dueMs = dueMs;
    }
    return text;
  }

  #framed(text: string): string {
    return framed(this.#plan.response, text);
  }

  #block(socket: Socket): void {
    this.#blockedSinceMs = this.#room.clock();
    socket.once("drain", () => {
      this.#excusedUntilMs = this.#room.clock();
      this.#blockedMs += this.#excusedUntilMs - this.#blockedSinceMs;
      if (!this.#over) this.#room.wheel.add(this);
    });
  }

  /** The last frames, and what follows them at once; the socket is corked. */
  #close(socket: Socket, due: string): void {
    const { response, closing, how, end } = this.#plan;
    const text = due + closing;
    if (text !== "") socket.write(this.#framed(text), "latin1");
    // What is stamped as sent is stamped before it leaves, and the end of a response lets everything leave.
    this.#finish(end);
    if (how === "end") response.end();
  }
}
