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

describe("--load", () => {
  it("is a share of capacity in percent", () => {
    expect(benchOptions([], { load: "60" })).toMatchObject({ loadPercent: 60 });
    expect(benchOptions([], {})).not.toHaveProperty("loadPercent");
    expect(() => benchOptions([], { load: "0" })).toThrow("--load takes a whole number from 1 to 500");
  });

  it("finds the sessions by itself, and does not change a stored plan", () => {
    expect(() => benchOptions([], { load: "60", sessions: "100" })).toThrow("leave out --sessions");
    expect(() => benchOptions([], { load: "60", resume: "somewhere" })).toThrow("leave out --load");
  });
});

it("--isolation takes a place where runtimes live; nothing else, and nothing new when a campaign goes on", () => {
  expect(benchOptions([], { isolation: "docker" })).toMatchObject({ isolation: "docker" });
  expect(benchOptions([], {})).not.toHaveProperty("isolation");
  expect(() => benchOptions([], { isolation: "podman" })).toThrow(
    '--isolation takes "processes" or "docker", not "podman".',
  );
  expect(() => benchOptions([], { isolation: "docker", resume: "somewhere" })).toThrow("leave out --isolation");
});

describe("--attach", () => {
  const flags = { attach: "http://127.0.0.1:3000/", worldPort: "4000" };

  it("names a backend that runs, and where it looks for its model; it is given no cores", () => {
    const { attached, pin } = benchOptions(["steady", "./derby"], flags);
    expect(attached).toMatchObject({ url: "http://127.0.0.1:3000", world: { host: "127.0.0.1", port: 4000 } });
    expect(attached?.visit).toMatch(/^[0-9a-z]{8,9}$/);
    expect(pin).toBe(false);
    expect(benchOptions([], { ...flags, bind: "0.0.0.0" }).attached?.world.host).toBe("0.0.0.0");
  });

  it.each([
    ["https is not spoken", { attach: "https://127.0.0.1:3000" }, "--attach takes an address like"],
    ["tokens are not recorded", { attach: "http://me:secret@127.0.0.1:3000" }, "--attach takes an address like"],
    ["nobody knows where the model is", { worldPort: undefined }, "--attach needs --world-port"],
    ["a name is no address", { bind: "everywhere" }, "--bind takes an IP address"],
    ["what runs is isolated already", { isolation: "docker" }, "leave out --isolation"],
    ["it remembers half of a trial", { resume: "somewhere" }, "leave out --resume"],
  ])("%s", (_why, changes, sentence) => {
    expect(() => benchOptions(["steady"], { ...flags, ...changes } as never)).toThrow(sentence);
  });
});
