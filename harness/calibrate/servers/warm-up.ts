/** What goes before every load and is not compared, as a trial's warm-up: connections open, code that has run before. */
import { arrivals, type KnownServer } from "../known-server.ts";
import { world } from "./world.ts";

const TAKES_MS = 20;

export const warmUp: KnownServer = {
  name: "warmup",
  says: "warm-up",
  sessions: () => arrivals("warmup", 1000, 2500),
  react: ({ arrivedMs }) => ({ does: "answer", atMs: arrivedMs + TAKES_MS }),
};

export const worldWarmUp: KnownServer = {
  ...world,
  name: "worldwarmup",
  says: "warm-up of the World",
  sessions: () => arrivals("worldwarmup", 400, 1500),
};
