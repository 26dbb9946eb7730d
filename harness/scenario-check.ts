/**
 * Reads scenario files and turns what they hold into a `Scenario`, or lists every problem in one UsageError.
 * Newcomers' files are found by scanning a folder; the file name is the scenario's name.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkEqualTime } from "./equal-time-check.ts";
import { UsageError, unknownName } from "./errors.ts";
import { NEMESES } from "./nemeses/nemesis.ts";
import { settingProblems } from "./nemeses/settings.ts";
import {
  COHORT_STARTS,
  type Cohort,
  type CohortChanges,
  DELIVERED_AGAIN,
  type Scenario,
  type ScenarioFault,
  type ScenarioFile,
} from "./scenario.ts";
import { checkScript } from "./script-check.ts";
import { type Problems, Shape } from "./shape.ts";
import { checkStepCohorts, checkTrigger } from "./trigger-check.ts";

const SCENARIO_KEYS = ["asks", "needs", "rebuy", "equalTimeMs", "cohorts", "phases", "faults", "observe"] as const;
const COHORT_KEYS = [
  "like",
  "sessions",
  "turns",
  "thinkMs",
  "script",
  "client",
  "startsIn",
  "readEvery",
  "duplicates",
  "twoClients",
] as const;
const CLIENT_KEYS = ["timeoutMs", "deadlineMs", "retry", "streams"] as const;
const PHASE_KEYS = ["warmupMs", "calmMs", "faultMs", "quietMs"] as const;
const FAULT_KEYS = ["kind", "role", "atMs", "afterTurns", "clockMs", "atStep", "restartAfterMs", "with"] as const;
const OBSERVE_KEYS = ["overhead", "recovery", "bystanders", "exercise"] as const;

/** A cohort with everything it takes over from the cohort it is `like`. */
function inherit(name: string, cohorts: Record<string, unknown>, problems: Problems, seen: string[] = []): Cohort {
  const own = cohorts[name] as CohortChanges | Cohort;
  if (!("like" in own)) return own;
  const { like, client, ...changes } = own;
  if (seen.includes(name) || cohorts[like] === undefined) {
    problems.push(
      seen.includes(name)
        ? `cohorts.${name}.like goes round in a circle: ${[...seen, name].join(" → ")}.`
        : `cohorts.${name}.like: ${unknownName("cohort", String(like), Object.keys(cohorts))}`,
    );
    return changes as Cohort;
  }
  const base = inherit(like, cohorts, problems, [...seen, name]);
  return { ...base, ...changes, client: { ...base.client, ...client } };
}

/** A share of turns above 0. */
function checkShare(shape: Shape): void {
  const { share } = shape.value;
  if (typeof share !== "number" || !(share > 0 && share <= 1))
    shape.problem("share", "a number above 0, up to 1", share);
}

/** Whoever else asks for the turns of a session. */
function checkSecondClient(shape: Shape): void {
  const duplicates = shape.value.duplicates === undefined ? undefined : shape.child("duplicates");
  duplicates?.keys(["share", "after"]);
  duplicates?.oneOf("after", DELIVERED_AGAIN);
  const twoClients = shape.value.twoClients === undefined ? undefined : shape.child("twoClients");
  twoClients?.keys(["share"]);
  for (const one of [duplicates, twoClients]) if (one !== undefined) checkShare(one);
  const { retry } = (shape.value.client ?? {}) as Partial<Cohort["client"]>;
  if (retry === "never" && (duplicates ?? twoClients) !== undefined)
    shape.says(
      `${shape.path}: a cohort whose clients never ask again shows who resumes unasked; a second delivery would ask. Give duplicates and twoClients to another cohort.`,
    );
}

function checkCohort(shape: Shape): void {
  shape.keys(COHORT_KEYS);
  shape.integer("sessions", 1, 1_000_000);
  shape.integer("turns", 1, 10_000);
  shape.distribution("thinkMs");
  shape.oneOf("startsIn", COHORT_STARTS, "optional");
  shape.integer("readEvery", 1, 10_000, "optional");
  checkSecondClient(shape);
  const client = shape.child("client");
  client?.keys(CLIENT_KEYS);
  client?.number("timeoutMs", 10, 3_600_000);
  client?.number("deadlineMs", 10, 3_600_000);
  client?.oneOf("retry", ["eager", "patient", "never"]);
  if (client !== undefined && ![undefined, true, false].includes(client.value.streams as boolean | undefined))
    client.problem("streams", "true or false", client.value.streams);
  checkScript(shape);
}

function checkFaults(shape: Shape, kinds: readonly string[]): void {
  for (const fault of shape.children("faults")) {
    fault.keys(FAULT_KEYS);
    fault.oneOf("kind", kinds);
    fault.oneOf("role", ["app", "engine", "store"], "optional");
    fault.number("restartAfterMs", 0, 600_000, "optional");
    checkTrigger(fault);
    checkSettings(fault);
  }
}

/** What the kind of fault is told in `with`. */
function checkSettings(fault: Shape): void {
  const { kind, with: given } = fault.value;
  const nemesis = typeof kind === "string" && Object.hasOwn(NEMESES, kind) ? NEMESES[kind] : undefined;
  if (nemesis === undefined || given === undefined) return;
  for (const problem of settingProblems(nemesis.settings, fault.child("with")?.value ?? {}))
    fault.says(`${fault.path}.with: ${problem}`);
}

/**
 * Checks one scenario and resolves `like`.
 * @param faultKinds names of the nemeses that exist
 * @throws UsageError with every problem found
 */
export function checkScenario(value: unknown, name: string, faultKinds: readonly string[]): Scenario {
  const problems: Problems = [];
  const shape = Shape.of(value, problems, "");
  if (shape === undefined) throw new UsageError(`Scenario ${name}: expected an object, got ${JSON.stringify(value)}.`);
  shape.keys(SCENARIO_KEYS);
  shape.text("asks");
  shape.oneOf("rebuy", ["differs", "same"], "optional");
  const phases = shape.child("phases");
  phases?.keys(PHASE_KEYS);
  for (const key of PHASE_KEYS) phases?.number(key, 0, 3_600_000);
  checkFaults(shape, faultKinds);

  const written = shape.child("cohorts");
  const cohorts: Record<string, Cohort> = {};
  for (const cohort of Object.keys(written?.value ?? {})) {
    const entry = Shape.of(written?.value[cohort], problems, `cohorts.${cohort}`);
    if (entry === undefined) continue;
    const whole = inherit(cohort, written?.value ?? {}, problems);
    checkCohort(new Shape({ ...whole }, problems, `cohorts.${cohort}`));
    cohorts[cohort] = whole;
  }
  if (written !== undefined && Object.keys(cohorts).length === 0)
    problems.push("cohorts: expected at least one cohort, got none.");

  const observe = shape.child("observe");
  observe?.keys(OBSERVE_KEYS);
  observe?.oneOf("exercise", ["gc"], "optional");
  for (const key of ["overhead", "recovery", "bystanders"] as const) {
    for (const cohort of observe?.names(key, key === "overhead") ?? [])
      if (cohorts[cohort] === undefined)
        problems.push(`observe.${key}: ${unknownName("cohort", cohort, Object.keys(cohorts))}`);
  }
  // Where a turn can be held follows from scripts, which must be right in themselves.
  if (problems.length === 0) {
    checkStepCohorts((shape.value.faults ?? []) as readonly ScenarioFault[], cohorts, problems);
    checkEqualTime(shape.value.equalTimeMs, cohorts, problems);
  }
  if (problems.length > 0) throw new UsageError(problems.map((problem) => `Scenario ${name}: ${problem}`));
  return { ...(value as ScenarioFile), cohorts };
}

/** Names of the scenarios in a folder, sorted. Files that end in .test or start with a dot are none. */
export function scenarioNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[a-z0-9-]+\.(ts|js|json)$/.test(entry.name))
    .map((entry) => basename(entry.name, extname(entry.name)))
    .sort();
}

/**
 * Loads a scenario by name from a folder, or from a path to a .ts, .js or .json file.
 * @throws UsageError for an unknown name, a file that cannot be read, or one that is no scenario
 */
export async function loadScenario(
  nameOrPath: string,
  folder: string,
  faultKinds: readonly string[],
): Promise<Scenario> {
  const isPath = /[./\\]/.test(nameOrPath);
  const candidates = isPath
    ? [nameOrPath]
    : ["ts", "js", "json"].map((ending) => join(folder, `${nameOrPath}.${ending}`));
  const file = candidates.find((path) => existsSync(path));
  if (file === undefined) throw new UsageError(unknownName("scenario", nameOrPath, scenarioNames(folder)));
  let value: unknown;
  try {
    value = file.endsWith(".json")
      ? JSON.parse(readFileSync(file, "utf8"))
      : ((await import(pathToFileURL(file).href)) as { default?: unknown }).default;
  } catch (error) {
    throw new UsageError(`Scenario ${nameOrPath} cannot be read: ${(error as Error).message}`);
  }
  return checkScenario(value, basename(file, extname(file)), faultKinds);
}
