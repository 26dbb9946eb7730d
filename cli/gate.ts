/**
 * `gate`: may this campaign pass? Promises, invariants and objectives of a recorded campaign by a policy file, and limits against a stored
 * baseline where both come from the same machine. Exit code 0 pass, 1 regression, 3 inconclusive, 2 not understood.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { UsageError } from "../harness/errors.ts";
import type { GatePolicy } from "../harness/gate/policy.ts";
import type { GateAnswer } from "../harness/gate.ts";
import { EXIT } from "./exit-codes.ts";
import { chosenCampaign } from "./results.ts";

interface GateFlags {
  readonly policy?: string;
  readonly baseline?: string;
  readonly json?: string;
  readonly markdown?: string;
}

const CODES: Readonly<Record<GateAnswer, number>> = {
  pass: EXIT.ok,
  regression: EXIT.broken,
  inconclusive: EXIT.inconclusive,
};

/** @throws UsageError for a file that is no policy */
async function policyOf(file: string | undefined): Promise<GatePolicy> {
  const { checkPolicy, DEFAULT_POLICY } = await import("../harness/gate/policy.ts");
  if (file === undefined) return DEFAULT_POLICY;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`${file} cannot be read as a policy: ${(error as Error).message}`);
  }
  return checkPolicy(content, file);
}

export function addGateCommand(program: Command): void {
  program
    .command("gate")
    .description(
      "say whether a recorded campaign may pass: exit code 0 pass, 1 regression, 3 inconclusive, 2 not understood",
    )
    .argument("[dir]", "folder of the candidate's campaign, or its summary.json (default: the newest in results/)")
    .option("--policy <file>", "what is asked, as JSON (default: promises, no damage, recovery and overhead)")
    .option("--baseline <dir>", "a campaign, or its summary.json, that the candidate is held against")
    .option("--markdown <file>", "write the answer as Markdown, for a job summary")
    .option("--json <file>", "write the answer as JSON")
    .action(async (dir: string | undefined, flags: GateFlags) => {
      const policy = await policyOf(flags.policy);
      const { storedSummary } = await import("../harness/bench.ts");
      const { gate } = await import("../harness/gate.ts");
      const { renderGateMarkdown, renderGateText } = await import("../reports/gate.ts");
      const candidate = await storedSummary(dir?.endsWith(".json") ? dir : chosenCampaign(dir).folder);
      const baseline = flags.baseline === undefined ? null : await storedSummary(flags.baseline);
      const report = gate(candidate, policy, baseline);
      process.stdout.write(`${renderGateText(report)}\n`);
      if (flags.markdown !== undefined) writeFileSync(flags.markdown, renderGateMarkdown(report));
      if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`);
      process.exitCode = CODES[report.answer];
    });
}
