/**
 * slow-close: ends of connections are passed on `ms` late, in each direction, while bytes pass as ever. Whoever waits for the other
 * side to close waits, and sockets pile up.
 */
import { TrialError } from "../errors.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import { ANSWERS_WITHIN_MS, disturb, FOR_MS, inMs, needsItsPath, PATH, pathOf, undisturbed } from "./path-fault.ts";
import { settingsOf } from "./settings.ts";

/** A longer delay is not waited for: an end that is not there by then is late enough. */
const LOOK_FOR_MS = 500;
const EARLY_MS = 2;

const SETTINGS = {
  path: PATH,
  ms: { about: "how much later an end arrives, in milliseconds", default: 2_000, least: 1, most: 600_000 },
  forMs: FOR_MS,
} as const;

export const slowClose = {
  about: "ends of connections on one path are passed on late, bytes as ever",
  provedBy: "a connection through the proxy is ended, and the end of the other side comes late",
  settings: SETTINGS,
  needs: needsItsPath,
  async inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { ms, forMs } = settingsOf(SETTINGS, fault);
    const path = await undisturbed(target, pathOf(fault));
    const usual = await path.proxy.probe({ bytes: 1, withinMs: ANSWERS_WITHIN_MS, untilClosed: true });
    if (usual.closedMs === null) throw new TrialError(`On the path "${path.name}" connections did not close before.`);
    const before = `it took ${inMs(usual.closedMs - usual.ms)} before`;
    return disturb(path, { closeDelayMs: ms }, forMs, async () => {
      const whole = 2 * ms <= LOOK_FOR_MS;
      const withinMs = whole ? 2 * ms + ANSWERS_WITHIN_MS : LOOK_FOR_MS;
      const { how, ms: answeredMs, closedMs } = await path.proxy.probe({ bytes: 1, withinMs, untilClosed: true });
      const tookMs = (closedMs ?? withinMs) - answeredMs;
      const late = closedMs === null ? !whole : tookMs >= 2 * ms - EARLY_MS;
      if (how !== "answered" || !late)
        throw new TrialError(`A connection on the path "${path.name}" was ${how} and closed after ${inMs(tookMs)}.`);
      const seen = closedMs === null ? `was not there ${inMs(tookMs)} later` : `came ${inMs(tookMs)} later`;
      return `A connection through the proxy on the path "${path.name}" was ended, and the end of the other side ${seen}; ${before}.`;
    });
  },
} satisfies Nemesis;
