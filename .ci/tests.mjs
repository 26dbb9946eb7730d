/**
 * What Vitest's JSON reports say, for `run`.
 *
 *     node .ci/tests.mjs again REPORT AGAIN        runs what failed once more, one file at a time; exit code 1 where that does not help
 *     node .ci/tests.mjs count REPORT AGAIN STEP…  tells how many passed and failed, and which; each STEP is one that failed
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

/** More than these were not starved by their neighbours: something is wrong. */
const MOST_STARVED = 5;

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null);

/** Failed tests of a report, each with its file. */
function failedIn(report) {
  return (report?.testResults ?? []).flatMap(({ name: file, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      // As Vitest's own filter by names reads them; the report's fullName joins them otherwise.
      .map(({ ancestorTitles, title }) => ({
        file: relative(process.cwd(), file),
        fullName: [...ancestorTitles, title].filter(Boolean).join(" > "),
      })),
  );
}

function again(report, file) {
  const failed = failedIn(report);
  // A file that could not be loaded fails without a failed test.
  if (failed.length === 0 || failed.length > MOST_STARVED || failed.length !== report.numFailedTests) return 1;
  console.log(`\nOnce more, nothing beside it: ${failed.map(({ fullName }) => fullName).join("; ")}`);
  const names = failed.map(({ fullName }) => `^${fullName.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`);
  const files = [...new Set(failed.map((one) => one.file))];
  const { status } = spawnSync(
    "npx",
    [
      "vitest",
      "run",
      ...files,
      "-t",
      names.join("|"),
      "--no-file-parallelism",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
    ],
    { stdio: "inherit" },
  );
  const { numPassedTests = 0 } = read(file) ?? {};
  return status === 0 && numPassedTests === failed.length ? 0 : 1;
}

function count(report, second, steps) {
  const first = report ?? { numPassedTests: 0, numPendingTests: 0 };
  const failed = failedIn(report);
  const helped = second !== null && failedIn(second).length === 0 && second.numPassedTests === failed.length;
  const left = helped ? [] : failed;
  for (const { file, fullName } of failed)
    console.log(`${helped ? "passed alone only" : "failed"}: ${file}: ${fullName}`);
  for (const step of steps) console.log(`failed: the step "${step}"`);
  const passed = first.numPassedTests + (helped ? failed.length : 0);
  // A step that failed outside the tests counts as one failure, so that the last line never looks better than the run was.
  const failures = Math.max(left.length, steps.length);
  const skipped = first.numPendingTests > 0 ? `, ${first.numPendingTests} skipped` : "";
  console.log(`\n${passed} passed, ${failures} failed${skipped}`);
  return failures === 0 ? 0 : 1;
}

const [what, report, second, ...steps] = process.argv.slice(2);
process.exitCode = what === "again" ? again(read(report), second) : count(read(report), read(second), steps);
