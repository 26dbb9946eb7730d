import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { FAULT_GROUPS, faultCatalogue } from "./fault-catalogue.ts";
import { NEMESES } from "./nemeses/nemesis.ts";
import { hasProc } from "./processes/process-table.ts";
import { WORLD_FAULTS } from "./world/faults/index.ts";
import { TOOL_FAULTS } from "./world/faults/tool-faults.ts";

const FEWEST = 30;
const FEWEST_WITHOUT_ROOT = 24;

test("there are at least 30 kinds of faults, at least 24 of them without root, and no name twice in a group", () => {
  const faults = faultCatalogue();
  expect(faults.length).toBeGreaterThanOrEqual(FEWEST);
  expect(faults.filter(({ rootWhere }) => rootWhere === null).length).toBeGreaterThanOrEqual(FEWEST_WITHOUT_ROOT);
  const names = faults.map(({ hits, kind }) => `${hits}: ${kind}`);
  expect(new Set(names).size).toBe(names.length);
});

test("every nemesis, fault of the model and fault of a tool is in it, in the order of the groups", () => {
  const faults = faultCatalogue();
  const kinds = (...groups: readonly string[]) =>
    faults.filter(({ hits }) => groups.includes(hits)).map(({ kind }) => kind);
  expect(kinds("processes", "paths", "Postgres").sort()).toEqual(Object.keys(NEMESES).sort());
  expect(kinds("the model")).toEqual(Object.keys(WORLD_FAULTS));
  expect(kinds("tools")).toEqual(Object.keys(TOOL_FAULTS));
  expect([...new Set(faults.map(({ hits }) => hits))]).toEqual([...FAULT_GROUPS]);
  expect(kinds("processes")).toContain("takeover");
  expect(kinds("paths")).toContain("latency");
});

test("each says in whole sentences what happens and how it is proved", () => {
  for (const { kind, about, provedBy } of faultCatalogue())
    for (const text of [about, provedBy]) expect(text, kind).toMatch(/^[A-Z0-9/].{15,}\.$/);
});

/** Kinds that a user of this machine can inject. @param uid null: whoever runs this. It is taken on after loading: nobody may read a clone in root's home. */
function injectable(uid: number | null): string[] {
  const module = pathToFileURL(new URL("./fault-catalogue.ts", import.meta.url).pathname).href;
  const become = uid === null ? "" : `process.setgroups([]); process.setgid(${uid}); process.setuid(${uid});`;
  const script = `import(${JSON.stringify(module)}).then(({ faultCatalogue }) => { ${become} console.log(JSON.stringify(
    faultCatalogue().filter(({ whyNot }) => whyNot() === null).map(({ hits, kind }) => hits + ": " + kind))); })`;
  const text = execFileSync(process.execPath, ["-e", script], { encoding: "utf8", cwd: "/", timeout: 20_000 });
  return JSON.parse(text) as string[];
}

// Elsewhere there is no /proc, and most faults of processes say so.
test.skipIf(!hasProc)("whoever is not root can inject at least 24 of them on this machine", () => {
  const nobody = process.getuid?.() === 0 ? 65_534 : null;
  expect(injectable(nobody).length).toBeGreaterThanOrEqual(FEWEST_WITHOUT_ROOT);
});
