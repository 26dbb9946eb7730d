import { describe, expect, it } from "vitest";
import { settingsFrom } from "./settings.ts";

describe("the durable runner's settings", () => {
  it("are the defaults of the README where nothing is set", () => {
    expect(settingsFrom({})).toEqual({
      connections: 6,
      batchesInFlight: 2,
      mostPerBatch: 64,
      idleMs: 60_000,
      mostResumptions: 20,
      askAhead: true,
    });
  });

  it("are what the environment says", () => {
    const environment = {
      POSTGRES_CONNECTIONS: "8",
      BATCHES_IN_FLIGHT: "4",
      MOST_PER_BATCH: "16",
      MOST_RESUMPTIONS: "0",
      ASK_AHEAD: "0",
    };
    expect(settingsFrom(environment)).toMatchObject({
      connections: 8,
      batchesInFlight: 4,
      mostPerBatch: 16,
      mostResumptions: 0,
      askAhead: false,
    });
  });

  it.each(["0", "-1", "1.5", "many", "", "1e3"])(
    "refuse %j as a number of batches, and say what is expected",
    (given) => {
      expect(() => settingsFrom({ BATCHES_IN_FLIGHT: given })).toThrow(
        `BATCHES_IN_FLIGHT takes a whole number from 1 to 1000, not "${given}".`,
      );
    },
  );

  it("name every problem at once", () => {
    expect(() => settingsFrom({ POSTGRES_CONNECTIONS: "x", MOST_PER_BATCH: "y" })).toThrow(
      /POSTGRES_CONNECTIONS.*MOST_PER_BATCH/,
    );
  });
});
