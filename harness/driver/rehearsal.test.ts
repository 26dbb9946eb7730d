import { describe, expect, it } from "vitest";
import { rehearse } from "./rehearsal.ts";

describe("the rehearsal", () => {
  it("loses its connections on purpose, ends within its limits, and leaves nothing open", async () => {
    const open = () => process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP")).length;
    const before = open();
    await rehearse(() => performance.now());
    await expect.poll(open).toBeLessThanOrEqual(before);
  });
});
