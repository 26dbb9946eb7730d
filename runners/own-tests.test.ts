/**
 * Tests that runners and kits in other languages have of their own, each by its own tool. Found by what lies in a folder, so that a new one
 * needs no line here. Skipped, with the command that helps in the name, where the toolchain is missing.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** A cold build of everything below a folder, on a machine that does something else too. */
const WITHIN_MS = 240_000;

interface Toolchain {
  /** Files that show that a folder has tests of this kind; the folder is the first part of the path before `roots`. */
  readonly tests: string;
  readonly root: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Whether what a folder's tests need was installed. */
  readonly ready: (folder: string) => boolean;
  readonly help: string;
}

/** Whether a program works; one that is only a name without a toolchain behind it does not. */
const works = (...command: readonly string[]): boolean => {
  const [program = "", ...words] = command;
  return spawnSync(program, words, { stdio: "ignore", timeout: 10_000 }).status === 0;
};
const VENV = join(HERE, "python/.build/venv/bin/python");

const TOOLCHAINS: readonly Toolchain[] = [
  {
    tests: "test/**/*_test.exs",
    root: "mix.exs",
    command: ["mix", "test"],
    environment: { MIX_HOME: ".build/mix-home" },
    // Packages of Erlang are needed beside Elixir; who was built has them.
    ready: (folder) => existsSync(join(HERE, folder.startsWith("kit/") ? "beam" : folder, ".build/built-from")),
    help: "agent-derby setup beam, or the runner's own name",
  },
  {
    tests: "**/*_test.go",
    root: "go.mod",
    command: ["go", "test", "./..."],
    environment: {},
    ready: () => works("go", "version"),
    help: "agent-derby setup go",
  },
  {
    tests: "tests/test_*.py",
    root: "agent_kit",
    command: [VENV, "-B", "-m", "unittest"],
    environment: {},
    ready: () => existsSync(VENV),
    help: "agent-derby setup python",
  },
  {
    tests: "work/{src,tests}/**/*.rs",
    root: "Cargo.toml",
    command: ["cargo", "test", "--locked", "--target-dir", "../.build/cargo"],
    environment: {},
    ready: () => works("cargo", "--version"),
    help: "install Rust",
  },
];

/** Folders below `runners/` with tests of this kind. */
function foldersOf({ tests, root }: Toolchain): string[] {
  const exclude = (name: string): boolean => /(^|\/)(\.build|node_modules|target|deps)$/.test(name);
  const roots = globSync(`**/${root}`, { cwd: HERE, exclude }).map((path) => dirname(path));
  return roots.filter((folder) => globSync(tests, { cwd: join(HERE, folder), exclude }).length > 0).sort();
}

describe("the tests that a folder has in its own language", () => {
  for (const toolchain of TOOLCHAINS) {
    const [program = "", ...words] = toolchain.command;
    for (const folder of foldersOf(toolchain)) {
      const missing = !toolchain.ready(folder);
      test.skipIf(missing)(
        `of ${folder} pass${missing ? ` (skipped: ${toolchain.help})` : ""}`,
        { timeout: WITHIN_MS + 10_000 },
        () => {
          const { status, stdout, stderr, error } = spawnSync(program, words, {
            cwd: join(HERE, folder),
            env: { ...process.env, ...toolchain.environment },
            encoding: "utf8",
            timeout: WITHIN_MS,
            killSignal: "SIGKILL",
          });
          expect(error).toBeUndefined();
          expect(status, `${stdout}\n${stderr}`).toBe(0);
        },
      );
    }
  }

  test("are found at all", () => {
    expect(TOOLCHAINS.flatMap(foldersOf).length).toBeGreaterThanOrEqual(TOOLCHAINS.length);
  });
});
