/**
 * The World alone: the driver asks it for completions itself, with no runtime between them. The truth is the floor of each
 * turn's script, so this shows what harness and harness add to every floor: the most that any figure beyond it may owe to us.
 * The World's lateness counts from its first look at a request; had it stood still before, that is put down to the driver here.
 */
import { uniform } from "../../random.ts";
import type { Mapping } from "../../runner.ts";
import type { Cohort } from "../../scenario.ts";
import { floorMs, resolveTurn } from "../../world/script.ts";
import { arrivals, CALIBRATION_CLIENT, CALIBRATION_SEED, type KnownServer } from "../known-server.ts";

/** One completion and no tool: 100 frames a second, 250 to 900 ms. */
const SCRIPT = [{ say: { firstTokenMs: uniform(150, 500), tokens: uniform(10, 40), tokensPerSecond: 100 } }] as const;
export const WORLD_MEMORY_MB = 512;

/** A turn is one request for a completion; its answer is the whole stream, `[DONE]` included. */
export const WORLD_MAPPING: Mapping = {
  request: "POST /i/1/v1/chat/completions",
  body: { model: "any", stream: true, messages: [{ role: "user", content: "{input}" }] },
  answer: { text: "$.choices[0].delta.content", sse: "data" },
  read: null,
};

const cohort: Cohort = {
  sessions: 1,
  turns: 1,
  thinkMs: { dist: "constant", value: 0 },
  script: SCRIPT,
  client: CALIBRATION_CLIENT,
};

export const world: KnownServer = {
  name: "world",
  says: "World alone",
  script: SCRIPT,
  sessions: (scale) => arrivals("world", 160 * scale, 800 * scale),
  react: ({ session, turn, arrivedMs }) => {
    const input = {
      seed: CALIBRATION_SEED,
      cohort,
      memoryMb: WORLD_MEMORY_MB,
      session,
      turn,
      kind: "ordinary",
    } as const;
    return { does: "answer", atMs: arrivedMs + floorMs(resolveTurn(input)) };
  },
};
