/** How to read this: the few words that the report uses in a sense of its own. */
import { type Markup, markup } from "../markup.ts";

const WORDS: readonly (readonly [string, string])[] = [
  [
    "Overhead",
    "Latency minus the floor, where the floor is what the scripted model and tools need if nothing goes wrong. It is everything the user waited beyond the script: queues, garbage collections, retries, downtime.",
  ],
  [
    "Holding time",
    "Latency minus the time in which the scripted model or a tool really owed the turn something. It is what the runtime spent while the ball was in its court.",
  ],
  [
    "Intact and amnesiac",
    "Every answer of the model carries a token that the next request must bring back. An answer is intact if the runtime still sent all of them; amnesiac if it answered but had forgotten or garbled earlier turns. Only intact answers count as recovery.",
  ],
  [
    "Avoidable repeat",
    "A completion bought again for a step that had been sold before, although something built on the first purchase had already been seen. A repeat is unavoidable if nothing had, provoked if the model itself failed.",
  ],
  [
    "Doubled, missing",
    "An effect of a tool that was applied more than once for one logical call; an effect of an acknowledged turn that was never applied.",
  ],
  [
    "Late turn, named cause",
    "A turn whose overhead is more than 50 ms above its cohort's own calm median. Its cause is named if what is known to have held the runtime up (down, collections, no core, a stalled loop, silence, a busy loop) covers at least half of it.",
  ],
  [
    "First token late, token gap",
    "For clients that read along: the time to the first text beyond what the script let the model wait, and the longest time without new text within one answer.",
  ],
  [
    "Standstill",
    "The largest share of sessions for which the runtime did nothing through one and the same 100 ms, although neither model nor tool owed them anything.",
  ],
  [
    "Session lateness",
    "How far behind its own plan a session ended: a debt that single turns do not show, since each begins when the one before it was answered.",
  ],
  [
    "Hit, recovered, never",
    "A session is hit if a turn of it was pending or due while the runtime was down. It recovers with its first intact answer. Never is a result, not a gap: the session was asked until the end.",
  ],
  [
    "Censored, pending",
    "A turn still open when the trial ended. It waited at least so long, so it stays in n, and the maximum is marked with ≥.",
  ],
  [
    "Silent sessions",
    "Clients that ask once and then keep silent. Only they show whether a runtime resumes interrupted turns of its own accord.",
  ],
  [
    "Not enough",
    "Too few independent samples for that figure. It is left out, since a number would look more certain than it is.",
  ],
  [
    "Band",
    "Runners whose intervals overlap, or lie closer than measuring can tell apart, share a band and are equal here. Overlap is handed on: if A overlaps B and B overlaps C, all three share one. Saturated runners, and those without an interval, have no band.",
  ],
  [
    "Diagnosis",
    "What more than half of at least 20 late turns waited for, in every valid block. Where the evidence is less than that there is no diagnosis, and it says why.",
  ],
  [
    "One block",
    "Each runner was run once per scenario, so figures are single draws. With several blocks the report shows the lowest and the highest.",
  ],
  [
    "Void",
    "The harness failed its own limits in that trial, which counts against no runner. Its figures are in summary.json, not here.",
  ],
  [
    "Failed isolation",
    "Harness and runtime were seen on each other's cores, or could not be kept apart and the harness was late. Nobody is to blame, and no figure counts.",
  ],
  ["Not comparable", "One runner lost many more of its trials than another. What is left of it are its better ones."],
  ["Cannot gate", "The trial counts, but no gate compares it: its cores were shared, or the runtime was saturated."],
  [
    "Saturated",
    "The runtime used more than 70 % of its core in calm already. Its times then measure the machine, and are not compared.",
  ],
];

export function glossary(): Markup {
  return markup`<section id="reading"><h2>How to read this</h2><dl class="glossary">${WORDS.map(([word, says]) => markup`<dt>${word}</dt><dd>${says}</dd>`)}</dl></section>`;
}
