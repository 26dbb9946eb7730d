/** Who holds the members of step faults, as the trial speaks to them: the World, and the proxy on the client's path. */
import { TrialError } from "../errors.ts";
import type { ForkedProcess } from "../processes/fork.ts";
import type { Proxies } from "../proxy/proxies.ts";
import type { HoldOrder } from "../world/holds.ts";
import type { FromWorld, ToWorld } from "../world/protocol.ts";
import type { Holder, HoldingProxy } from "./step-stage.ts";
import type { Conditions } from "./waiting.ts";

/** The World writes what a release lets go at once, and says so. */
const RELEASES_WITHIN_MS = 5_000;

/** @param conditions hear of every change of who stands where */
export function holdingWorld(world: ForkedProcess<ToWorld, FromWorld>, conditions: Conditions): Holder<HoldOrder> {
  const standing = new Map<string, number>();
  world.onMessage((message) => {
    if (message.type !== "held" || !standing.has(message.id)) return;
    standing.set(message.id, message.count);
    conditions.changed();
  });
  return {
    // What is sent before the cohort is called is read before its first request.
    hold: async (order) => {
      standing.set(order.id, 0);
      world.send({ type: "hold", ...order });
    },
    standing: (id) => standing.get(id) ?? 0,
    release: async (id) => {
      if (!standing.has(id)) return;
      world.send({ type: "release", id });
      const gone = await conditions.until(() => standing.get(id) === 0, RELEASES_WITHIN_MS);
      standing.delete(id);
      if (!gone) throw new TrialError(`The World had not let go of hold ${id} after ${RELEASES_WITHIN_MS / 1000} s.`);
    },
  };
}

/** @param zeroMs CLOCK_MONOTONIC milliseconds of trial time 0 */
export function holdingProxy(proxies: Proxies, zeroMs: number, conditions: Conditions): HoldingProxy {
  const standing = new Map<string, readonly (readonly [string, number])[]>();
  proxies.process.onMessage((message) => {
    if (message.type !== "held" || !standing.has(message.id)) return;
    standing.set(message.id, message.standing);
    conditions.changed();
  });
  const inTrialTime = (ms: number): number => Math.round((ms - zeroMs) * 1000) / 1000;
  return {
    hold: async (order) => {
      standing.set(order.id, []);
      await proxies.hold("client", order);
    },
    standing: (id) => standing.get(id)?.length ?? 0,
    held: (id) => (standing.get(id) ?? []).map(([session, sinceMs]) => [session, inTrialTime(sinceMs)] as const),
    release: async (id) => {
      if (standing.delete(id)) await proxies.release("client", id);
    },
  };
}
