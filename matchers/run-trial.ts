/**
 * One trial from a test of somebody's own. Promises: it runs as `agent-derby run` does, in a process of its own, so that the test's process is
 * neither pinned nor raised; the recording and its report stay; a trial that was not recorded is an error, never an empty result.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { TrialError, UsageError } from "../harness/errors.ts";
import { packageRoot } from "../harness/package-root.ts";
import { readStoredSummary } from "../harness/stored-summary.ts";
import type { Summary, TrialSummary } from "../harness/summary.ts";

export interface TrialRequest {
  /** Name of a runner that comes with the package, or the path of a runner's folder; "name:variant" for a variant. */
  readonly runner: string;
  /** Name of a scenario, or a scenario file. */
  readonly scenario: string;
  /** The same seed gives the same plan. Default "1": a test asks the same each time. */
  readonly seed?: string;
  /** Live sessions, 1 to 100,000. Default: the profile's. */
  readonly sessions?: number;
  /** Default "smoke": about half a minute. */
  readonly profile?: string;
  /** "embedded" (default), "docker" or the address of a server. */
  readonly postgres?: string;
  /** Folder for recordings; each trial gets one of its own in it. Default "results" in the working directory. */
  readonly out?: string;
  /** Whether harness and runtime get cores of their own. Default true. */
  readonly pin?: boolean;
  /** Whether the driver is held against known answers first (10 s). Default false; the report says so. */
  readonly calibrate?: boolean;
  /** Ends the trial. Hand on the `signal` of the test's context, so that a test that runs out of time leaves nothing behind. */
  readonly signal?: AbortSignal;
}

export interface TrialResult {
  readonly runner: string;
  readonly scenario: string;
  /** The judged trial, valid or not. */
  readonly trial: TrialSummary;
  /** Of the whole campaign, which has this one trial. */
  readonly summary: Summary;
  /** Folder of the recording. */
  readonly folder: string;
  /** The HTML report. */
  readonly report: string;
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** Exit codes of `run` after which a summary stands: all went well, or a promise was broken. */
const WITH_SUMMARY: readonly (number | null)[] = [0, 1];

function argumentsOf(request: TrialRequest, out: string): string[] {
  const { runner, scenario, seed = "1", sessions, profile = "smoke", postgres, pin, calibrate = false } = request;
  return [
    ...["run", scenario, runner, "--blocks", "1", "--seed", seed, "--profile", profile, "--out", out],
    ...(sessions === undefined ? [] : ["--sessions", String(sessions)]),
    ...(postgres === undefined ? [] : ["--postgres", postgres]),
    ...(pin === false ? ["--no-pin"] : []),
    ...(calibrate ? [] : ["--no-calibrate"]),
  ];
}

function runCommand(args: readonly string[], signal: AbortSignal | undefined): Promise<Ended> {
  const child = spawn(process.execPath, [join(packageRoot, "bin", "agent-derby.mjs"), ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  // As by Ctrl-C: what runs is ended, what was recorded stays.
  const stop = (): void => void child.kill("SIGINT");
  signal?.addEventListener("abort", stop, { once: true });
  process.once("exit", stop);
  const said: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  return new Promise<Ended>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => done({ code, stderr: Buffer.concat(said).toString("utf8") }));
  }).finally(() => {
    signal?.removeEventListener("abort", stop);
    process.removeListener("exit", stop);
  });
}

/** The last lines that a command said, without its name before each. */
const lastWords = (stderr: string): string =>
  stderr
    .trim()
    .split("\n")
    .slice(-12)
    .map((line) => line.replace(/^agent-derby: /, ""))
    .join("\n");

/** The trial in a summary that can have only one. */
function onlyTrial(summary: Summary): { runner: string; scenario: string; trial: TrialSummary } | undefined {
  const [scenario] = summary.scenarios;
  const [result] = scenario?.results ?? [];
  const [trial] = result?.trials ?? [];
  if (scenario === undefined || result === undefined || trial === undefined) return undefined;
  return { runner: result.runner, scenario: scenario.scenario, trial };
}

/**
 * Records and judges one trial of one scenario on one runner.
 * @throws UsageError for what the caller can mend: an unknown name, a missing toolchain, a runner that does not start
 * @throws TrialError when the trial was stopped or left no summary
 */
export async function runTrial(request: TrialRequest): Promise<TrialResult> {
  const parent = resolve(request.out ?? "results");
  mkdirSync(parent, { recursive: true });
  const out = mkdtempSync(join(parent, "trial-"));
  request.signal?.throwIfAborted();
  const { code, stderr } = await runCommand(argumentsOf(request, out), request.signal);
  const stopped = request.signal?.aborted === true;
  const [name] = readdirSync(out);
  const folder = join(out, name ?? "");
  if (stopped) throw new TrialError(`The trial was stopped; what was recorded is in ${out}.`);
  if (!WITH_SUMMARY.includes(code) || name === undefined) throw new UsageError(lastWords(stderr));
  const summary = readStoredSummary(folder);
  const only = summary === null ? undefined : onlyTrial(summary);
  if (summary === null || only === undefined)
    throw new TrialError(`${folder} has no judged trial. The command said:\n${lastWords(stderr)}`);
  return { ...only, summary, folder, report: join(folder, "report.html") };
}
