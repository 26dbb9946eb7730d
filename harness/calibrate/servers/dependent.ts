/**
 * Three turns a session, each enabled a think time after the answer before it. The second one is slow: it is charged once, to
 * itself, and moves the third one, which is no slower for it. Turns take 100, 700, 150 ms, a whole session
 * 100 + 150 + 700 + 250 + 150 = 1,350 ms. A schedule that fixed the third turn beforehand would charge it 600 ms of debt; one
 * that caught up would cut the second think time, and with it the session, by up to 250 ms.
 */
import { arrivals, type KnownServer } from "../known-server.ts";

const TAKES_MS = [100, 700, 150];
const THINK_MS = [150, 250];

export const dependent: KnownServer = {
  name: "dependent",
  says: "dependent turns",
  wholeSessions: "dependent sessions",
  sessions: (scale) => arrivals("dependent", 60 * scale, 600 * scale, THINK_MS),
  react: ({ turn, arrivedMs }) => ({ does: "answer", atMs: arrivedMs + (TAKES_MS[turn - 1] ?? 0) }),
};
