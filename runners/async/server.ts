/** The `async` runner: one process of Node, or of another engine with Node's API; plain async/await, everything in memory. */
import { serve } from "../kit/typescript/front.ts";
import { Sessions } from "./sessions.ts";

/** Bun and Deno name in `process.version` the Node whose API they offer. */
const { bun, deno } = process.versions;
const version = bun !== undefined ? `Bun ${bun}` : deno !== undefined ? `Deno ${deno}` : process.version;

await serve({ runtime: "async", version, agent: new Sessions() });
