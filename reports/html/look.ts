/**
 * Colours, dashes and markers of the report: the Okabe-Ito palette, which people with colour vision deficiencies tell apart
 * (Okabe and Ito 2008, "Color Universal Design"), lightened where it would be too dark on a dark page. Style sheet, keys and charts take
 * them from here, so that a line looks the same everywhere. Colour never stands alone: each runner has a dash and a marker too.
 */

export interface Palette {
  readonly page: string;
  readonly panel: string;
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly grid: string;
  readonly band: string;
  readonly fault: string;
  readonly notable: string;
  readonly broken: string;
  readonly good: string;
  readonly link: string;
  /** Series of the timeline. */
  readonly offered: string;
  readonly intact: string;
  readonly amnesiac: string;
  readonly median: string;
  readonly worst: string;
  readonly pending: string;
  /** Spans above the overhead. */
  readonly collection: string;
  readonly stall: string;
  readonly silence: string;
  /** Counts in a heat map, from few to many: one hue, ever farther from the page. */
  readonly heat: readonly string[];
  /** Lines of runners, by position. */
  readonly runners: readonly string[];
}

export const LIGHT: Palette = {
  page: "#ffffff",
  panel: "#f6f7f8",
  ink: "#1c2126",
  muted: "#59626c",
  rule: "#d8dce0",
  grid: "#e8eaed",
  band: "rgba(30, 50, 70, 0.045)",
  fault: "#1c2126",
  notable: "#8f4700",
  broken: "#b32d00",
  good: "#00694c",
  link: "#0067a8",
  offered: "#848c94",
  intact: "#0072B2",
  amnesiac: "#D55E00",
  median: "#0072B2",
  worst: "#CC79A7",
  pending: "#009E73",
  collection: "#D55E00",
  stall: "#A06C00",
  silence: "#0072B2",
  heat: ["#a9cfe8", "#74b2db", "#3f92c8", "#1b70ab", "#0a4d84", "#04284d"],
  runners: ["#009E73", "#CC79A7", "#E69F00", "#0072B2", "#D55E00", "#56B4E9", "#000000"],
};

export const DARK: Palette = {
  page: "#15181b",
  panel: "#1d2125",
  ink: "#e7e9eb",
  muted: "#a0a8b0",
  rule: "#343a40",
  grid: "#292e33",
  band: "rgba(210, 225, 240, 0.05)",
  fault: "#e7e9eb",
  notable: "#f2ae66",
  broken: "#ff8a5c",
  good: "#4cc9a1",
  link: "#6cbcec",
  offered: "#8d959d",
  intact: "#56B4E9",
  amnesiac: "#F0803C",
  median: "#56B4E9",
  worst: "#CC79A7",
  pending: "#2DBE94",
  collection: "#F0803C",
  stall: "#E69F00",
  silence: "#56B4E9",
  heat: ["#245478", "#2f76a8", "#4a9bd0", "#7cbce6", "#b2daf3", "#ecf7fe"],
  runners: ["#2DBE94", "#CC79A7", "#E69F00", "#4A9FD8", "#F0803C", "#8CCBF0", "#D0D4D8"],
};

/** Lengths of stroke and gap in pixels; the first is a full line. */
export const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4]];
/** Names as Chart.js knows them. */
export const MARKERS = ["circle", "rect", "triangle", "rectRot", "crossRot"] as const;

/** The custom properties of a palette, as CSS. */
export function paletteCss(palette: Palette): string {
  return Object.entries(palette)
    .flatMap(([name, value]) =>
      typeof value === "string"
        ? [`--${name}:${value}`]
        : [...value].map((color, index) => `--${name}-${index}:${color}`),
    )
    .join(";");
}
