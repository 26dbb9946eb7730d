/** Applies a fault to a sound completion, and says from when on the fault shows in what was delivered. */
import type { Completion } from "./delivery.ts";
import type { FaultAction } from "./faults/fault.ts";

/** Doubles a token, but never the last one: in a final answer that is the link, which proves memory. */
function doubled(tokens: readonly string[], token: number): readonly string[] {
  const index = Math.min(token, tokens.length - 1) - 1;
  return index < 0 ? tokens : [...tokens.slice(0, index + 1), ...tokens.slice(index)];
}

/** The completion as it is delivered under a fault; errors instead of an answer are not delivered at all. */
export function faulty(sound: Completion, action: FaultAction): Completion {
  switch (action.does) {
    case "break":
      return { ...sound, breaks: action, shows: ({ end }) => end === "fault" };
    case "spoil":
      return { ...sound, calls: action.spoil(sound.calls), shows: ({ end }) => end === "done" };
    case "delay": {
      const { firstTokenMs } = sound;
      return { ...sound, firstTokenMs: firstTokenMs + action.delayMs, shows: ({ ageMs }) => ageMs > firstTokenMs };
    }
    case "repeat": {
      const tokens = action.event === "token" ? doubled(sound.tokens, action.token) : sound.tokens;
      // An answer of one token has none that could be doubled.
      if (tokens.length === sound.tokens.length) return { ...sound, finishes: 2, shows: ({ end }) => end === "done" };
      return { ...sound, tokens, shows: ({ count }) => count > action.token };
    }
    case "distort":
      return { ...sound, pieces: action.pieces, shows: ({ odd }) => odd };
    case "refuse":
    case "hang":
      return sound;
  }
}
