/**
 * Conform: tests a runner against runners/CONTRACT.md, without load. Every check has a session of its own; those that leave
 * the processes alone run at the same time, since most of their time is waiting; those that kill run one after the other.
 *
 * Promises an answer for every check: a runtime that hangs fails, it does not hang the test.
 */
import { type Attached, requireAttachable } from "../attached.ts";
import type { Isolation } from "../containers/isolation.ts";
import { UsageError } from "../errors.ts";
import type { LocalTiming } from "../local-timing.ts";
import { type PostgresSource, preparePostgres } from "../postgres/postgres.ts";
import { sweep } from "../processes/remains.ts";
import { Watchdog } from "../processes/watchdog.ts";
import { Stopped } from "../record/waiting.ts";
import type { Promises, Runner } from "../runner.ts";
import { writeCertificate } from "./certificate.ts";
import { type Check, Unmet } from "./check.ts";
import { checksFor } from "./checks/index.ts";
import { Rig } from "./rig.ts";
import { timeLocalTools } from "./timing.ts";

const LIMIT_MS = 20_000;
/** Nobody waits longer for a handshake, even with a runtime that hangs. */
const QUICK_LIMIT_MS = 10_000;

export interface CheckResult {
  readonly name: string;
  readonly group: string;
  readonly result: "pass" | "fail" | "not offered";
  /** What was seen, or what was missed. */
  readonly says: string;
}

export interface ConformReport {
  readonly runner: string;
  readonly checks: readonly CheckResult[];
  /** No check failed. */
  readonly passed: boolean;
  /** Of a backend with its own API: promises that are not made, and for which the checks hold. */
  readonly mayClaim?: Promises;
  /** What local tools take on the idle runtime; absent where they were not timed. */
  readonly timings?: readonly LocalTiming[];
}

/** What a campaign has at hand when it shakes hands with its contestants. */
export interface HandshakeSettings {
  /** Null where the runner needs no database. */
  readonly postgres: PostgresSource | null;
  readonly watchdog: Watchdog;
  /** Where runtimes live. Default: on this machine as it is. */
  readonly isolation?: Isolation;
  /** One that runs already, instead of being started. */
  readonly attached?: Attached;
  readonly signal: AbortSignal;
}

const resultOf = ({ name, group }: Check, result: CheckResult["result"], says: string): CheckResult => ({
  name,
  group,
  result,
  says,
});

/** What an error says of the runner. @throws what is our own failure */
function whyFailed(error: unknown): string {
  if (error instanceof Unmet || error instanceof Stopped) return error.message;
  throw error;
}

/** Whether the runner makes a promise that the check shows. */
const isVowed = ({ promises }: Runner, { shows = {} }: Check): boolean =>
  Object.keys(shows).some(
    (name) => ![undefined, false].includes(promises[name as keyof Promises] as false | undefined),
  );

/** What a check that did not hold means: nobody demands of an API of its own what it has never promised. */
const failureOf = (runner: Runner, check: Check): "fail" | "not offered" =>
  runner.turn !== undefined && check.ownApi === "may" && !isVowed(runner, check) ? "not offered" : "fail";

async function runCheck(check: Check, rig: Rig, session: string): Promise<CheckResult> {
  const limitMs = check.limitMs ?? (check.quick === true ? QUICK_LIMIT_MS : LIMIT_MS);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unmet(`it had not ended after ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return resultOf(check, "pass", await Promise.race([check.run(rig, session), late]));
  } catch (error) {
    return resultOf(check, error instanceof Unmet ? failureOf(rig.runner, check) : "fail", whyFailed(error));
  } finally {
    clearTimeout(timer);
  }
}

async function runAll(checks: ReadonlyMap<string, Check>, rig: Rig): Promise<Map<Check, CheckResult>> {
  const results = new Map<Check, CheckResult>();
  const run = async ([session, check]: readonly [string, Check]): Promise<void> => {
    results.set(check, await runCheck(check, rig, session));
  };
  const all = [...checks];
  await Promise.all(all.filter(([, { alone }]) => alone !== true).map(run));
  for (const one of all.filter(([, { alone }]) => alone === true)) await run(one);
  return results;
}

/**
 * Starts the runner once and runs those of the checks that concern it.
 * @throws UsageError when the runtime does not start; TrialError when something of ours does not
 */
export async function examine(
  runner: Runner,
  checks: readonly Check[],
  settings: HandshakeSettings,
): Promise<ConformReport> {
  const { attached } = settings;
  const spared = ({ alone }: Check) =>
    attached !== undefined && alone === true ? "nothing is killed that was not started here" : undefined;
  const missing = new Map(checks.map((check) => [check, spared(check) ?? check.notOffered?.(runner)]));
  const offered = checks.filter((check) => missing.get(check) === undefined);
  // Who runs already may remember the conversations of the last time.
  const prefix = attached === undefined ? "c" : `${attached.visit}c`;
  const sessions = new Map(offered.map((check, index) => [`${prefix}${index + 1}`, check]));
  const scripts = Object.fromEntries([...sessions].map(([session, { script }]) => [session, script]));
  const rig = await Rig.start({ runner, scripts, ...settings });
  try {
    const results = await runAll(sessions, rig);
    const rows = checks.map(
      (check) => results.get(check) ?? resultOf(check, "not offered", missing.get(check) ?? "not tried"),
    );
    const passed = rows.every(({ result }) => result !== "fail");
    if (runner.turn === undefined) return { runner: runner.name, checks: rows, passed };
    const shown = [...results].filter(([check, { result }]) => result === "pass" && !isVowed(runner, check));
    const mayClaim: Promises = Object.assign({}, ...shown.map(([{ shows }]) => shows));
    return { runner: runner.name, checks: rows, passed, mayClaim };
  } finally {
    await rig.end();
  }
}

/** The checks that take no time, before a campaign: that runner and harness understand each other at all. At most 5 s. */
export function handshake(runner: Runner, settings: HandshakeSettings): Promise<ConformReport> {
  return examine(
    runner,
    checksFor(runner).filter(({ quick }) => quick === true),
    settings,
  );
}

/**
 * Tests a runner against the whole contract, in about a minute, and certifies it when nothing failed. A backend with its own API
 * is tested for what can be asked of it fairly, and is not certified.
 * @param options.postgres "embedded", "docker", or the URL of a server; used where the runner needs one
 * @param options.attached one that runs already: it is not started, killed, or certified
 * @param options.quick only the handshake; certifies nothing
 * @param options.alone nothing else keeps this machine busy, so that local tools can be timed. Default true
 * @throws UsageError when the runtime, or what it needs, does not start
 */
export async function conformRunner(
  runner: Runner,
  options: {
    readonly postgres: string;
    readonly signal: AbortSignal;
    readonly attached?: Attached;
    readonly quick?: boolean;
    readonly alone?: boolean;
  },
): Promise<ConformReport> {
  const { signal, attached, quick = false, alone = true } = options;
  await sweep();
  const watchdog = await Watchdog.start();
  try {
    if (attached !== undefined) await requireAttachable(attached, signal);
    if (attached !== undefined)
      return await examine(runner, checksFor(runner), { postgres: null, watchdog, signal, attached });
    const needed = runner.needs?.includes("postgres") === true;
    const postgres = needed ? await preparePostgres(options.postgres, watchdog) : null;
    if (quick) return await handshake(runner, { postgres, watchdog, signal });
    const report = await examine(runner, checksFor(runner), { postgres, watchdog, signal });
    // What a backend with its own API is made of lies anywhere, so that no hash over its folder could vouch for it.
    if (!report.passed || signal.aborted || runner.turn !== undefined) return report;
    const timed = alone ? { ...report, timings: await timeLocalTools(runner, { postgres, watchdog, signal }) } : report;
    if (!signal.aborted) writeCertificate(timed, runner);
    return timed;
  } catch (error) {
    if (signal.aborted) throw new UsageError("Stopped before the runtime had started.");
    throw error;
  } finally {
    await watchdog.stop();
  }
}
