/** `compare`: two campaigns, or two contestants of one, side by side. It is for looking; whether a build may pass is asked of the gate. */
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Command } from "commander";
import type { CompareRequest } from "../harness/bench.ts";
import { UsageError } from "../harness/errors.ts";
import { terminalOptions } from "./table.ts";

interface CompareFlags {
  readonly json?: string;
  readonly html?: string;
  readonly markdown?: string;
}

/** @throws UsageError unless there are two or three words */
function requestOf(words: readonly string[]): CompareRequest {
  const [first, second, third] = words;
  if (first !== undefined && second !== undefined && words.length === 2) return { a: first, b: second };
  if (first !== undefined && second !== undefined && third !== undefined && words.length === 3)
    return { campaign: first, runnerA: second, runnerB: third };
  throw new UsageError(
    `compare takes two campaigns (compare A B), or a campaign and two of its contestants (compare DIR RUNNER_A RUNNER_B), not ${words.length === 0 ? "nothing" : words.join(" ")}.`,
  );
}

function write(file: string, text: string): void {
  writeFileSync(file, text);
  process.stdout.write(`Written: ${relative(process.cwd(), file) || file}\n`);
}

export function addCompareCommand(program: Command): void {
  program
    .command("compare")
    .description(
      "lay two campaigns, or two contestants of one, side by side: better, worse, or no difference larger than X",
    )
    .argument("<what...>", "A B: folders of two campaigns (or summary.json files); or DIR RUNNER_A RUNNER_B")
    .option("--html <file>", "write one self-contained page with the shift plots")
    .option("--markdown <file>", "write the tables as Markdown")
    .option("--json <file>", "write the comparison as JSON")
    .action(async (words: string[], flags: CompareFlags) => {
      const request = requestOf(words);
      const { compareStored } = await import("../harness/bench.ts");
      const { renderComparisonTerminal } = await import("../reports/compare/terminal.ts");
      const comparison = await compareStored(request);
      process.stdout.write(renderComparisonTerminal(comparison, terminalOptions(process.stdout)));
      if (flags.html !== undefined) {
        const { renderComparisonHtml } = await import("../reports/compare/html.ts");
        write(flags.html, renderComparisonHtml(comparison));
      }
      if (flags.markdown !== undefined) {
        const { renderComparisonMarkdown } = await import("../reports/compare/markdown.ts");
        write(flags.markdown, renderComparisonMarkdown(comparison));
      }
      if (flags.json !== undefined) {
        const { renderJson } = await import("../reports/json.ts");
        write(flags.json, renderJson(comparison));
      }
    });
}
