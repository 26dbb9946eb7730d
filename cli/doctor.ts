/** `doctor`: whether a run can work here, line by line, and what to do where it cannot. */
import type { Command } from "commander";
import { type Finding, findings } from "./doctor-checks.ts";
import { EXIT } from "./exit-codes.ts";
import { injectableLines } from "./fault-lines.ts";
import { commandLine } from "./invocation.ts";
import { terminalOptions } from "./table.ts";

const MARKS: Readonly<Record<Finding["state"], string>> = {
  ok: "ok      ",
  absent: "absent  ",
  warning: "warning ",
  problem: "PROBLEM ",
};

export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description(`check whether a run can work here; exit code ${EXIT.refused} if it cannot`)
    .action(async () => {
      let problems = 0;
      for await (const { subject, state, says } of findings()) {
        process.stdout.write(`${MARKS[state]} ${subject.padEnd(10)} ${says}\n`);
        if (state === "problem") problems++;
      }
      process.stdout.write(`\n${injectableLines(terminalOptions(process.stdout).width).join("\n")}\n`);
      process.stdout.write(
        problems === 0 ? `\nReady: ${commandLine("run")}\n` : `\nNot ready: ${problems} problems above.\n`,
      );
      if (problems > 0) process.exitCode = EXIT.refused;
    });
}
