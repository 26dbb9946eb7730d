/** Durable objects on Postgres: puts store, live objects and the HTTP front together. `README.md` tells how it recovers. */
import { serve } from "../kit/typescript/front.ts";
import { Objects } from "./objects.ts";
import { settingsFrom } from "./settings.ts";
import { Store } from "./store.ts";

const { DATABASE_URL, REPLICA = "0" } = process.env;
if (DATABASE_URL === undefined) throw new Error("DATABASE_URL is not set");

const settings = settingsFrom(process.env);
const objects = new Objects(new Store(DATABASE_URL, `replica-${REPLICA}`, settings), settings);
await serve({ runtime: "durable", version: "1", agent: objects });
await objects.run();
