/** Where the package lies: in a clone the sources are its root, in the installed package the compiled ones stand under dist/. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "./errors.ts";

function isPackage(folder: string): boolean {
  const file = join(folder, "package.json");
  return existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === "agent-derby";
}

function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isPackage(folder)) {
    const parent = dirname(folder);
    assert(parent !== folder, "no package.json of agent-derby above this module");
    folder = parent;
  }
  return folder;
}

/** Folder of our package.json. */
export const packageRoot = findPackageRoot();

/** Folder that holds harness/, runners/ and scenarios/ in the form this Node can run: the package itself, or its dist/. */
export const sourceRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** Version in our package.json. */
export const packageVersion = (
  JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string }
).version;
