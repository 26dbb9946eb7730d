/** The `actors` runner: the main thread listens and supervises, worker threads run the actors. `README.md` tells who restarts whom. */
import { serve } from "../kit/typescript/front.ts";
import { Workers } from "./workers.ts";

const { CPUS = "1", MEMORY_MB = "2048", WORKERS } = process.env;
/** Two at least, since with one worker the death of a worker would be the death of all sessions. */
const count = Number(WORKERS ?? Math.max(2, Number(CPUS)));

const agent = new Workers({
  count,
  heapMb: Math.floor(Number(MEMORY_MB) / count),
  onGiveUp: () => process.exit(1),
});
await agent.started();
await serve({ runtime: "actors", version: process.version, agent });
