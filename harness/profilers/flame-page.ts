/**
 * A flame graph as one page that opens from disk and fetches nothing, for profilers that leave stacks and no page of their own.
 * The page is a pure function of its stacks and of the two files that it brings along.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flameTree, heaviest, type Stack } from "./stacks.ts";

const MOST_ROWS = 40;

/** What a page tells beside its stacks. */
export interface FlamePage {
  /** What was profiled, by what. */
  readonly title: string;
  /** Of the weights: "samples", "ms". */
  readonly unit: string;
  readonly stacks: readonly Stack[];
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);

/** JSON that cannot end the script element it stands in. */
const island = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

const browserFile = (name: string): string => readFileSync(new URL(`./browser/${name}`, import.meta.url), "utf8");

const shown = (weight: number): string => String(Number(weight.toPrecision(4)));

/** The page. Nothing in a frame's name can become markup. */
export function flamePage({ title, unit, stacks }: FlamePage): string {
  const root = flameTree(stacks);
  const rows = heaviest(stacks, MOST_ROWS).map(
    ({ name, weight }) =>
      `<tr><td>${shown(weight)}</td><td>${((100 * weight) / root.total).toFixed(1)} %</td><td>${escaped(name)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escaped(title)}</title><style>${browserFile("flame-graph.css")}</style></head>
<body><h1>${escaped(title)}</h1>
<p>${shown(root.total)} ${escaped(unit)} in all. Callers stand above what they call; width is time on the processor. A click widens a frame, a click above it goes back.</p>
<p id="frame-told" role="status"></p><div id="flames"></div>
<h2>In themselves</h2>
<table><thead><tr><th>${escaped(unit)}</th><th>share</th><th>frame</th></tr></thead><tbody>${rows.join("\n")}</tbody></table>
<script type="application/json" id="tree">${island({ unit, root })}</script>
<script>${browserFile("flame-graph.js")}</script>
</body></html>
`;
}

/** Writes the page into a folder. @returns its name there */
export function writeFlamePage(folder: string, page: FlamePage): string {
  const name = "flame.html";
  writeFileSync(join(folder, name), flamePage(page));
  return name;
}
