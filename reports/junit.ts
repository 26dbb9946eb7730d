/**
 * The report as JUnit XML, for machines that show tests. Promises: a promise is a test case, and fails only where it is broken; what is
 * not offered or untested is skipped, never passed; a trial that does not count is an error, a profiled one skipped; any text comes out
 * as well-formed XML 1.0.
 * The shape is the one that common readers share (testsuites, testsuite, testcase; failure, error, skipped, system-out, properties),
 * after https://github.com/testmoapp/junitxml. There are no times: a report says nothing of when it was made.
 */
import type { PromiseSummary, ScenarioSummary, Summary, TrialSummary } from "../harness/summary.ts";
import { counted } from "./format.ts";
import { promised } from "./promise-table.ts";

type Outcome = "passed" | "failure" | "error" | "skipped";

interface TestCase {
  readonly name: string;
  readonly outcome: Outcome;
  /** Why; empty where it passed. */
  readonly says: string;
  /** What a reader may want to know beside it. */
  readonly out: readonly string[];
}

interface Suite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

/** Characters that XML 1.0 has no notation for (section 2.2): control characters, lone halves of surrogate pairs, U+FFFE and U+FFFF. */
const UNWRITABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the file
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

/** Text for attributes and elements alike; what XML cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text.replace(UNWRITABLE, "\ufffd").replace(/[&<>"\n\r\t]/g, (character) => ENTITIES[character] ?? character);
}

const OUTCOME_OF: Readonly<Record<PromiseSummary["state"], Outcome>> = {
  kept: "passed",
  broken: "failure",
  "not offered": "skipped",
  untested: "skipped",
};

function promiseCase(row: PromiseSummary): TestCase {
  const vowed = promised(row);
  return {
    name: vowed === null ? row.promise : `${row.promise}: ${vowed}`,
    outcome: OUTCOME_OF[row.state],
    says: row.state === "kept" ? "" : `${row.state}${row.says === "" ? "" : `: ${row.says}`}`,
    out: row.state === "kept" ? [row.says === "" ? counted(row.exposures, "exposure") : row.says] : [],
  };
}

function trialCase(runner: string, trial: TrialSummary): TestCase {
  const { verdict, reasons } = trial.validity;
  const found = trial.verdicts.filter(({ result }) => result === false);
  return {
    name: `${runner}, block ${trial.block}`,
    outcome: verdict === "valid" ? "passed" : verdict === "profiled" ? "skipped" : "error",
    says: verdict === "valid" ? "" : `${verdict}: ${reasons.join(" ")}`,
    out: [
      ...found.map(({ checker, claim, reason }) => `${checker}, "${claim}": false. ${reason}`),
      `Repeat this trial: ${trial.command}`,
    ],
  };
}

function missingCases(summary: Summary, recorded: ReadonlySet<string>): TestCase[] {
  return summary.void
    .filter(({ trial }) => !recorded.has(trial))
    .map(({ trial, reason }) => ({ name: trial, outcome: "error", says: reason, out: [] }));
}

function suitesOf(summary: Summary): Suite[] {
  const runners = [...new Set(summary.promises.map(({ runner }) => runner))];
  const trialsOf = ({ results }: ScenarioSummary): TestCase[] =>
    results.flatMap(({ runner, trials }) => trials.map((trial) => trialCase(runner, trial)));
  const recorded = summary.scenarios.flatMap(({ results, twins = [] }) => [
    ...results.flatMap(({ trials }) => trials.map(({ id }) => id)),
    ...twins.map(({ id }) => id),
  ]);
  return [
    ...runners.map((runner) => ({
      name: `promises of ${runner}`,
      cases: summary.promises.filter((row) => row.runner === runner).map(promiseCase),
    })),
    ...summary.scenarios.map((scenario) => ({ name: `trials of ${scenario.scenario}`, cases: trialsOf(scenario) })),
    { name: "trials that were not recorded", cases: missingCases(summary, new Set(recorded)) },
  ].filter(({ cases }) => cases.length > 0);
}

function countsOf(cases: readonly TestCase[]): string {
  const of = (outcome: Outcome): number => cases.filter((one) => one.outcome === outcome).length;
  return `tests="${cases.length}" failures="${of("failure")}" errors="${of("error")}" skipped="${of("skipped")}"`;
}

function caseLines(suite: string, { name, outcome, says, out }: TestCase): string[] {
  const message = escapeXml(says);
  const ended = outcome === "passed" ? [] : [`      <${outcome} message="${message}"/>`];
  const told = out.length === 0 ? [] : [`      <system-out>${out.map(escapeXml).join("\n")}</system-out>`];
  return [
    `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(name)}">`,
    ...ended,
    ...told,
    "    </testcase>",
  ];
}

/** The text of junit.xml. */
export function renderJunit(summary: Summary): string {
  const suites = suitesOf(summary);
  const { campaign } = summary;
  const properties = [
    ["command", campaign.command],
    ["seed", campaign.seed],
    ["profile", campaign.profile],
    ["recorded", campaign.recorded],
    ["agent-derby", summary.environment.agentDerby],
  ].map(([name = "", value = ""]) => `      <property name="${name}" value="${escapeXml(value)}"/>`);
  const all = suites.flatMap(({ cases }) => cases);
  const body = suites.flatMap(({ name, cases }) => [
    `  <testsuite name="${escapeXml(name)}" ${countsOf(cases)}>`,
    "    <properties>",
    ...properties,
    "    </properties>",
    ...cases.flatMap((one) => caseLines(name, one)),
    "  </testsuite>",
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(`Agent Derby: ${campaign.id}`)}" ${countsOf(all)}>`,
    ...body,
    "</testsuites>",
    "",
  ].join("\n");
}
