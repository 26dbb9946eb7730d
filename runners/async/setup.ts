/**
 * Installs the engines that the variants run on, and compiles this runner for them: Node 20 and the first of 22 strip no types, so
 * that all engines run the same JavaScript. Everything goes into `.build`; versions and checksums are pinned in `engines.json`.
 *
 *   node setup.ts compile         the runner and its kit as JavaScript, in .build/js
 *   node setup.ts fetch ENGINE    the engine from the npm registry, as .build/engines/ENGINE/PROGRAM
 *   node setup.ts check ENGINE    0 if both are there, the JavaScript from the sources that are there
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import engines from "./engines.json" with { type: "json" };

/** One engine's package for one platform. */
interface EnginePackage {
  readonly package: string;
  readonly version: string;
  /** Of the registry's tarball, as in a package-lock.json. */
  readonly integrity: string;
}

interface Engine {
  /** Path of the program in its package. */
  readonly program: string;
  readonly platforms: Readonly<Record<string, EnginePackage>>;
}

const runner = fileURLToPath(new URL(".", import.meta.url));
const kit = fileURLToPath(new URL("../kit/typescript/", import.meta.url));
const build = join(runner, ".build");
const compiled = join(build, "js");
const builtFrom = join(build, "js-built-from");
/** TypeScript in a clone; the installed package holds JavaScript already, which only has to be laid out in the same way. */
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/** The sources that engines run, tests left out. */
const sources = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(extension) && !name.endsWith(`.test${extension}`))
    .sort()
    .map((name) => join(folder, name));

function hashOfSources(): string {
  const hash = createHash("sha256");
  for (const file of [...sources(runner), ...sources(kit)])
    hash.update(`${basename(file)}\n`).update(readFileSync(file));
  return hash.digest("hex");
}

/** Ends with a sentence when the command does not end with 0. */
function run(program: string, args: readonly string[]): void {
  const { status, signal, error } = spawnSync(program, args, { cwd: runner, stdio: "inherit" });
  if (error !== undefined) fail(`${program} cannot be started: ${error.message}`);
  if (status !== 0) fail(`${program} ended with ${signal ?? `exit code ${status}`}.`);
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function compile(): void {
  rmSync(builtFrom, { force: true });
  rmSync(compiled, { recursive: true, force: true });
  const hash = hashOfSources();
  if (extension === ".ts") {
    const compiler = createRequire(import.meta.url)
      .resolve("typescript/package.json")
      .replace("package.json", "bin/tsc");
    run(process.execPath, [compiler, "-p", "tsconfig.engines.json"]);
  } else {
    for (const [folder, name] of [
      [runner, "async"],
      [kit, "kit/typescript"],
    ] as const)
      for (const file of sources(folder)) cpSync(file, join(compiled, name, basename(file)));
  }
  writeFileSync(builtFrom, hash);
}

function packageOf(name: string): { engine: Engine; pinned: EnginePackage; folder: string } {
  const known: Readonly<Record<string, Engine>> = engines;
  const engine = known[name];
  if (engine === undefined) fail(`Unknown engine "${name}". Known: ${Object.keys(known).join(", ")}.`);
  const platform = `${process.platform}-${process.arch}`;
  const pinned = engine.platforms[platform];
  if (pinned === undefined) fail(`There is no package of ${name} for ${platform}.`);
  return { engine, pinned, folder: join(build, "engines", name) };
}

/** What npm noted of the tarball that it unpacked. */
function integrityIn(folder: string, { package: name }: EnginePackage): string | undefined {
  const lock = join(folder, "node_modules", ".package-lock.json");
  if (!existsSync(lock)) return undefined;
  const { packages = {} } = JSON.parse(readFileSync(lock, "utf8")) as { packages?: Record<string, EnginePackage> };
  return packages[`node_modules/${name}`]?.integrity;
}

function isFetched(name: string): boolean {
  const { engine, pinned, folder } = packageOf(name);
  return existsSync(join(folder, basename(engine.program))) && integrityIn(folder, pinned) === pinned.integrity;
}

const isCompiled = (): boolean => existsSync(builtFrom) && readFileSync(builtFrom, "utf8") === hashOfSources();

/** Does nothing where the pinned engine is there already: setting up again after a change of the sources fetches nothing. */
function fetchEngine(name: string): void {
  if (isFetched(name)) return;
  const { engine, pinned, folder } = packageOf(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const quietly = ["--ignore-scripts", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
  run("npm", ["install", "--prefix", folder, ...quietly, `${pinned.package}@${pinned.version}`]);
  const integrity = integrityIn(folder, pinned);
  if (integrity !== pinned.integrity) {
    rmSync(folder, { recursive: true });
    fail(`${pinned.package}@${pinned.version} is not what engines.json names: its checksum is ${integrity}.`);
  }
  const program = join("node_modules", pinned.package, engine.program);
  chmodSync(join(folder, program), 0o755);
  symlinkSync(program, join(folder, basename(program)));
}

const [command, name = ""] = process.argv.slice(2);
if (command === "compile") compile();
else if (command === "fetch") fetchEngine(name);
else if (command === "check") process.exitCode = isFetched(name) && isCompiled() ? 0 : 1;
else fail("Expected compile, fetch ENGINE or check ENGINE.");
