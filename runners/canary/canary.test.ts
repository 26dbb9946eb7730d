/** Every bug is a variant, and the healthy journal gives back what was written. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { BUGS } from "./bugs.ts";
import { Journal } from "./journal.ts";
import runner from "./runner.json" with { type: "json" };

test("each bug is a variant of its own name, and there are at least twelve", () => {
  const variants = Object.fromEntries(Object.keys(BUGS).map((name) => [name, { env: { BUG: name } }]));
  expect(runner.variants).toEqual(variants);
  expect(Object.keys(BUGS).length).toBeGreaterThanOrEqual(12);
  expect(runner.contestant).toBe(false);
});

test("each bug says what it does and who must find it, and nobody both must and may", () => {
  for (const { says, must, may } of Object.values(BUGS)) {
    expect(says).not.toBe("");
    expect(must.length).toBeGreaterThan(0);
    expect(must.filter((checker) => may.includes(checker))).toEqual([]);
  }
});

test("the journal gives turns back as they stand, whatever was torn, and an input anew begins a turn anew", () => {
  const folder = mkdtempSync(join(tmpdir(), "canary-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const first = new Journal(folder);
  expect(first.existed).toBe(false);
  first.write({ session: "s", turn: "1", input: "hello" });
  first.write({ session: "s", turn: "1", message: { role: "assistant", content: "fine" } });
  first.write({ session: "s", turn: "1", result: { output: "fine" } });
  first.write({ session: "s", turn: "2", input: "again" });
  first.write({ session: "s", turn: "2", message: { role: "assistant", content: "half" } });
  first.write({ session: "s", turn: "2", input: "again" });
  const file = join(folder, "turns.ndjson");
  writeFileSync(file, `${readFileSync(file, "utf8")}{"session":"s","turn":"2","mess`);
  const second = new Journal(folder);
  expect(second.existed).toBe(true);
  expect(second.read().get("s")).toEqual([
    { turn: "1", input: "hello", messages: [{ role: "assistant", content: "fine" }], result: { output: "fine" } },
    { turn: "2", input: "again", messages: [] },
  ]);
});
