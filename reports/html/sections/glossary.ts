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
    "One block",
    "Each runner was run once per scenario, so figures are single draws. With several blocks the report shows the lowest and the highest.",
  ],
  [
    "Void",
    "The harness failed its own limits in that trial, which counts against no runner. Its figures are in summary.json, not here.",
  ],
  [
    "Saturated",
    "The runtime used more than 70 % of its core in calm already. Its times then measure the machine, and are not compared.",
  ],
];

export function glossary(): Markup {
  return markup`<section id="reading"><h2>How to read this</h2><dl class="glossary">${WORDS.map(([word, says]) => markup`<dt>${word}</dt><dd>${says}</dd>`)}</dl></section>`;
}
