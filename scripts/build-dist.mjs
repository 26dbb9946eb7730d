/**
 * Makes dist/: the sources as JavaScript with declarations, and everything beside them that is read at run time. Node strips no
 * types below node_modules, so the package ships this instead of the sources. Runs in `prepack`; plain JavaScript, since npm starts it.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const FOLDERS = ["cli", "harness", "reports", "runners", "scenarios", "claims", "matchers"];
/** Folders that only tests and people who work on the project need. */
const LEFT_OUT = ["node_modules", "test", "tests", "testing", "fixtures", "golden", "target", "build", ".build"];
const COMPILED = /\.ts$/;
/** What `init --template typescript` writes: sources, under a name that no compiler takes for one. */
const TEMPLATES = ["runners/reference", "runners/kit/typescript"];

function compile() {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`The compiler ended with code ${status}.`);
}

/** Every file below a folder that belongs into the package. */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return LEFT_OUT.includes(entry.name) ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/** A runner.json starts compiled modules where the source starts TypeScript. */
function compiledCommands(text) {
  const file = JSON.parse(text);
  const compiled = (command) => command.map((word) => word.replace(COMPILED, ".js"));
  for (const process of file.processes ?? []) process.command = compiled(process.command);
  if (file.setup !== undefined) file.setup = compiled(file.setup);
  const variants = Object.values(file.variants ?? {});
  for (const { commands = {} } of variants)
    for (const [name, command] of Object.entries(commands)) commands[name] = compiled(command);
  for (const { install } of [file, ...variants]) {
    if (install === undefined) continue;
    install.check = compiled(install.check);
    if (install.steps !== undefined) install.steps = install.steps.map(compiled);
  }
  return `${JSON.stringify(file, null, 2)}\n`;
}

function copyAssets() {
  for (const path of FOLDERS.flatMap((folder) => filesBelow(join(root, folder)))) {
    if (COMPILED.test(path)) continue;
    const target = join(dist, relative(root, path));
    mkdirSync(dirname(target), { recursive: true });
    if (path.endsWith("runner.json")) writeFileSync(target, compiledCommands(readFileSync(path, "utf8")));
    else cpSync(path, target);
  }
}

function copyTemplates() {
  for (const path of TEMPLATES.flatMap((folder) => filesBelow(join(root, folder))))
    if (COMPILED.test(path) && !path.endsWith(".test.ts")) cpSync(path, `${join(dist, relative(root, path))}.txt`);
}

/** A module that names a sibling's `.ts` file in a text would look for a file that is not shipped. */
function refuseSourceNames() {
  const offenders = filesBelow(dist)
    .filter((path) => extname(path) === ".js")
    .flatMap((path) =>
      readFileSync(path, "utf8")
        .split("\n")
        .flatMap((line, index) =>
          /new URL\(["'`][^"'`]+\.ts["'`]/.test(line) ? [`${relative(root, path)}:${index + 1}: ${line.trim()}`] : [],
        ),
    );
  if (offenders.length > 0)
    throw new Error(`These lines name a .ts file that dist/ does not have:\n${offenders.join("\n")}`);
}

rmSync(dist, { recursive: true, force: true });
compile();
copyAssets();
copyTemplates();
refuseSourceNames();
