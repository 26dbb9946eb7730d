/** The name of a runner with its key: the stroke, dash and marker that its line has in every chart. */
import type { Summary } from "../../harness/summary.ts";
import { DASHES, LIGHT, MARKERS } from "./look.ts";
import { type Markup, markup } from "./markup.ts";

/** Position of a runner among the contestants; it decides its colour, dash and marker. Runners that no contestant describes come last. */
export function runnerPosition(summary: Summary, runner: string): number {
  const position = summary.contestants.findIndex((contestant) => contestant.name === runner);
  return position >= 0 ? position : summary.contestants.length;
}

/** Marker shapes about (14, 5), by the names of `MARKERS`. */
const SHAPES: Readonly<Record<(typeof MARKERS)[number], string>> = {
  circle: "M10.5 5a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0",
  rect: "M11 2h6v6h-6z",
  triangle: "M14 1l4 7h-8z",
  rectRot: "M14 1l4 4-4 4-4-4z",
  crossRot: "M11 2l6 6M17 2l-6 6",
};

function keyPaths(color: string, dash: readonly number[], shape?: string): Markup {
  const marker =
    shape === undefined ? null : markup`<path d="${shape}" fill="${color}" stroke="${color}" stroke-width="1.5"/>`;
  return markup`<path d="M0 5h28" fill="none" stroke="${color}" stroke-width="2" stroke-dasharray="${dash.join(" ")}"/>${marker}`;
}

/** A short piece of line, as in the charts. */
export function lineKey(color: string, dash: readonly number[]): Markup {
  return markup`<svg class="key" viewBox="0 0 28 10" aria-hidden="true">${keyPaths(color, dash)}</svg>`;
}

/** The key of each position, drawn once and referred to ever after: a long report names a runner hundreds of times. */
export function runnerKeys(summary: Summary): Markup {
  const symbols = Array.from({ length: summary.contestants.length + 1 }, (_, position) => {
    const marker = MARKERS[position % MARKERS.length] ?? "circle";
    const dash = DASHES[position % DASHES.length] ?? [];
    const color = `var(--runners-${position % LIGHT.runners.length})`;
    return markup`<symbol id="key-${position}" viewBox="0 0 28 10">${keyPaths(color, dash, SHAPES[marker])}</symbol>`;
  });
  return markup`<svg width="0" height="0" style="position:absolute" aria-hidden="true">${symbols}</svg>`;
}

export function runnerKey(summary: Summary, runner: string): Markup {
  return markup`<svg class="key" aria-hidden="true"><use href="#key-${runnerPosition(summary, runner)}"/></svg>`;
}

/** Key and name; the block is named where there are several. */
export function runnerName(summary: Summary, runner: string, block?: number): Markup {
  const which = block !== undefined && summary.campaign.blocks > 1 ? markup` <small>block ${block}</small>` : null;
  return markup`${runnerKey(summary, runner)}<span class="name">${runner}${which}</span>`;
}
