/** `list`: what exists here: scenarios, runners, profiles, faults, checkers, promises. */
import { join } from "node:path";
import type { Command } from "commander";
import { UsageError, unknownName } from "../harness/errors.ts";
import { PROFILES } from "../harness/profiles.ts";
import { terminalOptions, textTable } from "./table.ts";

type Section = () => Promise<string>;

async function scenarios(): Promise<string> {
  const { loadScenario, scenarioNames } = await import("../harness/scenario-check.ts");
  const { NEMESES } = await import("../harness/nemeses/nemesis.ts");
  const { sourceRoot } = await import("../harness/package-root.ts");
  const folder = join(sourceRoot, "scenarios");
  const rows = scenarioNames(folder).map(async (name) => [
    name,
    (await loadScenario(name, folder, Object.keys(NEMESES))).asks,
  ]);
  return textTable(["scenario", "asks"], await Promise.all(rows));
}

async function runners(): Promise<string> {
  const { installedApart, loadRunners, variantsOf } = await import("../harness/runner-check.ts");
  const { installed } = await import("../harness/installed.ts");
  const shown = loadRunners().flatMap((runner) => [runner, ...installedApart(runner)]);
  const rows = shown.map(async (runner) => [
    runner.name,
    runner.runtime,
    runner.language,
    runner.name.includes(":")
      ? ""
      : variantsOf(runner)
          .map(({ name }) => name)
          .join(", ") || "none",
    runner.contestant === false || runner.name.includes(":") ? "when named" : "by default",
    (await installed(runner)) ? "yes" : `no: ${runner.install?.how ?? "see its README"}`,
  ]);
  return textTable(["runner", "runtime", "language", "variants", "runs", "installed"], await Promise.all(rows));
}

async function faults(): Promise<string> {
  const { catalogueText } = await import("./fault-lines.ts");
  return catalogueText(terminalOptions(process.stdout).width);
}

async function checkers(): Promise<string> {
  const { CHECKERS } = await import("../harness/checkers/index.ts");
  return textTable(
    ["checker", "claims that"],
    Object.values(CHECKERS).map(({ id, claim }) => [id, claim]),
  );
}

async function promises(): Promise<string> {
  const { PROMISES } = await import("../harness/promises.ts");
  const rows = Object.entries(PROMISES).map(([name, { about }]) => [name, about]);
  return textTable(["promise", "the runner vows that"], rows);
}

const SECTIONS: Readonly<Record<string, Section>> = {
  scenarios,
  runners,
  profiles: async () =>
    textTable(
      ["profile", "about"],
      Object.entries(PROFILES).map(([name, { about }]) => [name, about]),
    ),
  faults,
  checkers,
  promises,
};

export function addListCommand(program: Command): void {
  program
    .command("list")
    .description("list what exists here")
    .argument("[what...]", `any of ${Object.keys(SECTIONS).join(", ")} (default: all)`)
    .action(async (what: string[]) => {
      const known = Object.keys(SECTIONS);
      const wrong = what.filter((name) => !known.includes(name));
      if (wrong.length > 0) throw new UsageError(wrong.map((name) => unknownName("list", name, known)));
      const chosen = known.filter((name) => what.length === 0 || what.includes(name));
      const texts: string[] = [];
      for (const name of chosen) texts.push((await SECTIONS[name]?.()) ?? "");
      process.stdout.write(`${texts.join("\n\n")}\n`);
    });
}
