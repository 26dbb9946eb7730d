/**
 * Certificates: that these very files passed. One changed byte of the runner, its kit, the contract or the checks makes a
 * certificate worthless, since it holds a hash over all of them.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LocalTiming } from "../local-timing.ts";
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
  /** Absent where the runner was tested beside others, and from older certificates. */
  readonly timings?: readonly LocalTiming[];
  /** Whose times they are: a processor's name. A certificate may travel, times may not. */
  readonly timedOn?: string;
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

const processor = (): string => cpus()[0]?.model ?? "unknown";

/** "beam:tuned" is no file name everywhere. */
const fileOf = (runner: Runner, folder: string): string => join(folder, `${runner.name.replaceAll(":", "+")}.json`);

/** The certificate for exactly these files. */
function freshCertificate(runner: Runner, folder: string): Partial<Certificate> | undefined {
  const file = fileOf(runner, folder);
  if (!existsSync(file)) return undefined;
  let certificate: Partial<Certificate>;
  try {
    certificate = JSON.parse(readFileSync(file, "utf8")) as Partial<Certificate>;
  } catch {
    // A file torn by a full disk vouches for nothing.
    return undefined;
  }
  return certificate.hash === conformanceHash(runner) ? certificate : undefined;
}

/** Notes that a runner has passed all checks; timings of the same files stay where there are no newer ones. @throws Error of the system when the folder cannot be written */
export function writeCertificate(report: ConformReport, runner: Runner, folder = CERTIFICATES_FOLDER): void {
  const timings = report.timings ?? storedTimings(runner, folder);
  const certificate: Certificate = {
    format: "agent-derby-certificate/1",
    runner: runner.name,
    hash: conformanceHash(runner),
    checks: report.checks.filter(({ result }) => result === "pass").length,
    ...(timings !== null && { timings, timedOn: processor() }),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(runner, folder), `${JSON.stringify(certificate, null, 2)}\n`);
}

/** "fresh" when a certificate exists for exactly these files, else "none". */
export function certificateState(runner: Runner, folder = CERTIFICATES_FOLDER): "fresh" | "none" {
  return freshCertificate(runner, folder) === undefined ? "none" : "fresh";
}

/** What local tools take on this machine, by a fresh certificate; null where none says so. */
export function storedTimings(runner: Runner, folder = CERTIFICATES_FOLDER): readonly LocalTiming[] | null {
  const { timings, timedOn } = freshCertificate(runner, folder) ?? {};
  return timings !== undefined && timedOn === processor() ? timings : null;
}
