/**
 * The drawing of a lane: tracks under each other on one time axis, faults as lines through all of them. Promises: the same lane gives
 * the same bytes; it needs no script, stays sharp in print, and everything drawn has a title. Colours, hatches and dashes are classes of
 * `browser/lanes.css`, so that both themes work.
 */
import type { Lane } from "../../harness/summarize/lane.ts";
import { laneSentence, moment } from "../lane-words.ts";
import { type Bar, type Glyph, type Mark, type Track, tracksOf } from "./lane-tracks.ts";
import { type Markup, markup } from "./markup.ts";

const WIDTH = 1200;
const LEFT = 116;
const RIGHT = 20;
/** Room above the tracks: names of faults and phases. */
const TOP = 40;
const BOTTOM = 24;
const BAR_HEIGHT = 18;
const LINE_HEIGHT = 22;
const TRACK_GAP = 10;
/** Mean width of a character at 12 px; generous, so that no text runs over an edge. */
const CHARACTER = 6.7;
/** The same of the heavier face in which harm is written. */
const CHARACTER_BOLD = 7.4;
/** What is shorter is drawn as if it were so long. */
const BAR_LEAST = 2.5;
const TICKS_MOST = 12;

const px = (value: number): string => String(Math.round(value * 10) / 10);
const widthOf = (text: string): number => text.length * CHARACTER;

/** Where a window's instants stand. */
interface Axis {
  readonly x: (ms: number) => number;
  readonly fromMs: number;
  readonly toMs: number;
}

function axisOf({ fromMs, toMs }: Lane): Axis {
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(1, toMs - fromMs);
  return { fromMs, toMs, x: (ms) => LEFT + (Math.min(toMs, Math.max(fromMs, ms)) - fromMs) * scale };
}

/** Lines of a track: bars that would overlap stand under each other. A mark stands on the first line. */
function linesOf({ bars }: Track, axis: Axis): readonly (readonly Bar[])[] {
  const lines: { bars: Bar[]; untilMs: number }[] = [];
  for (const bar of [...bars].sort((a, b) => a.fromMs - b.fromMs)) {
    const untilMs = bar.toMs ?? Number.POSITIVE_INFINITY;
    if (bar.fromMs > axis.toMs || untilMs < axis.fromMs) continue;
    const free = lines.find((line) => line.untilMs <= bar.fromMs);
    if (free === undefined) lines.push({ bars: [bar], untilMs });
    else {
      free.bars.push(bar);
      free.untilMs = untilMs;
    }
  }
  return lines.length === 0 ? [[]] : lines.map((line) => line.bars);
}

const GLYPHS: Readonly<Record<Glyph, string>> = {
  cross: "M-4-4l8 8M4-4l-8 8",
  dot: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0",
  ring: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
  double: "M0-7l6 11h-12z",
  tick: "M0-6v12",
  bolt: "M-4 7l4-14 4 14z",
};

/** The sign of a mark alone, as in the key. */
export function glyph(shape: Glyph, style: string, x: number, y: number): Markup {
  const open = shape === "cross" || shape === "ring" || shape === "tick" ? " ln-open-sign" : "";
  return markup`<path class="ln-sign ${style}${open}" transform="translate(${px(x)} ${px(y)})" d="${GLYPHS[shape]}"/>`;
}

function barShape(bar: Bar, y: number, axis: Axis): Markup {
  const fromX = axis.x(bar.fromMs);
  const toX = Math.max(fromX + BAR_LEAST, axis.x(bar.toMs ?? axis.toMs));
  const goesOn = goesOnFrom(bar, axis) ? markup`<path class="ln-on" d="M${px(toX - 6)} ${y + 4}l5 5-5 5"/>` : null;
  return markup`<g><title>${bar.title}</title><rect class="${bar.style}" x="${px(fromX)}" y="${y}" width="${px(toX - fromX)}" height="${BAR_HEIGHT}"/>${goesOn}</g>`;
}

const goesOnFrom = ({ toMs }: Bar, axis: Axis): boolean => toMs === null || toMs > axis.toMs;

/** The text of a bar, in it or right of it; nothing where there is no room. */
function barText(bar: Bar, line: readonly Bar[], y: number, axis: Axis): Markup | null {
  const fromX = axis.x(bar.fromMs);
  const endMs = (bar.textToMs === undefined ? bar.toMs : bar.textToMs) ?? axis.toMs;
  const toX = Math.max(fromX + BAR_LEAST, axis.x(endMs));
  const next = line.find((other) => other.fromMs > bar.fromMs && other.fromMs >= endMs);
  const nextX = next === undefined ? WIDTH : axis.x(next.fromMs);
  const inside = bar.texts.find((text) => widthOf(text) + 8 <= toX - fromX);
  const beside = bar.texts.find((text) => toX + widthOf(text) + 8 <= nextX);
  if (inside !== undefined) return markup`<text x="${px(fromX + 4)}" y="${y + 13}">${inside}</text>`;
  return beside === undefined ? null : markup`<text x="${px(toX + 4)}" y="${y + 13}">${beside}</text>`;
}

/** The text of a mark, right of it or left; nothing where it would run into its neighbours. Its title has it too. */
function markText({ text, style }: Mark, x: number, previousX: number, nextX: number, y: number): Markup | null {
  const needed = text.length * CHARACTER_BOLD + 16;
  if (text === "") return null;
  if (x + needed <= nextX) return markup`<text class="${style}" x="${px(x + 8)}" y="${y + 13}">${text}</text>`;
  if (x - needed < previousX) return null;
  return markup`<text class="${style} ln-left" x="${px(x - 8)}" y="${y + 13}">${text}</text>`;
}

function markShapes(marks: readonly Mark[], y: number, axis: Axis): Markup[] {
  const shown = [...marks].sort((a, b) => a.ms - b.ms);
  // A text on the left of a mark must not meet that on the right of the one before.
  let takenX = LEFT;
  return shown.map((mark, place) => {
    const x = axis.x(mark.ms);
    const next = shown.slice(place + 1).find(({ ms }) => axis.x(ms) > x + 2);
    const nextX = next === undefined ? WIDTH : axis.x(next.ms) - 4;
    const label = markText(mark, x, takenX, nextX, y);
    takenX = Math.max(takenX, x + 8 + (label === null ? 0 : mark.text.length * CHARACTER_BOLD));
    return markup`<g><title>${mark.title}</title>${glyph(mark.glyph, mark.style, x, y + BAR_HEIGHT / 2)}${label}</g>`;
  });
}

/** One track with its name; marks of a track that has bars stand on a line of their own where they say something. */
function trackShapes(given: Track, top: number, axis: Axis): { readonly shapes: Markup; readonly height: number } {
  const track = { ...given, marks: given.marks.filter(({ ms }) => ms >= axis.fromMs && ms <= axis.toMs) };
  const lines = linesOf(track, axis);
  const worded = track.bars.length > 0 && track.marks.some(({ text }) => text !== "");
  const markTop = worded ? top + lines.length * LINE_HEIGHT : top;
  const yOf = (row: number): number => top + row * LINE_HEIGHT;
  // Texts over all bars: one may run on into the bar behind its own.
  const bars = lines.map((line, row) => line.map((bar) => barShape(bar, yOf(row), axis)));
  const texts = lines.map((line, row) => line.map((bar) => barText(bar, line, yOf(row), axis)));
  const floors = (track.floors ?? []).map(([fromMs, toMs]) => {
    const y = top + BAR_HEIGHT + 1.5;
    return markup`<path class="ln-floor" d="M${px(axis.x(fromMs))} ${y}H${px(axis.x(toMs))}"><title>the script needs ${moment(fromMs)} to ${moment(toMs)}</title></path>`;
  });
  const height = (lines.length + (worded ? 1 : 0)) * LINE_HEIGHT;
  const shapes = markup`<text class="ln-name" x="${LEFT - 10}" y="${top + 13}">${track.name}</text>${bars}${texts}${floors}${markShapes(track.marks, markTop, axis)}`;
  return { shapes, height };
}

/** Round instants: at most a dozen, a whole number of 0.1, 0.2, 0.5, 1, 2, 5 … seconds apart. */
export function ticksOf(fromMs: number, toMs: number): readonly number[] {
  const steps = [1, 10, 100].flatMap((power) => [100, 200, 500].map((step) => step * power));
  const step = steps.find((one) => (toMs - fromMs) / one <= TICKS_MOST) ?? 100_000;
  const first = Math.ceil(fromMs / step);
  return Array.from({ length: Math.floor(toMs / step) - first + 1 }, (_, place) => (first + place) * step);
}

function axisShapes({ phases }: Lane, axis: Axis, bottom: number): Markup {
  const ticks = ticksOf(axis.fromMs, axis.toMs).map((ms) => {
    const x = px(axis.x(ms));
    const name = ms === 0 ? "0 s" : `${ms < 0 ? "−" : "+"}${Math.abs(ms) / 1000} s`;
    return markup`<path class="ln-grid" d="M${x} ${TOP - 4}V${bottom}"/><text class="ln-tick" x="${x}" y="${bottom + 15}">${name}</text>`;
  });
  const names = phases.map(([phase, fromMs], place) => {
    const x = axis.x(fromMs);
    const nextX = axis.x(phases[place + 1]?.[1] ?? axis.toMs);
    const text = [`phase ${phase}`, phase].find((one) => widthOf(one) + 4 <= nextX - x) ?? "";
    return markup`<text class="ln-phase" x="${px(x + 3)}" y="12">${text}</text><path class="ln-phase" d="M${px(x)} 2v14"><title>phase ${phase} begins</title></path>`;
  });
  return markup`${ticks}${names}`;
}

/** Bands under the tracks and lines above them: from a fault until all that it ended was ready again. */
function faultShapes({ faults }: Lane, axis: Axis, bottom: number): { readonly bands: Markup; readonly lines: Markup } {
  const drawn = faults.filter(([, , firedMs]) => firedMs <= axis.toMs);
  const bands = drawn.map(([, , firedMs, , readyMs]) => {
    const [fromX, toX] = [axis.x(firedMs), axis.x(readyMs ?? axis.toMs)];
    return markup`<rect class="ln-band" x="${px(fromX)}" y="${TOP - 16}" width="${px(Math.max(1, toX - fromX))}" height="${bottom - TOP + 16}"/>`;
  });
  const lines = drawn.map(([id, kind, firedMs, landedMs, readyMs, proof], place) => {
    const x = axis.x(firedMs);
    const nextX = axis.x(drawn[place + 1]?.[2] ?? axis.toMs + 1);
    const texts = [`${kind} (${id})`, id].filter((text) => widthOf(text) + 8 <= nextX - x);
    const landed = landedMs === null ? "never landed" : `landed at ${moment(landedMs)}: ${proof}`;
    const ready = readyMs === null ? "never ready again" : `ready again at ${moment(readyMs)}`;
    const fired = firedMs < axis.fromMs ? null : markup`<path class="ln-fault" d="M${px(x)} ${TOP - 16}V${bottom}"/>`;
    const back =
      readyMs === null || readyMs > axis.toMs
        ? null
        : markup`<path class="ln-ready" d="M${px(axis.x(readyMs))} ${TOP - 3}V${bottom}"/>`;
    return markup`<g><title>${kind} (${id}) at ${moment(firedMs)}, ${landed}; ${ready}</title>${fired}${back}<text class="ln-fault-name" x="${px(x + 4)}" y="${TOP - 6}">${texts[0] ?? ""}</text></g>`;
  });
  return { bands: markup`${bands}`, lines: markup`${lines}` };
}

/** The drawing. */
export function laneSvg(lane: Lane): Markup {
  const axis = axisOf(lane);
  let top = TOP;
  const tracks = tracksOf(lane).map((track) => {
    const { shapes, height } = trackShapes(track, top, axis);
    const rule = markup`<path class="ln-rule" d="M0 ${top - TRACK_GAP / 2}H${WIDTH}"/>`;
    top += height + TRACK_GAP;
    return markup`${rule}${shapes}`;
  });
  const { bands, lines } = faultShapes(lane, axis, top);
  const height = top + BOTTOM;
  return markup`<svg class="lane" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${laneSentence(lane)}">${bands}${axisShapes(lane, axis, top)}${tracks}${lines}</svg>`;
}
