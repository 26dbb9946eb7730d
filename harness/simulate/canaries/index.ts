/** All planted bugs. */
import { ANSWER_CANARIES } from "./answers.ts";
import type { Canary } from "./canary.ts";
import { EFFECT_CANARIES } from "./effects.ts";
import { MEMORY_CANARIES } from "./memory.ts";
import { RECOVERY_CANARIES } from "./recovery.ts";

export const CANARIES: readonly Canary[] = [
  ...ANSWER_CANARIES,
  ...MEMORY_CANARIES,
  ...EFFECT_CANARIES,
  ...RECOVERY_CANARIES,
];
