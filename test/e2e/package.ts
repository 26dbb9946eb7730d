/** The package as somebody else gets it: packed once, installed from the tarball. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Ended, run } from "./commands.ts";

export const PACK_LIMIT_MS = 40_000;
export const INSTALL_LIMIT_MS = 50_000;

/** Fails with what the command said, which is all that a log of CI shows. */
export function expectSuccess(what: string, { code, stdout, stderr }: Ended): void {
  expect(code, `${what} ended with ${code}:\n${stdout}\n${stderr}`).toBe(0);
}

/** Packs into a folder. @returns the path of the tarball */
export async function pack(folder: string): Promise<string> {
  expectSuccess(
    "npm pack",
    await run("npm", ["pack", "--json", "--pack-destination", folder], { limitMs: PACK_LIMIT_MS }),
  );
  return join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "");
}

/** Installs it into a project, beside what its package.json asks for, without running any script. */
export async function install(tarball: string, project: string): Promise<void> {
  const words = ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", tarball];
  expectSuccess("npm install", await run("npm", words, { cwd: project, limitMs: INSTALL_LIMIT_MS }));
}
