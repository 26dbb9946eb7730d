import { afterEach, expect, test, vi } from "vitest";
import { TrialError, UsageError } from "../harness/errors.ts";
import { runBenchCommand, wholeNumber } from "./command.ts";

const exitCode = process.exitCode;
afterEach(() => {
  process.exitCode = exitCode;
  vi.restoreAllMocks();
});

test.each(["", "0", "-1", "1.5", "ten", "1e-3"])("%j is no whole number from 1, and the flag is named", (given) => {
  expect(() => wholeNumber("pairs", given)).toThrow(`--pairs takes a whole number from 1, not "${given}".`);
});

test("whole numbers from the least on are taken", () => {
  expect([wholeNumber("pairs", "20"), wholeNumber("pairs", "0", 0)]).toEqual([20, 0]);
});

test.each([new UsageError("no such runner"), new TrialError("no pair is valid")])(
  "a bench that cannot do its work says %s and ends with 2",
  async (error) => {
    const said = vi.spyOn(console, "error").mockReturnValue(undefined);
    await runBenchCommand(() => Promise.reject(error));
    expect(said).toHaveBeenCalledWith(error.message);
    expect(process.exitCode).toBe(2);
  },
);

test("a bug of ours is no sentence: it ends the bench as it is", async () => {
  await expect(runBenchCommand(() => Promise.reject(new RangeError("ours")))).rejects.toThrow(RangeError);
});
