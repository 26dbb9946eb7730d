/**
 * Certificates: that these very files passed. One changed byte of the runner, its kit, the contract or the checks makes a
 * certificate worthless, since it holds a hash over all of them.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageVersion } from "../package-root.ts";
import type { Runner } from "../runner.ts";
import { runnersFolder } from "../runner-check.ts";
import type { ConformReport } from "./conform.ts";

/** Below the current directory, with the results that it vouches for. */
export const CERTIFICATES_FOLDER = join("results", ".certificates");

/** What tool chains make or fetch, tests, and what is hidden: nothing of it decides how a runner behaves. */
const LEFT_OUT =
  /^(\..*|node_modules|target|_build|deps|build|dist|results|testing|fixtures|__pycache__|.*\.log|.*\.test\.[jt]s)$/;

interface Certificate {
  readonly format: "agent-derby-certificate/1";
  readonly runner: string;
  readonly hash: string;
  readonly checks: number;
}

function filesBelow(folder: string, prefix: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !LEFT_OUT.test(name));
  return entries.flatMap((entry) => {
    const path = `${prefix}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(join(folder, entry.name), path);
    return entry.isFile() ? [path] : [];
  });
}

/** What the hash is taken over, each with the name under which it counts, so that it does not matter where the folders lie. */
function ingredients(runner: Runner): (readonly [name: string, file: string])[] {
  const kit = join(runnersFolder, "kit", runner.language.toLowerCase());
  const folders = [
    ["runner", runner.folder],
    ["kit", kit],
    ["checks", dirname(fileURLToPath(import.meta.url))],
  ] as const;
  const files = folders.flatMap(([label, folder]) =>
    existsSync(folder) ? filesBelow(folder, "").map((path) => [`${label}${path}`, join(folder, path)] as const) : [],
  );
  const contract = join(runnersFolder, "CONTRACT.md");
  return [...files, ...(existsSync(contract) ? [["contract", contract] as const] : [])].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
}

/** Hash over the runner's files, its variant, its language's kit, the contract, the checks and the version of the harness. */
export function conformanceHash(runner: Runner): string {
  const hash = createHash("sha256").update(JSON.stringify([packageVersion, runner.name, runner.variantEnv]));
  for (const [name, file] of ingredients(runner)) {
    const content = readFileSync(file);
    hash.update(`\n${name} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

/** "beam:tuned" is no file name everywhere. */
const fileOf = (runner: Runner, folder: string): string => join(folder, `${runner.name.replaceAll(":", "+")}.json`);

/** Notes that a runner has passed all checks. @throws Error of the system when the folder cannot be written */
export function writeCertificate(report: ConformReport, runner: Runner, folder = CERTIFICATES_FOLDER): void {
  const certificate: Certificate = {
    format: "agent-derby-certificate/1",
    runner: runner.name,
    hash: conformanceHash(runner),
    checks: report.checks.filter(({ result }) => result === "pass").length,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(runner, folder), `${JSON.stringify(certificate, null, 2)}\n`);
}

/** "fresh" when a certificate exists for exactly these files, else "none". */
export function certificateState(runner: Runner, folder = CERTIFICATES_FOLDER): "fresh" | "none" {
  const file = fileOf(runner, folder);
  if (!existsSync(file)) return "none";
  let certificate: Partial<Certificate>;
  try {
    certificate = JSON.parse(readFileSync(file, "utf8")) as Partial<Certificate>;
  } catch {
    // A file torn by a full disk vouches for nothing.
    return "none";
  }
  return certificate.hash === conformanceHash(runner) ? "fresh" : "none";
}
