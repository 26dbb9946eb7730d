import type { ScenarioFile } from "../harness/scenario.ts";
import mix from "./cpu-mix.ts";

export default {
  ...mix,
  asks: "When a few sessions parse and embed for equally long on every runtime, who else waits?",
  // What the calls of cpu-mix take in about the middle of the field; the sizes there are replaced.
  equalTimeMs: { parse_document: 40, search_memory: 20 },
} satisfies ScenarioFile;
