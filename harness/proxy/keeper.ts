/**
 * Keeper: holds chosen turns at the proxy, as requests before they are passed on or as whole answers before the client gets them.
 * A turn is known by the marker in the input that its request carries, whatever the protocol around it. Each member is held
 * once: what its client asks for again passes. Where nothing is held, nothing is looked at.
 */
import { monotonicMs } from "../clock.ts";
import { findMarker, MARKER_MAX_BYTES } from "../identity.ts";
import type { ProxyHold } from "./protocol.ts";
import { WholeAnswer } from "./whole-answer.ts";

/** Who stands at a hold: session, and since when by CLOCK_MONOTONIC. */
export type Standing = readonly (readonly [session: string, sinceMs: number])[];

interface Kept {
  readonly s: string;
  readonly sinceMs: number;
  readonly pass: () => void;
}

interface Hold {
  readonly order: ProxyHold;
  readonly waiting: Set<string>;
  readonly kept: Set<Kept>;
}

type Turn = ProxyHold["members"][number];

/** The turn of the last input marker in these bytes; a request may carry the conversation before it. */
function turnIn(bytes: Buffer): Turn | null {
  for (let at = bytes.lastIndexOf("D_"); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf("D_", at - 1)) {
    const marker = findMarker(bytes.toString("latin1", at, at + MARKER_MAX_BYTES + 1));
    if (marker?.step === 0) return { s: marker.session, n: marker.turn };
  }
  return null;
}

export class Keeper {
  readonly #holds = new Map<string, Hold>();
  readonly #changed = new Set<Hold>();
  readonly #report: (id: string, standing: Standing) => void;

  /** @param report hears who stands at a hold, at most once per round of the event loop */
  constructor(report: (id: string, standing: Standing) => void) {
    this.#report = report;
  }

  hold(order: ProxyHold): void {
    const waiting = new Set(order.members.map(({ s, n }) => `${s} ${n}`));
    this.#holds.set(order.id, { order, waiting, kept: new Set() });
  }

  /** Lets everybody pass whom a hold keeps, and keeps nobody any more. An unknown id changes nothing. */
  release(id: string): void {
    const hold = this.#holds.get(id);
    this.#holds.delete(id);
    for (const { pass } of hold?.kept ?? []) pass();
  }

  /** Whether anything may have to be held. */
  get isIdle(): boolean {
    return this.#holds.size === 0;
  }

  /** The hold that waits for this turn. */
  waitsFor(what: ProxyHold["what"], { s, n }: Turn): Hold | null {
    for (const hold of this.#holds.values()) if (hold.order.what === what && hold.waiting.has(`${s} ${n}`)) return hold;
    return null;
  }

  /** A member stands here from now on. @returns what takes it away again, when its connection is gone */
  keep(hold: Hold, turn: Turn, pass: () => void): () => void {
    const kept = { s: turn.s, sinceMs: monotonicMs(), pass };
    hold.waiting.delete(`${turn.s} ${turn.n}`);
    hold.kept.add(kept);
    this.#tell(hold);
    return () => {
      if (hold.kept.delete(kept)) this.#tell(hold);
    };
  }

  #tell(hold: Hold): void {
    if (this.#changed.size === 0) setImmediate(() => this.#tellAll());
    this.#changed.add(hold);
  }

  #tellAll(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const { order, kept } of changed)
      this.#report(
        order.id,
        [...kept].map(({ s, sinceMs }) => [s, sinceMs] as const),
      );
  }
}

/** One connection under the eyes of a keeper: says of every piece whether it is to be kept until `pass` is called. */
export class Watched {
  readonly #keeper: Keeper;
  #turn: Turn | null = null;
  #coming: { readonly hold: Hold; readonly whole: WholeAnswer } | null = null;
  /** Ends what is kept here now: takes it from its hold, and lets it pass. */
  #end: (() => void) | null = null;
  #answer: "none" | "kept" | "passed" = "none";

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  /** Whether a whole answer is kept here, or was and has passed: it reaches the client whatever becomes of the runtime. */
  get answer(): "none" | "kept" | "passed" {
    return this.#answer;
  }

  /** A piece on its way to the runtime. */
  keepsRequest(what: Buffer | "end", pass: () => void): boolean {
    // Clients of turns do not half close: this one has left, and nobody stands here any more.
    if (what === "end") this.leave();
    else if (this.#answer === "passed") this.#answer = "none";
    if (this.#keeper.isIdle || what === "end") return false;
    const turn = turnIn(what);
    if (turn === null) return false;
    this.#turn = turn;
    const hold = this.#keeper.waitsFor("request", turn);
    if (hold !== null) this.#keep(hold, turn, pass);
    return hold !== null;
  }

  /** A piece on its way to the client. An answer that breaks off before it is whole is no answer, and passes. */
  keepsAnswer(what: Buffer | "end", pass: () => void): boolean {
    const turn = this.#turn;
    if (turn === null) return false;
    const waiting = this.#keeper.isIdle ? null : this.#keeper.waitsFor("answer", turn);
    if (this.#coming === null) {
      if (waiting === null || what === "end" || !WholeAnswer.begins(what)) return false;
      this.#coming = { hold: waiting, whole: new WholeAnswer() };
    }
    const { hold, whole } = this.#coming;
    const isWhole = what === "end" ? whole.endsWithConnection : whole.take(what);
    const isGivenUp = waiting !== hold || (what === "end" && !isWhole);
    if (isWhole || isGivenUp) this.#coming = null;
    if (isGivenUp) {
      pass();
      return false;
    }
    if (isWhole) {
      this.#answer = "kept";
      this.#keep(hold, turn, () => {
        this.#answer = "passed";
        pass();
      });
    }
    return true;
  }

  /** The client or the whole connection is gone. */
  leave(): void {
    const end = this.#end;
    this.#end = null;
    end?.();
  }

  #keep(hold: Hold, turn: Turn, pass: () => void): void {
    const takeAway = this.#keeper.keep(hold, turn, () => {
      this.#end = null;
      pass();
    });
    this.#end = () => {
      takeAway();
      pass();
    };
  }
}
