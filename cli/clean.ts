/** `clean`: removes old campaigns and what dead runs have left behind. */
import { relative } from "node:path";
import type { Command } from "commander";
import { findAbandoned } from "../harness/processes/marked-directory.ts";
import { sweep } from "../harness/processes/remains.ts";
import { removeOldCampaigns } from "../harness/recordings.ts";
import { FlagProblems, integerFlag } from "./flags.ts";
import { resultsFolder } from "./results.ts";
import { byteSize } from "./table.ts";

const KEEP_BY_DEFAULT = 5;

export function addCleanCommand(program: Command): void {
  program
    .command("clean")
    .description("remove old campaigns from results/, and what killed runs left behind")
    .option("--keep <n>", `how many of the newest campaigns stay (default: ${KEEP_BY_DEFAULT})`)
    .option("--dry-run", "only say what would be removed")
    .action(async (flags: { readonly keep?: string; readonly dryRun?: boolean }) => {
      const problems = new FlagProblems();
      const keep = integerFlag(problems, "--keep", flags.keep, 0, 10_000) ?? KEEP_BY_DEFAULT;
      problems.finish();
      const dryRun = flags.dryRun === true;
      const verb = dryRun ? "Would remove" : "Removed";
      const campaigns = removeOldCampaigns(resultsFolder(), keep, dryRun);
      for (const { folder, bytes } of campaigns)
        process.stdout.write(`${verb} ${relative(process.cwd(), folder)} (${byteSize(bytes)})\n`);
      const leftovers = dryRun ? findAbandoned() : await sweep();
      for (const { path } of leftovers) process.stdout.write(`${verb} ${path}, left by a run that was killed\n`);
      const freed = campaigns.reduce((sum, { bytes }) => sum + bytes, 0);
      if (campaigns.length + leftovers.length === 0)
        process.stdout.write(`Nothing to remove; the newest ${keep} campaigns stay.\n`);
      else process.stdout.write(`${dryRun ? "Would free" : "Freed"} ${byteSize(freed)} of campaigns.\n`);
    });
}
