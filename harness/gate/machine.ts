/** What a ledger says of gates on the machine of a campaign, in sentences: printed with every decision. */
import type { Summary } from "../summary.ts";
import { nameOf } from "./figures.ts";
import { type LedgerEntry, ledgerOf } from "./ledger.ts";
import { figureSays, selfTestFigures } from "./self-test.ts";

/** The question of a decision that was not made in pairs, or of a self-test. */
const QUESTION = { alpha: 0.01, pairsMost: 20, worseBy: 0.05 };
const RESAMPLED = 1_000;
/** What is gated by default; a self-test notes many more figures. */
const SHOWN = /^(overhead|holding time) p(50|90) .*in calm$|^CPU per turn/;

function sentences(entries: readonly LedgerEntry[], summary: Summary, resampled: number): string[] {
  const { pairs } = summary.campaign;
  const limits = pairs?.limits ?? [];
  const question =
    pairs === undefined
      ? QUESTION
      : {
          alpha: pairs.alpha / Math.max(1, limits.length),
          pairsMost: pairs.pairsMost,
          worseBy: Math.min(...limits.map(({ worseBy }) => worseBy)),
        };
  const asked = (name: string): boolean =>
    limits.length === 0 ? SHOWN.test(name) : limits.some(({ figure }) => name.startsWith(`${figure} `));
  return summary.scenarios.flatMap((scenario) => {
    const known = ledgerOf(entries, summary.environment, scenario).map((entry) => ({
      ...entry,
      figures: entry.figures.filter((one) => asked(nameOf(one))),
    }));
    return selfTestFigures(known, question, resampled).map(
      (test) => `${scenario.scenario}: ${figureSays(test, question)}`,
    );
  });
}

/** For a decision: what self-tests in the same scenarios have shown here. */
export function machineSays(entries: readonly LedgerEntry[], summary: Summary): string[] {
  const said = sentences(entries, summary, 0);
  return said.length > 0
    ? said
    : [
        "No self-test of the gate in this scenario was recorded on this machine (gate --self-test), so its own errors here are not known.",
      ];
}

/** For a self-test: the same, with resampled decisions. */
export function selfTestSays(entries: readonly LedgerEntry[], summary: Summary, resampled = RESAMPLED): string[] {
  return sentences(entries, summary, resampled);
}
