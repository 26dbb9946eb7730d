import { expect, test } from "vitest";
import { UsageError } from "../errors.ts";
import { settingProblems, settingsOf } from "./settings.ts";

const settings = {
  forMs: { about: "how long", default: 3000, least: 1, most: 600_000 },
  how: { about: "which way", default: "stop-start", oneOf: ["stop-start", "start-stop"] },
  loud: { about: "whether", default: false },
} as const;

test("what is not given is the default", () => {
  expect(settingsOf(settings, { with: { forMs: 5 } })).toEqual({ forMs: 5, how: "stop-start", loud: false });
});

test("every problem is a sentence with what was given and what is expected", () => {
  const given = { forMs: 0, how: "start-stpo", loud: "yes", forms: 1 };
  expect(settingProblems(settings, given)).toEqual([
    "forMs: expected a number from 1 to 600000, got 0.",
    'how: Unknown value "start-stpo". Did you mean "start-stop"? Known: stop-start, start-stop.',
    'loud: expected a boolean, got "yes".',
    'Unknown setting "forms". Did you mean "forMs"? Known: forMs, how, loud.',
  ]);
  expect(() => settingsOf(settings, { with: given })).toThrow(UsageError);
});
