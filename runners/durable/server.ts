/** Durable objects on Postgres: puts store, live objects and the HTTP front together. `README.md` tells how it recovers. */
import { serve } from "../kit/typescript/front.ts";
import { Objects } from "./objects.ts";
import { Store } from "./store.ts";

const { DATABASE_URL, REPLICA = "0", IDLE_EVICTION_MS = "60000", MOST_RESUMPTIONS = "20" } = process.env;
if (DATABASE_URL === undefined) throw new Error("DATABASE_URL is not set");

const objects = new Objects(new Store(DATABASE_URL, `replica-${REPLICA}`), {
  idleMs: Number(IDLE_EVICTION_MS),
  mostResumptions: Number(MOST_RESUMPTIONS),
});
await serve({ runtime: "durable", version: "1", agent: objects });
await objects.run();
