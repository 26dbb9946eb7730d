/** The catalogue of faults in the terminal: what there is (`list faults`), and what this machine can inject (`doctor`). */
import { type CatalogueFault, FAULT_GROUPS, faultCatalogue } from "../harness/fault-catalogue.ts";
import { wrap } from "../reports/terminal.ts";

const INDENT = "  ";

const inGroups = (faults: readonly CatalogueFault[]): [string, CatalogueFault[]][] =>
  FAULT_GROUPS.map((group): [string, CatalogueFault[]] => [group, faults.filter(({ hits }) => hits === group)]).filter(
    ([, own]) => own.length > 0,
  );

/** Text behind a heading column, the following lines set under it. */
function beside(head: string, column: number, text: string, width: number): string[] {
  const lines = wrap(text, width - column);
  return lines.map((line, place) => `${(place === 0 ? head : "").padEnd(column)}${line}`);
}

/** Every kind with what happens, how its landing is proved, and whether that takes root. @param width of the terminal, in characters */
export function catalogueText(width: number, faults: readonly CatalogueFault[] = faultCatalogue()): string {
  const column = Math.max(...faults.map(({ kind }) => kind.length)) + 2 * INDENT.length;
  const groups = inGroups(faults).map(([group, own]) => [
    `faults of ${group}`,
    ...own.flatMap(({ kind, about, provedBy, rootWhere }) => {
      const root = rootWhere === null ? "" : ` Needs root ${rootWhere}.`;
      return beside(`${INDENT}${kind}`, column, `${about} Proof: ${provedBy}${root}`, width);
    }),
  ]);
  const free = faults.filter(({ rootWhere }) => rootWhere === null).length;
  const sum = `${faults.length} kinds, ${free} of which nowhere need root. Those of processes, paths and Postgres stand under \`faults\` of a scenario, the others in its cohorts and scripts.`;
  return [...groups.flatMap((lines) => [...lines, ""]), ...wrap(sum, width)].join("\n");
}

/** Which of them can be injected here, by group, and why not the others. */
export function injectableLines(width: number, faults: readonly CatalogueFault[] = faultCatalogue()): string[] {
  const judged = faults.map((fault) => ({ ...fault, why: fault.whyNot() }));
  const able = judged.filter(({ why }) => why === null);
  const column = Math.max(...judged.map(({ kind, hits }) => Math.max(kind.length, hits.length))) + 2 * INDENT.length;
  const here = inGroups(able).flatMap(([group, own]) =>
    beside(`${INDENT}${group}`, column, own.map(({ kind }) => kind).join(", "), width),
  );
  const not = judged.flatMap(({ kind, why }) => (why === null ? [] : beside(`${INDENT}${kind}`, column, why, width)));
  return [
    `${able.length} of ${judged.length} kinds of faults can be injected here:`,
    ...here,
    ...(not.length === 0 ? [] : ["Not here:", ...not]),
  ];
}
