/**
 * A seeded three fifths of the turns have their first connection reset as soon as the request is there; everything else is
 * answered after 100 ms. The truth of a dropped turn is the client's own pause (`driver/retry.ts`, 100 to 300 ms) and 100 ms.
 */
import { randomOf } from "../../random.ts";
import { arrivals, CALIBRATION_SEED, type KnownServer } from "../known-server.ts";

const TAKES_MS = 100;
const DROPPED_SHARE = 0.6;

export const dropped: KnownServer = {
  name: "dropped",
  says: "reset at first",
  sessions: (scale) => arrivals("dropped", 160 * scale, 800 * scale),
  react: ({ session, attempt, arrivedMs }) => {
    const drops = attempt === 1 && randomOf(CALIBRATION_SEED, "dropped", session)() < DROPPED_SHARE;
    return drops ? { does: "reset", atMs: arrivedMs } : { does: "answer", atMs: arrivedMs + TAKES_MS };
  },
};
