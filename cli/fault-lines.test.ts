import { expect, test } from "vitest";
import type { CatalogueFault } from "../harness/fault-catalogue.ts";
import { catalogueText, injectableLines } from "./fault-lines.ts";

const ABLE = { about: "All of them die.", provedBy: "None is left.", rootWhere: null, whyNot: () => null } as const;
const FAULTS: readonly CatalogueFault[] = [
  { ...ABLE, kind: "kill", hits: "processes" },
  { ...ABLE, kind: "freeze", hits: "processes", whyNot: () => "There is no /proc here." },
  { ...ABLE, kind: "hang", hits: "the model" },
  { ...ABLE, kind: "full", hits: "Postgres", rootWhere: "where users may make no namespaces" },
];

test("the doctor names what can be injected here by group, and why the rest cannot", () => {
  expect(injectableLines(80, FAULTS)).toEqual([
    "3 of 4 kinds of faults can be injected here:",
    "  processes  kill",
    "  Postgres   full",
    "  the model  hang",
    "Not here:",
    "  freeze     There is no /proc here.",
  ]);
});

test("the list gives each kind with its proof and says which need root, and where", () => {
  const text = catalogueText(60, FAULTS);
  expect(text).toContain("  kill    All of them die. Proof: None is left.");
  expect(text.replace(/\s+/g, " ")).toContain("Needs root where users may make no namespaces.");
  expect(text).toContain("4 kinds, 3 of which nowhere need root.");
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(60);
});

test("the whole catalogue fits a terminal of 80 columns", () => {
  for (const lines of [catalogueText(80).split("\n"), injectableLines(80)])
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});
