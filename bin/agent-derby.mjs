#!/usr/bin/env node
/**
 * Starts the command line with a Node that can run it. Plain JavaScript that Node 18 understands, since whoever has only an
 * old Node starts here too. Promises the exit code of the command, and not to die before it. All else is left to cli/main.ts.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findNode, noNodeSentence } from "./find-node.mjs";

const EXIT_REFUSED = 2;

/** The sources in a clone, the compiled JavaScript in an installed package (Node strips no types under node_modules). */
function entryPath() {
  const source = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
  return existsSync(source) ? source : fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
}

function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = EXIT_REFUSED;
}

/** Node before 24.3 prints a warning for every process that strips types. */
const isQuiet = ([major, minor]) => major > 24 || minor >= 3;

/** Runs the command in a process of its own and ends as it ends. */
function start(path, version) {
  const flags = isQuiet(version) ? [] : ["--disable-warning=ExperimentalWarning"];
  // The channel carries nothing: the command sees it close when this process is killed, and stops.
  const child = spawn(path, [...flags, entryPath(), ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  const forward = (signal) => child.kill(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  child.on("error", (error) => refuse(`agent-derby could not start ${path}: ${error.message}.`));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
    for (const name of signals) process.off(name, forward);
  });
}

const node =
  process.platform === "win32"
    ? undefined
    : findNode(import.meta.url, { path: process.execPath, version: process.version }, process.env.PATH ?? "");
if (process.platform === "win32") refuse("agent-derby runs on Linux and macOS; on Windows, run it inside WSL 2.");
else if (node === undefined) refuse(noNodeSentence(process.version, process.platform, process.arch));
else if (node.current && isQuiet(node.version)) await import(pathToFileURL(entryPath()).href);
else start(node.path, node.version);
