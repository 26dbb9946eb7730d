/**
 * A harness to be killed in tests: starts a watchdog, a directory, and a process with a child that leaves its group and its session,
 * as the processes of a database do. Prints who they are and waits for its death.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { childEnvironment, startChild } from "../child.ts";
import { Watchdog } from "../watchdog.ts";

const SETSID_CHILD = `
  const { spawn } = require("node:child_process");
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" });
  console.log(child.pid);
  setInterval(() => {}, 1000);
`;

const watchdog = await Watchdog.start();
const directory = watchdog.createDirectory(process.argv[2]);
writeFileSync(join(directory.path, "data"), "of a trial");
const child = await startChild({
  command: ["node", "-e", SETSID_CHILD],
  cwd: directory.path,
  env: childEnvironment(),
  logFile: join(directory.path, "log"),
});
watchdog.watchGroup(child.pid);
process.stdout.write(`${JSON.stringify({ watchdog: watchdog.pid, child: child.pid, directory: directory.path })}\n`);
setInterval(() => {}, 1000);
