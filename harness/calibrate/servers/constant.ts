/** Every answer takes 100 ms. Whoever reports anything else as the median of this server measures itself. */
import { arrivals, type KnownServer } from "../known-server.ts";

const TAKES_MS = 100;

export const constant: KnownServer = {
  name: "constant",
  says: `constant ${TAKES_MS} ms`,
  sessions: (scale) => arrivals("constant", 250 * scale, 1000 * scale),
  react: ({ arrivedMs }) => ({ does: "answer", atMs: arrivedMs + TAKES_MS }),
};
