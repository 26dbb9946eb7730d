/**
 * The stage of step faults: calls a cohort, holds its members at their step, and lets them go when the fault has landed.
 *
 * Two of the steps lie between two acts that can be held: a request that was passed on but has not led to a model request, and a
 * tool's answer that was written but has not. There the members are held before the first act and let over it right before the
 * strike; whoever is quick enough to get to the second act is held there, so that nobody's work goes further than that.
 */
import type { ProxyHold } from "../proxy/protocol.ts";
import type { PlannedFault, PlannedStep } from "../trial.ts";
import type { HoldOrder } from "../world/holds.ts";
import type { HoldPoint } from "../world-event.ts";

/** Who can hold turns: the World or the proxy before the runtime. */
export interface Holder<Order> {
  /** Resolves when it holds whoever comes from now on. */
  hold(order: Order): Promise<void>;
  /** How many members of a hold stand there now. */
  standing(id: string): number;
  /** Resolves when they have gone on. An unknown id changes nothing. */
  release(id: string): Promise<void>;
}

/** A proxy says who stands there, since only it can see them. */
export interface HoldingProxy extends Holder<ProxyHold> {
  /** Sessions that stand there, and since when in trial time. */
  held(id: string): readonly (readonly [session: string, sinceMs: number])[];
}

export type SteppedFault = PlannedFault & { readonly atStep: PlannedStep };

/** What a stage works with. */
export interface StageParts {
  readonly world: Holder<HoldOrder>;
  /** Null where the trial has no proxy on the client's path; then no fault needs one. */
  readonly proxy: HoldingProxy | null;
  /** The cohort begins. */
  readonly summon: (cohort: string) => void;
}

/** The hold behind the brink has this id. */
const behind = (id: string): string => `${id}+`;

/** Whether only the proxy on the client's path sees the step of a fault. */
export const isHeldByProxy = ({ atStep }: PlannedFault): boolean =>
  atStep?.at === "delivered" || atStep?.at === "answered";

export class StepStage {
  readonly #parts: StageParts;

  constructor(parts: StageParts) {
    this.#parts = parts;
  }

  /** Orders the holds of a fault, then calls its cohort. */
  async call({ id, atStep }: SteppedFault): Promise<void> {
    const { world, proxy, summon } = this.#parts;
    const { at, turn, step, call, cohort } = atStep;
    const members = atStep.members.map((s) => ({ s, n: turn }));
    const order = (point: HoldPoint): Promise<void> => world.hold({ id, members, step, at: point, call });
    const orderBehind = (point: HoldPoint, of: number): Promise<void> =>
      world.hold({ id: behind(id), members, step: of, at: point });
    if (at === "answered") await proxy?.hold({ id, what: "answer", members });
    else if (at === "delivered") {
      await proxy?.hold({ id, what: "request", members });
      await orderBehind("asked", 1);
    } else if (at === "told") {
      await order("applied");
      await orderBehind("next", step);
    } else await order(at);
    summon(cohort);
  }

  /** How many members stand at their step, or right before it. */
  standing({ id, atStep: { at } }: SteppedFault): number {
    return this.#holder(at)?.standing(id) ?? 0;
  }

  /** Those whom only the proxy can name. */
  held({ id, atStep: { at } }: SteppedFault): readonly (readonly [session: string, sinceMs: number])[] | undefined {
    return this.#holder(at) === this.#parts.proxy ? this.#parts.proxy?.held(id) : undefined;
  }

  /** To be called right before the strike: lets members over the brink where their step lies behind one. */
  async brink({ id, atStep: { at } }: SteppedFault): Promise<void> {
    if (at === "delivered" || at === "told") await this.#holder(at)?.release(id);
  }

  /** Lets everybody go; nobody is held any more. */
  async release({ id, atStep: { at } }: SteppedFault): Promise<void> {
    await this.#holder(at)?.release(id);
    if (at === "delivered" || at === "told") await this.#parts.world.release(behind(id));
  }

  #holder(at: PlannedStep["at"]): Holder<never> | null {
    return at === "delivered" || at === "answered" ? this.#parts.proxy : this.#parts.world;
  }
}
