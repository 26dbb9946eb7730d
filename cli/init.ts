/**
 * `init`: makes somebody's own backend a runner, in its own repository: a mapping from a curl command, how it is started, a policy and
 * a workflow. Existing files are never touched, and nothing is left behind when something stands in the way.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { UsageError, unknownName } from "../harness/errors.ts";
import type { Mapping, RunnerFile } from "../harness/runner.ts";
import { backendFiles, RUNNER_FOLDER } from "./init/backend-files.ts";
import { isTemplate, TEMPLATES, templateFiles } from "./init/templates.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { commandLine } from "./invocation.ts";

interface InitFlags {
  readonly curl?: string;
  readonly template?: string;
  readonly start?: string;
  readonly portEnv: string;
  readonly modelEnv: string;
  readonly ready?: string;
  readonly env: readonly string[];
  readonly answer?: string;
  readonly sse?: boolean;
}

/** NAME=VALUE as pairs. @throws UsageError for what is none, and for what should not be written into a file */
function environmentOf(settings: readonly string[], looksSecret: (name: string) => boolean): Record<string, string> {
  const problems: string[] = [];
  const pairs = settings.map((setting) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(setting) ?? [];
    if (name === undefined) problems.push(`--env takes NAME=VALUE, not "${setting}".`);
    else if (looksSecret(name) && !value?.includes("{"))
      problems.push(
        `${name} looks like a secret and would be written into runner.json. Leave it out and set it in the environment, which the backend gets as well.`,
      );
    return [name ?? "", value ?? ""] as const;
  });
  if (problems.length > 0) throw new UsageError(problems);
  return Object.fromEntries(pairs);
}

async function nameOf(folder: string): Promise<{ readonly name: string; readonly home: string }> {
  const { packageOf } = await import("../harness/init/start-command.ts");
  const { name, homepage } = packageOf(folder);
  return {
    name: typeof name === "string" && name !== "" ? name : basename(folder),
    home: typeof homepage === "string" && homepage !== "" ? homepage : "https://localhost",
  };
}

/** The answer as it is given, or as a turn shows it. */
async function answerOf(file: RunnerFile, folder: string, flags: InitFlags): Promise<Mapping["answer"]> {
  if (flags.answer !== undefined) return { text: flags.answer, ...(flags.sse === true && { sse: "data" }) };
  const { learnAnswer } = await import("../harness/init/learn-answer.ts");
  const interrupt = listenForInterrupt(() => process.stderr.write("Stopping.\n"));
  const home = join(folder, RUNNER_FOLDER);
  const isNew = !existsSync(home);
  mkdirSync(home, { recursive: true });
  try {
    process.stderr.write("Starting it once, to see where its answers stand.\n");
    return await learnAnswer(file, home, interrupt.signal);
  } catch (error) {
    if (isNew) rmSync(home, { recursive: true, force: true });
    throw error;
  } finally {
    interrupt.dispose();
  }
}

/** @throws UsageError naming what is there already */
function refuseToOverwrite(folder: string, paths: readonly string[]): void {
  const there = paths.filter((path) => existsSync(join(folder, path)));
  if (there.length > 0) throw new UsageError(there.map((path) => `${path} exists, and is not overwritten.`));
}

function write(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { flag: "wx" });
    process.stdout.write(`wrote ${path}\n`);
  }
}

async function fromTemplate(folder: string, name: string): Promise<void> {
  if (!isTemplate(name)) throw new UsageError(unknownName("template", name, Object.keys(TEMPLATES)));
  const files = await templateFiles(name, (await nameOf(folder)).name);
  refuseToOverwrite(folder, [...files.keys()]);
  write(folder, files);
  process.stdout.write(`\nNext: read derby/README.md\n`);
}

async function fromCurl(folder: string, curl: string, flags: InitFlags): Promise<void> {
  const { parseCurl } = await import("../harness/init/curl-command.ts");
  const { looksSecret, mappingOfCurl } = await import("../harness/init/curl-mapping.ts");
  const { startCommand } = await import("../harness/init/start-command.ts");
  const { runnerOfBackend } = await import("../harness/init/backend-runner.ts");
  const { checkRunnerFile } = await import("../harness/runner-shape.ts");
  const { mapping: asking, streams, secrets, says } = mappingOfCurl(parseCurl(curl));
  const env = environmentOf(flags.env, looksSecret);
  const start = startCommand(folder, flags.start);
  const { portEnv, modelEnv, ready } = flags;
  const named = await nameOf(folder);
  const withAnswer = (answer: Mapping["answer"]): RunnerFile =>
    runnerOfBackend({
      ...named,
      start,
      portEnv,
      modelEnv,
      ready,
      env,
      mapping: { ...asking, answer },
    });
  // A backend may look at what is accepted before it decides how to answer.
  const draft = withAnswer({ text: "$", ...(streams && { sse: "data" }) });
  const problems = checkRunnerFile(draft);
  if (problems.length > 0) throw new UsageError(problems);
  refuseToOverwrite(folder, [...backendFiles(draft).keys()]);
  // For the one turn by which it is learned where answers stand; nothing else of this process sees it.
  for (const [name, value] of secrets) process.env[name] ??= value;
  const answer = await answerOf(draft, folder, flags);
  write(folder, backendFiles(withAnswer(answer)));
  process.stdout.write(`Started by "${start.line}" (${start.from}); answers are read at ${JSON.stringify(answer)}.\n`);
  for (const sentence of says) process.stdout.write(`${sentence}\n`);
  process.stdout.write(`\nNext: ${commandLine("conform", `./${RUNNER_FOLDER}`)}\n`);
}

async function init(given: string | undefined, flags: InitFlags): Promise<void> {
  const folder = resolve(given ?? ".");
  const { curl, template } = flags;
  if (curl !== undefined && template === undefined) await fromCurl(folder, curl, flags);
  else if (template !== undefined && curl === undefined) await fromTemplate(folder, template);
  else
    throw new UsageError(
      `Give one of two: --curl for a backend that is there, or --template (${Object.keys(TEMPLATES).join(", ")}) to write a new one.`,
    );
}

export function addInitCommand(program: Command): void {
  program
    .command("init")
    .description("make a backend of your own a runner, from one curl command; or write a new one from a template")
    .argument("[folder]", "the backend's repository (default: the current folder)")
    .option(
      "--curl <command>",
      "how a turn is asked for, with {session} and {input} (and {turn}) in their places: \"curl localhost:3000/chat -d '{…}'\"",
    )
    .option(
      "--template <language>",
      `write a runner that keeps the whole contract: ${Object.keys(TEMPLATES).join(", ")}`,
    )
    .option("--start <command>", "how it is started (default: start of package.json, or uvicorn for FastAPI)")
    .option("--port-env <name>", "variable that takes its port", "PORT")
    .option("--model-env <name>", "variable that takes the model's base address", "OPENAI_BASE_URL")
    .option("--ready <path>", "answers 200 when turns are taken (default: taking connections has to do)")
    .option(
      "--env <name=value...>",
      "further variables; {dataDir} is the folder that survives a restart, empty in every trial",
      [],
    )
    .option("--answer <path>", "where the answer stands, as $.path (default: it is started once, to see)")
    .option("--sse", "with --answer: it comes as a stream, and that is the path in each event")
    .action(init);
}
