import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import type { Summary } from "../harness/summary.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { renderJson } from "./json.ts";
import { SCHEMA_FILE, summarySchema } from "./summary-schema.ts";

const stored = (): string => readFileSync(SCHEMA_FILE, "utf8");
const validator = () => new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(stored()));

/** What summary.json holds, changed. */
function changed(change: (summary: Record<string, unknown>) => void): unknown {
  const summary = JSON.parse(renderJson(fixtureSummary()));
  change(summary);
  return summary;
}

describe("the JSON Schema of summary.json", () => {
  test("is the one that the types give; `npm run schema` writes it", () => {
    expect(stored()).toBe(summarySchema());
  });

  test("accepts a summary as it is written", () => {
    const validate = validator();
    validate(JSON.parse(renderJson(fixtureSummary())));
    expect(validate.errors ?? []).toEqual([]);
  });

  test.each<[string, (summary: Record<string, unknown>) => void]>([
    ["of another format", (summary) => (summary.format = "agent-derby-summary/0")],
    ["without its scenarios", (summary) => delete summary.scenarios],
    ["with a field that no type names", (summary) => (summary.surprise = 1)],
    [
      "with a verdict that does not exist",
      (summary) => ((summary as unknown as Summary).promises as unknown[]).push({ state: "fine" }),
    ],
  ])("refuses one %s", (_what, change) => {
    expect(validator()(changed(change))).toBe(false);
  });

  test("describes what its figures mean", () => {
    const { definitions } = JSON.parse(stored()) as { definitions: Record<string, { description?: string }> };
    expect(definitions.LatencySummary?.description).toContain("milliseconds");
  });
});
