/**
 * Sessions seen closely: of each trial the worst session and those that a broken claim names, each as a drawing on one time axis with a
 * sentence above and its events below. Promises: every failure that has a capsule is named, drawn or not.
 */
import type { Lane } from "../../../harness/summarize/lane.ts";
import type { ScenarioSummary, Summary, TrialSummary } from "../../../harness/summary.ts";
import { counted } from "../../format.ts";
import { laneEvents } from "../../lane-events.ts";
import { damageWords, laneSentence, leftOutWords, whyShown } from "../../lane-words.ts";
import { phaseName } from "../../readings.ts";
import { foldedOf } from "../fold.ts";
import { glyph, laneSvg } from "../lane-svg.ts";
import { anchor, folded, type Markup, markup, prose } from "../markup.ts";
import { runnerName } from "../runner-name.ts";
import { denseTable } from "../table.ts";
import { eachTrial } from "../trial-table.ts";

/** Where the lane of a session stands, if it has one: see {@link hasLane}. */
export const laneAnchor = (trial: string, session: string): string => anchor("lane", trial, session);

/** Whether a session is drawn in the report, so that evidence can lead to it. */
export function hasLane({ lanes, validity }: TrialSummary, session: string): boolean {
  return validity.verdict === "valid" && (lanes?.shown.some((lane) => lane.session === session) ?? false);
}

/** Hatches of the lanes' bars; once on a page, before the first lane. */
export function lanePatterns(): Markup {
  const line = (id: string, color: string, size: number, turned: number, path: string): Markup =>
    markup`<pattern id="ln-${id}" width="${size}" height="${size}" patternUnits="userSpaceOnUse" patternTransform="rotate(${turned})"><rect width="${size}" height="${size}" fill="var(--${color})" opacity=".18"/><path d="${path}" stroke="var(--${color})" stroke-width="2" fill="none"/></pattern>`;
  return markup`<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>${[
    line("amnesiac", "amnesiac", 7, 45, "M0 0V7"),
    line("avoidable", "broken", 6, 45, "M0 0V6M0 3H6"),
    line("unavoidable", "stall", 7, -45, "M0 0V7"),
    line("collection", "collection", 5, 90, "M0 0V5"),
    line("provoked", "worst", 6, 0, "M0 0V6"),
    line("starting", "muted", 8, 45, "M0 0V8"),
    line("held", "muted", 6, 90, "M0 0V6"),
  ]}</defs></svg>`;
}

const KEYS: readonly (readonly [style: string, words: string])[] = [
  ["ln-intact", "turn answered with its memory"],
  ["ln-amnesiac", "turn answered without"],
  ["ln-open", "no answer"],
  ["ln-try-ok", "attempt of a client, answered"],
  ["ln-try-info", "attempt that came to nothing"],
  ["ln-wait", "model asked, no token yet"],
  ["ln-first", "first purchase"],
  ["ln-unavoidable", "bought again, unavoidable"],
  ["ln-avoidable", "bought again, avoidable"],
  ["ln-provoked", "bought again, provoked"],
  ["ln-tool", "tool call"],
  ["ln-starting", "process starting"],
  ["ln-alive", "process ready"],
  ["ln-major-gc", "held up by a collection"],
  ["ln-stall", "by a stalled loop"],
  ["ln-silence", "by a silence"],
  ["ln-core", "by no core, or a busy loop"],
  ["ln-held", "held for a fault"],
];

function key(): Markup {
  const bars = KEYS.map(
    ([style, words]) =>
      markup`<li><svg class="lane-key" viewBox="0 0 28 14" aria-hidden="true"><rect class="${style}" x="1" y="1" width="26" height="12"/></svg>${words}</li>`,
  );
  const signs = [
    ["dot", "ln-plain", "effect applied"],
    ["double", "ln-harm", "the same effect again"],
    ["ring", "ln-plain", "known by its key, not applied again; a read"],
    ["cross", "ln-harm", "cut off, refused or ended"],
    ["tick", "ln-harm", "attempt refused at once"],
    ["bolt", "ln-harm", "acknowledged turns not shown to the model; a crash"],
  ] as const;
  const marks = signs.map(
    ([shape, style, words]) =>
      markup`<li><svg class="lane-key" viewBox="0 0 28 18" aria-hidden="true">${glyph(shape, style, 14, 9)}</svg>${words}</li>`,
  );
  return markup`<ul class="lane-keys">${bars}${marks}</ul>`;
}

/** One lane: sentence, drawing, events. @param caption what stands in front of the sentence */
export function laneFigure(lane: Lane, caption: Markup): Markup {
  const events = laneEvents(lane);
  const left = leftOutWords(lane);
  return markup`<figcaption>${caption}<br>${prose(laneSentence(lane))} ${left}</figcaption>
<div class="scroll" tabindex="0">${laneSvg(lane)}</div>
<div class="lane-events">${folded(`Its ${counted(events.length, "event")} as a table`, denseTable("Seconds from zero, who saw it, and what happened", ["when", "who", "what"], events))}</div>`;
}

function figureOf(scenario: ScenarioSummary, trial: TrialSummary, given: Lane): Markup {
  const name = (phase: string): string => (phase === "fault" ? phaseName(scenario, phase) : phase);
  const lane = { ...given, phases: given.phases.map(([phase, fromMs]) => [name(phase), fromMs] as const) };
  const caption = markup`<b>Session ${lane.session}</b> of ${lane.cohort}, ${whyShown(lane)}: ${prose(damageWords(lane))}.`;
  return markup`<figure class="lane-figure" id="${laneAnchor(trial.id, lane.session)}">${laneFigure(lane, caption)}</figure>`;
}

/** Failures whose sessions are not drawn. */
function further({ id, lanes }: TrialSummary): Markup | null {
  if (lanes === undefined) return null;
  const drawn = new Set(lanes.shown.map(({ session }) => session));
  const rest = lanes.capsules.filter(({ session }) => session === null || !drawn.has(session));
  if (rest.length === 0) return null;
  const names = rest.map(({ checker, session }) => `${session === null ? checker : `${checker}-${session}`}.json`);
  return markup`<p class="aside">Further failures, each with its story and its lane: ${names.map((name) => markup`<code>${name}</code> `)}in trials/${id}/capsules/. <code>npx agent-derby explain trials/${id}/capsules/${names[0]} --html lane.html</code> draws one of them.</p>`;
}

export function lanesSection(summary: Summary, scenario: ScenarioSummary): Markup | null {
  const trials = eachTrial(summary, scenario).filter(
    ({ trial }) => trial.validity.verdict === "valid" && (trial.lanes?.shown.length ?? 0) > 0,
  );
  if (trials.length === 0) return null;
  const parts = trials.map(({ trial, runner }) => {
    const shown = trial.lanes?.shown ?? [];
    const [worst] = shown;
    const more = shown.length > 1 ? `; and ${counted(shown.length - 1, "session")} of broken claims` : "";
    const about = worst === undefined ? "" : `worst session ${worst.session}: ${damageWords(worst)}${more}`;
    return foldedOf(
      { id: anchor("lanes", trial.id), runner },
      markup`${runnerName(summary, runner, trial.block)} <span class="aside">${prose(about)}</span>`,
      shown.map((lane) => figureOf(scenario, trial, lane)),
      further(trial),
    );
  });
  return markup`<h3>Sessions seen closely</h3>
<p class="aside">One session on one time axis: what was going on when the fault struck, what was asked again, what happened twice. Zero is the fault (full line); the band ends where all that it had ended was ready again (broken line). The line under a turn is what its script needs. The worst session of each trial: who lost acknowledged turns, else whose effects happened twice, else who has no answer, else who paid twice without need, else who waited longest.</p>
${folded("What the bars and signs mean", key())}${parts}`;
}

/** The key and its hatches, for a page that shows a lane alone. */
export const laneKey = key;
