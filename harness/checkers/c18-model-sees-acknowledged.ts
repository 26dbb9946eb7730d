/**
 * C18: whenever the runtime begins a turn, the model is shown every turn acknowledged before, once and in order. Counted are
 * context-lost, context-doubled and context-reordered, one per request at most of each.
 */
import type { Checker, CheckInput } from "./checker.ts";
import { type ContextGaps, gapsIn, knownBefore } from "./context.ts";
import { count, Findings } from "./findings.ts";

/** The worst that is wrong with a request, as the beginning of a sentence; null when nothing is. */
function worstOf({
  lost,
  doubled,
  reordered,
}: ContextGaps): { kind: "lost" | "doubled" | "reordered"; turns: string } | null {
  if (lost.length > 0) return { kind: "lost", turns: lost.join(", ") };
  if (doubled.length > 0) return { kind: "doubled", turns: doubled.join(", ") };
  return reordered.length > 0 ? { kind: "reordered", turns: reordered.join(", ") } : null;
}

export const modelSeesAcknowledged: Checker = {
  id: "C18",
  claim: "The model sees every acknowledged turn, once and in order.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    const seen = { lost: 0, doubled: 0, reordered: 0 };
    for (const session of index.sessions)
      for (const turn of session.turns) {
        const known = knownBefore(session, turn);
        if (known.length === 0) continue;
        for (const ask of turn.asks) {
          if (ask.event.k !== 1) continue;
          findings.exposures += 1;
          const worst = worstOf(gapsIn(session, turn, ask, known));
          if (worst === null) continue;
          seen[worst.kind] += 1;
          findings.violated({
            witness: "world",
            index: ask.at,
            session: session.id,
            turn: turn.number,
            says: `context-${worst.kind}: the request for turn ${turn.number} of ${session.id} has turns ${worst.turns} ${worst.kind}.`,
          });
        }
      }
    const kinds = `${seen.lost} context-lost, ${seen.doubled} context-doubled, ${seen.reordered} context-reordered`;
    return findings.conclude({
      kept: `All ${count(findings.exposures, "request")} showed the whole conversation.`,
      broken: `${findings.violations} of ${count(findings.exposures, "request")} showed another conversation: ${kinds}.`,
      nothing: "No request had an acknowledged turn before it.",
    });
  },
};
