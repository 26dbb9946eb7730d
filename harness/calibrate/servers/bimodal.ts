/** Most answers take 100 ms, a seeded fifth of them 400 ms: a median and a tail that have nothing to do with each other. */
import { randomOf } from "../../random.ts";
import { arrivals, CALIBRATION_SEED, type KnownServer } from "../known-server.ts";

const QUICK_MS = 100;
const SLOW_MS = 400;
const SLOW_SHARE = 0.2;

export const bimodal: KnownServer = {
  name: "bimodal",
  says: `${QUICK_MS} or ${SLOW_MS} ms`,
  sessions: (scale) => arrivals("bimodal", 250 * scale, 1000 * scale),
  react: ({ session, arrivedMs }) => {
    const slow = randomOf(CALIBRATION_SEED, "slow", session)() < SLOW_SHARE;
    return { does: "answer", atMs: arrivedMs + (slow ? SLOW_MS : QUICK_MS) };
  },
};
