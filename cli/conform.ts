/** `conform RUNNER`: tests a runner against the contract, without load. */
import type { Command } from "commander";
import type { ConformReport } from "../harness/conform/conform.ts";
import { EXIT } from "./exit-codes.ts";
import { FlagProblems, postgresFlag } from "./flags.ts";
import { listenForInterrupt } from "./interrupt.ts";

const RESULT_WIDTH = "not offered".length;

/** The checks group by group, and the verdict in one sentence. */
export function renderConform({ runner, checks, passed }: ConformReport): string {
  const groups = [...new Set(checks.map(({ group }) => group))];
  const lines = groups.flatMap((group) => [
    group,
    ...checks
      .filter((check) => check.group === group)
      .map(
        ({ name, result, says }) => `  ${(result === "fail" ? "FAIL" : result).padEnd(RESULT_WIDTH)}  ${name}: ${says}`,
      ),
  ]);
  const failed = checks.filter(({ result }) => result === "fail").length;
  const verdict = passed
    ? `${runner} conforms.`
    : `${runner} does not conform: ${failed} of ${checks.length} checks failed.`;
  return [...lines, "", verdict].join("\n");
}

export function addConformCommand(program: Command): void {
  program
    .command("conform")
    .description("test a runner against runners/CONTRACT.md; exit code 1 if it does not conform")
    .argument("<runner>", "name, name:variant, or a path to its folder")
    .option("--postgres <where>", "embedded, docker, or an address postgres://…", "embedded")
    .option("--json", "print the checks as JSON")
    .action(async (name: string, flags: { readonly postgres: string; readonly json?: boolean }) => {
      const problems = new FlagProblems();
      const postgres = postgresFlag(problems, flags.postgres);
      problems.finish();
      const { resolveRunner } = await import("../harness/runner-check.ts");
      const runner = resolveRunner(name);
      const { conformRunner } = await import("../harness/conform/conform.ts");
      const interrupt = listenForInterrupt(() => process.stderr.write("Stopping.\n"));
      try {
        const report = await conformRunner(runner, { postgres, signal: interrupt.signal });
        process.stdout.write(`${flags.json === true ? JSON.stringify(report, null, 2) : renderConform(report)}\n`);
        process.exitCode = interrupt.signal.aborted ? EXIT.interrupted : report.passed ? EXIT.ok : EXIT.broken;
      } finally {
        interrupt.dispose();
      }
    });
}
