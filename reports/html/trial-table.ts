/** Tables with one row per trial: runners side by side, each row headed by the runner's key. Trials that do not count show their reason instead of figures. */
import type { ScenarioSummary, Summary, TrialSummary } from "../../harness/summary.ts";
import { count } from "../format.ts";
import { anchor, type Content, type Markup, markup } from "./markup.ts";
import { runnerName } from "./runner-name.ts";
import { type Cell, type Column, type Row, table } from "./table.ts";

/** One figure: its header and how it is read from a trial. */
export interface Figure extends Column {
  readonly of: (trial: TrialSummary) => Cell;
}

/** A count of damage: grey when zero, bold when not. */
export function damageCell(value: number | null, write: (value: number) => string = count): Cell {
  if (value === null) return { content: "–", tone: "quiet" };
  return { content: write(value), tone: value === 0 ? "quiet" : "notable" };
}

/** Every trial of a scenario with the name that heads its row; the first of each runner begins a group where there are several blocks. */
export function eachTrial(
  summary: Summary,
  scenario: ScenarioSummary,
): readonly {
  readonly trial: TrialSummary;
  readonly runner: string;
  readonly name: Markup;
  readonly begins: boolean;
}[] {
  return scenario.results.flatMap(({ runner, trials }) =>
    trials.map((trial, index) => ({
      trial,
      runner,
      name: runnerName(summary, runner, trial.block),
      begins: index === 0 && summary.campaign.blocks > 1,
    })),
  );
}

/** Where the certificate of a trial stands. */
export const certificateAnchor = (trial: string): string => anchor("certificate", trial);

/** The row of a trial, or its reason where it does not count. */
export function trialRow(name: Markup, trial: TrialSummary, cells: () => readonly Cell[], begins: boolean): Row {
  if (trial.validity.verdict === "valid") return { cells: [name, ...cells()], begins };
  return {
    cells: [name],
    note: markup`${trial.validity.verdict}: does not count (<a href="#${certificateAnchor(trial.id)}">why</a>)`,
    begins,
  };
}

export function trialTable(
  summary: Summary,
  scenario: ScenarioSummary,
  caption: Content,
  figures: readonly Figure[],
): Markup {
  return table({
    caption,
    sortable: true,
    columns: [{ head: "runner", align: "text" }, ...figures],
    rows: eachTrial(summary, scenario).map(({ trial, name, begins }) =>
      trialRow(name, trial, () => figures.map((figure) => figure.of(trial)), begins),
    ),
  });
}
