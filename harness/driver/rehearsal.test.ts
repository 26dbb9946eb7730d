import { describe, expect, it } from "vitest";
import { rehearse } from "./rehearsal.ts";

describe("the rehearsal", () => {
  it("loses its connections on purpose, ends within its limits, and leaves nothing open", async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP")).length;
    await rehearse(() => performance.now());
    await new Promise(setImmediate);
    const after = process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP")).length;
    expect(after).toBeLessThanOrEqual(before);
  });
});
