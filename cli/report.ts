/** `report`: renders stored results again; the same recordings give the same bytes. */
import { relative } from "node:path";
import type { Command } from "commander";
import { chosenCampaign } from "./results.ts";
import { terminalOptions } from "./table.ts";

export function addReportCommand(program: Command): void {
  program
    .command("report")
    .description("write summary.json, report.html, report.md and junit.xml again from stored recordings")
    .argument("[dir]", "folder of a campaign (default: the newest in results/)")
    .action(async (dir: string | undefined) => {
      const folder = chosenCampaign(dir).folder;
      const { reportFolder } = await import("../harness/bench.ts");
      const { renderTerminal } = await import("../reports/terminal.ts");
      const summary = await reportFolder(folder);
      process.stdout.write(
        `${renderTerminal(summary, terminalOptions(process.stdout))}\nReport: ${relative(process.cwd(), folder) || "."}/report.html\n`,
      );
    });
}
