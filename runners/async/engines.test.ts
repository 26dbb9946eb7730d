import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import engines from "./engines.json" with { type: "json" };

interface Variant {
  readonly install: { readonly check: readonly string[]; readonly steps: readonly (readonly string[])[] };
  readonly commands: { readonly server: readonly string[] };
}
const { variants } = JSON.parse(readFileSync(new URL("./runner.json", import.meta.url), "utf8")) as {
  readonly variants: Readonly<Record<string, Variant>>;
};

it("every variant starts the engine that its own steps fetch", () => {
  expect(Object.keys(variants)).toEqual(Object.keys(engines));
  for (const [name, { program }] of Object.entries(engines)) {
    const { install, commands } = variants[name] ?? {};
    expect(install?.check.at(-1)).toBe(name);
    expect(install?.steps).toEqual([
      ["node", "setup.ts", "compile"],
      ["node", "setup.ts", "fetch", name],
    ]);
    expect(commands?.server[0]).toBe(`.build/engines/${name}/${program.split("/").at(-1)}`);
    expect(commands?.server.at(-1)).toBe(".build/js/async/server.js");
  }
});

it("every engine is pinned by version and checksum, for Linux and macOS on both processors", () => {
  for (const { platforms } of Object.values(engines)) {
    expect(Object.keys(platforms)).toEqual(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]);
    for (const { version, integrity } of Object.values(platforms)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(integrity).toMatch(/^sha512-[\w+/]{86}==$/);
    }
  }
});
