/** `judge`: runs the checkers again on stored recordings and prints their verdicts. */
import type { Command } from "commander";
import type { Verdict } from "../harness/checkers/checker.ts";
import type { Summary } from "../harness/summary.ts";
import { EXIT } from "./exit-codes.ts";
import { chosenCampaign } from "./results.ts";
import { textTable } from "./table.ts";

const resultWord = ({ result }: Verdict): string => (result === "unknown" ? "unknown" : result ? "true" : "FALSE");

/** Verdicts of all trials, one row each, violated claims with what was found. */
export function renderVerdicts(summary: Summary): string {
  const trials = summary.scenarios.flatMap(({ results }) => results.flatMap(({ trials }) => trials));
  const rows = trials.flatMap(({ id, verdicts }) =>
    verdicts.map((verdict) => [
      id,
      verdict.checker,
      resultWord(verdict),
      String(verdict.violations),
      String(verdict.exposures),
      verdict.result === true ? verdict.claim : verdict.reason,
    ]),
  );
  const promises = summary.promises.map(({ runner, promise, state, says }) => [runner, promise, state, says]);
  return [
    textTable(["trial", "checker", "result", "violations", "exposures", "in words"], rows),
    "",
    textTable(["runner", "promise", "state", "in words"], promises),
  ].join("\n");
}

export function addJudgeCommand(program: Command): void {
  program
    .command("judge")
    .description("judge stored recordings again; exit code 1 if a promise is broken")
    .argument("[dir]", "folder of a campaign (default: the newest in results/)")
    .action(async (dir: string | undefined) => {
      const { judgeFolder } = await import("../harness/bench.ts");
      const summary = await judgeFolder(chosenCampaign(dir).folder);
      process.stdout.write(`${renderVerdicts(summary)}\n`);
      if (summary.promises.some(({ state }) => state === "broken")) process.exitCode = EXIT.broken;
    });
}
