/**
 * The command line. Each command stands in a file of its own and says there what it takes; the work is done by `harness/`.
 *
 * This module promises the exit codes (`exit-codes.ts`) and that a mistake of the caller comes out as sentences, never as a stack.
 */
import { Command, CommanderError } from "commander";
import { TrialError, UsageError } from "../harness/errors.ts";
import { packageVersion } from "../harness/package-root.ts";
import { addCalibrateCommand } from "./calibrate.ts";
import { addChatCommand } from "./chat.ts";
import { addCleanCommand } from "./clean.ts";
import { addCompareCommand } from "./compare.ts";
import { addConformCommand } from "./conform.ts";
import { addDoctorCommand } from "./doctor.ts";
import { EXIT } from "./exit-codes.ts";
import { addExplainCommand } from "./explain.ts";
import { addGateCommand } from "./gate.ts";
import { addInitCommand } from "./init.ts";
import { addJudgeCommand } from "./judge.ts";
import { addListCommand } from "./list.ts";
import { addPlanCommand } from "./plan.ts";
import { addProfileCommand } from "./profile.ts";
import { addReportCommand } from "./report.ts";
import { addRunCommand } from "./run.ts";
import { addSetupCommand } from "./setup.ts";
import { addWorldCommand } from "./world.ts";

function buildProgram(): Command {
  const program = new Command("agent-derby")
    .description("Which agent runtime keeps its tail short and its promises when things break?")
    .version(packageVersion, "-v, --version")
    .exitOverride()
    .configureOutput({ outputError: () => undefined }) // mistakes are printed in one place, below
    .addHelpText("after", "\nStart with: agent-derby doctor, then agent-derby run");
  const commands = [
    addRunCommand,
    addPlanCommand,
    addReportCommand,
    addJudgeCommand,
    addCompareCommand,
    addGateCommand,
    addExplainCommand,
    addListCommand,
  ];
  const tools = [
    addInitCommand,
    addConformCommand,
    addProfileCommand,
    addDoctorCommand,
    addSetupCommand,
    addCalibrateCommand,
    addWorldCommand,
    addChatCommand,
    addCleanCommand,
  ];
  for (const add of [...commands, ...tools]) add(program);
  return program;
}

/** A message of the parser in the form of all our messages: "error: unknown option '--sed'\n(Did you mean --seed?)" as two sentences. */
function asSentence(message: string): string {
  const [what = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const offer = suggestion?.replace(/^\((.*?) (\S+)\?\)$/, ' $1 "$2"?') ?? "";
  const text = what.replaceAll("'", '"').replace(/\.$/, "");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.${offer}`;
}

/** What a caller reads when something went wrong, line by line. */
function sentencesOf(error: unknown): string[] {
  if (error instanceof UsageError) return [...error.problems];
  if (error instanceof CommanderError) return [asSentence(error.message)];
  if (error instanceof TrialError) return [error.message];
  // Errors of the system (a full disk, a missing folder) name what happened; a stack adds nothing for whoever has to act.
  if (error instanceof Error && "syscall" in error) return [error.message];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error), "This is a bug in agent-derby."];
}

async function main(): Promise<void> {
  // Whoever reads our output may stop early (`| head`); that is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.refused),
  );
  const program = buildProgram();
  try {
    if (process.argv.length <= 2) program.outputHelp();
    else await program.parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === EXIT.ok) return;
    for (const sentence of sentencesOf(error)) process.stderr.write(`agent-derby: ${sentence}\n`);
    process.exitCode = EXIT.refused;
  }
}

await main();
