/**
 * Holds: the World stops certain turns at a step that can be seen from outside, and keeps them there until it is told to let
 * go, so that a fault can strike all of them at the same step of their work.
 *
 * A held request gets no further byte; its time is booked by `held` and `released` events. Each member is held once: what a
 * restarted runtime asks for again goes through. When the connection of a held request closes, the World goes on with it as it
 * does with any request whose client has left. Only requests that come after the order are held.
 */
import type { ServerResponse } from "node:http";
import type { Clock } from "../clock.ts";
import { assert } from "../errors.ts";
import type { HoldPoint, WorldEvent } from "../history.ts";
import type { Gate } from "./paced-stream.ts";

/** An order to hold turns at a step. */
export interface HoldOrder {
  readonly id: string;
  readonly members: readonly { readonly s: string; readonly n: number }[];
  /** From 1. With `told` and `next` the step whose tools are answered; held is the request for the step after it. */
  readonly step: number;
  readonly at: HoldPoint;
  /** With `tool` and `applied`: which of the step's calls, from 0. Default 0. */
  readonly call?: number;
}

/** How far a hold is. */
export interface HoldReport {
  readonly id: string;
  /** Members held now. */
  readonly count: number;
  /** Members of which a connection closed while they were held. */
  readonly closed: number;
  /** Members in all. */
  readonly of: number;
}

/** The step and call at which a request stands. */
export interface Standing {
  readonly s: string;
  readonly n: number;
  readonly k: number;
  /** Of a tool's request. */
  readonly c?: number;
}

/** Goes on with a request that was held so long. */
type GoOn = (heldMs: number) => void;

interface Hold {
  readonly order: HoldOrder;
  readonly step: number;
  readonly at: HoldPoint;
  readonly waiting: Set<string>;
  /** What lets each held member go. */
  readonly held: Set<() => void>;
  closed: number;
}

const memberOf = (s: string, n: number): string => `${s} ${n}`;

export class Holds {
  readonly #clock: Clock;
  readonly #emit: (event: WorldEvent) => void;
  readonly #report: (report: HoldReport) => void;
  readonly #holds = new Map<string, Hold>();
  readonly #changed = new Set<Hold>();

  /** @param report hears of arrivals and releases, at most once per round of the event loop */
  constructor(clock: Clock, emit: (event: WorldEvent) => void, report: (report: HoldReport) => void) {
    this.#clock = clock;
    this.#emit = emit;
    this.#report = report;
  }

  /** Holds its members at their step from now on. */
  arm(order: HoldOrder): void {
    assert(!this.#holds.has(order.id), `hold ${order.id} was ordered twice`);
    const later = order.at === "told" || order.at === "next";
    this.#holds.set(order.id, {
      order,
      step: later ? order.step + 1 : order.step,
      at: later ? "asked" : order.at,
      waiting: new Set(order.members.map(({ s, n }) => memberOf(s, n))),
      held: new Set(),
      closed: 0,
    });
  }

  /** Lets all members of a hold go, and reports that nobody is held; those that have not come are not held any more. An unknown id changes nothing. */
  release(id: string): void {
    const hold = this.#holds.get(id);
    if (hold === undefined) return;
    this.#holds.delete(id);
    for (const letGo of hold.held) letGo();
    this.#tell(hold);
  }

  /** Goes on at once, or when the request that stands here is let go. */
  pass(at: HoldPoint, standing: Standing, response: ServerResponse, goOn: GoOn): void {
    const hold = this.#find(at, standing);
    if (hold === undefined) goOn(0);
    else this.#hold(hold, standing, response, goOn);
  }

  /** Where a stream of so many tokens has to stop, if it has. */
  gate(standing: Standing, tokens: number, response: ServerResponse): Gate | null {
    for (const at of ["first", "last"] as const) {
      const hold = this.#find(at, standing);
      const afterTokens = at === "first" ? 1 : tokens;
      if (hold !== undefined) return { afterTokens, hold: (goOn) => this.#hold(hold, standing, response, goOn) };
    }
    return null;
  }

  #find(at: HoldPoint, { s, n, k, c }: Standing): Hold | undefined {
    if (this.#holds.size === 0) return undefined;
    for (const hold of this.#holds.values()) {
      const isHere = hold.at === at && hold.step === k && (c === undefined || c === (hold.order.call ?? 0));
      if (isHere && hold.waiting.has(memberOf(s, n))) return hold;
    }
    return undefined;
  }

  /** Goes on at once where there is nobody to hold, or where a stream reaches its gate after the release. */
  #hold(hold: Hold, { s, n, k }: Standing, response: ServerResponse, goOn: GoOn): void {
    const { id, at } = hold.order;
    if (response.destroyed || this.#holds.get(id) !== hold || !hold.waiting.delete(memberOf(s, n))) {
      goOn(0);
      return;
    }
    const sinceMs = this.#clock();
    const named = { s, n, k, at, id };
    this.#emit({ e: "held", t: sinceMs, ...named });
    const end = (closed: boolean): void => {
      hold.held.delete(letGo);
      response.off("close", onClose);
      const nowMs = this.#clock();
      this.#emit({ e: "released", t: nowMs, ...named, ...(closed ? { closed: true } : {}) });
      goOn(nowMs - sinceMs);
    };
    const letGo = (): void => end(false);
    const onClose = (): void => {
      hold.closed++;
      this.#tell(hold);
      end(true);
    };
    hold.held.add(letGo);
    response.once("close", onClose);
    this.#tell(hold);
  }

  #tell(hold: Hold): void {
    if (this.#changed.size === 0) setImmediate(() => this.#tellAll());
    this.#changed.add(hold);
  }

  #tellAll(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const { order, held, closed } of changed)
      this.#report({ id: order.id, count: held.size, closed, of: order.members.length });
  }
}
