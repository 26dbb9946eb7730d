/** The `async` runner: one Node process, plain async/await, everything in memory. */
import { serve } from "../kit/typescript/front.ts";
import { Sessions } from "./sessions.ts";

await serve({ runtime: "async", version: process.version, agent: new Sessions() });
