/**
 * What a killed harness leaves behind: SIGKILL at seeded random instants of chaos trials, from their first second to their last fault.
 *
 *     node benches/clean-machine.ts [--kills 30] [--seed 1] [--json FILE]
 *
 * A kill is clean when within 2 s no process, listening port, mount or temporary directory of the harness is left, and every whole
 * line that was on disk can be read. Exit code 1 if any kill was not.
 */
import { rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { textTable } from "../cli/table.ts";
import { randomOf } from "../harness/random.ts";
import { type Aftermath, folderForKills, killHarness } from "../test/killed-harness.ts";

/** A chaos trial meets its last fault about then. */
const LATEST_MS = 16_000;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
    json: { type: "string" },
  },
});

const isClean = ({ goneAfterMs, lines, events }: Aftermath): boolean => goneAfterMs !== null && lines === events;

async function allKills(count: number): Promise<Aftermath[]> {
  const random = randomOf(Number(values.seed), "kills");
  const folder = folderForKills();
  try {
    const aftermaths: Aftermath[] = [];
    for (let kill = 0; kill < count; kill++) {
      const aftermath = await killHarness(folder, kill, random() * LATEST_MS);
      process.stderr.write(
        `kill ${kill + 1} of ${count}: ${isClean(aftermath) ? "clean" : aftermath.left.join(", ")}\n`,
      );
      aftermaths.push(aftermath);
    }
    return aftermaths;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const aftermaths = await allKills(Number(values.kills));
const rows = aftermaths.map((one) => [
  String(one.killedAtMs),
  one.during,
  ...[one.processes, one.ports].map(String),
  one.goneAfterMs === null ? `left: ${one.left.join(", ")}` : String(one.goneAfterMs),
  `${one.events} of ${one.lines}`,
]);
const clean = aftermaths.filter(isClean).length;
const longestMs = Math.max(...aftermaths.map(({ goneAfterMs }) => goneAfterMs ?? Number.POSITIVE_INFINITY));
process.stdout.write(
  `${textTable(["killed at, ms", "last noted", "processes", "ports", "gone after, ms", "events read"], rows)}\n\n` +
    `${clean} of ${aftermaths.length} kills left nothing${Number.isFinite(longestMs) ? `; the longest took ${longestMs} ms` : ""}.\n`,
);
if (values.json !== undefined)
  writeFileSync(
    values.json,
    `${JSON.stringify({ clean, kills: aftermaths.length, longestMs, aftermaths }, null, 1)}\n`,
  );
if (clean < aftermaths.length) process.exitCode = 1;
