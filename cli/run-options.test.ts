import { describe, expect, it } from "vitest";
import { benchOptions } from "./run-options.ts";

describe("--watch", () => {
  it.each([
    ["is not given: no page", undefined, [], undefined],
    ["without a port: any free one", true, [], 0],
    ["with 0: the same", "0", [], 0],
    ["with a port", "8080", [], 8080],
    ["before a name, which is a filter and no port", "kill", ["kill"], 0],
    ["before the path of a runner", "./my-runner", ["./my-runner"], 0],
  ])("%s", (_sentence, watch, filters, port) => {
    const options = benchOptions(["async"], watch === undefined ? {} : { watch: watch as string | true });
    expect(options.filters).toEqual([...filters, "async"]);
    expect(options.watchPort).toBe(port);
  });

  it.each(["70000", "80", "-1", "1.5"])("with %s is refused", (watch) => {
    expect(() => benchOptions([], { watch })).toThrow(
      `--watch takes a whole number from 1,024 to 65,535, not "${watch}".`,
    );
  });
});
