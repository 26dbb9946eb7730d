/**
 * A streamed answer whose events come at other times or in other pieces than they should. A sound answer is the matter of
 * `paced-stream.ts`, which is made for thousands of them; this one is made for being simple.
 */
import type { ServerResponse } from "node:http";
import { assert } from "../errors.ts";
import type { SaidEnd } from "../history.ts";
import { framed, writeStreamHead } from "./api.ts";
import type { Piece } from "./faults/fault.ts";
import type { StreamRoom, StreamWitness } from "./paced-stream.ts";
import type { Due } from "./wheel.ts";

/** What is written and when. */
export interface Distortion {
  readonly response: ServerResponse;
  /** Head of the stream; comes with the first piece. */
  readonly opening: string;
  readonly pieces: Iterable<Piece>;
  readonly arrivedMs: number;
}

/** Hears also from when on the stream was distorted. */
export interface DistortionWitness extends StreamWitness {
  readonly odd: () => void;
}

export class DistortedStream implements Due {
  dueMs: number;
  nextInSlot: Due | null = null;
  readonly #plan: Distortion;
  readonly #pieces: Iterator<Piece>;
  readonly #room: StreamRoom;
  readonly #witness: DistortionWitness;
  #next: IteratorResult<Piece, unknown>;
  #begun = false;
  #over = false;
  #tokens = 0;

  constructor(plan: Distortion, room: StreamRoom, witness: DistortionWitness) {
    this.#plan = plan;
    this.#room = room;
    this.#witness = witness;
    this.#pieces = plan.pieces[Symbol.iterator]();
    this.#next = this.#pieces.next();
    this.dueMs = plan.arrivedMs + (this.#next.done === true ? 0 : this.#next.value.afterMs);
  }

  /** Begins to wait for the first piece. */
  start(): void {
    const { response } = this.#plan;
    if (response.destroyed) {
      this.#finish("aborted");
      return;
    }
    response.once("close", () => this.#finish("aborted"));
    if (response.socket !== null) this.#room.wheel.add(this);
    else response.once("socket", () => this.#room.wheel.add(this));
  }

  #finish(end: SaidEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#witness.over(end, this.#tokens, 0);
  }

  fire(): void {
    if (this.#over) return;
    const { response, opening, arrivedMs } = this.#plan;
    const { socket } = response;
    assert(socket !== null, "a stream began without its connection");
    const text = this.#takePiece();
    socket.cork();
    if (!this.#begun) {
      this.#begun = true;
      writeStreamHead(response, this.#room.clock() - arrivedMs);
      socket.write(framed(response, opening), "latin1");
    }
    const takesMore = text === "" || socket.write(framed(response, text), "latin1");
    const ends = this.#next.done === true;
    if (ends) {
      this.#finish("done");
      response.end();
    }
    socket.uncork();
    if (ends) return;
    if (takesMore) this.#room.wheel.add(this);
    else socket.once("drain", () => this.#over || this.#room.wheel.add(this));
  }

  /** Text of the piece that is due; sets when the next one is. */
  #takePiece(): string {
    const { done, value } = this.#next;
    if (done === true) return "";
    const piece = value as Piece;
    if (piece.odd === true) this.#witness.odd();
    if (piece.tokens > 0 && this.#tokens === 0) this.#witness.first();
    this.#tokens += piece.tokens;
    this.#next = this.#pieces.next();
    if (this.#next.done !== true) this.dueMs += this.#next.value.afterMs;
    return piece.text;
  }
}
