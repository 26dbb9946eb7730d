import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { childEnvironment, startChild } from "./child.ts";
import { Leftovers } from "./leftovers.ts";
import { createMarkedDirectory, removeMarkedDirectory } from "./marked-directory.ts";
import { hasProc } from "./process-table.ts";
import { scratchFolder } from "./testing/scratch.ts";

// Without /proc nobody can tell, and `begin` says so by null.
const onLinux = test.skipIf(!hasProc);

function begun(): Leftovers {
  const leftovers = Leftovers.begin();
  if (leftovers === null) throw new Error("there is /proc, so leftovers can be found");
  return leftovers;
}

const LISTENING = `
  require("node:net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port); });
`;
/** A process that listens and has left the tree of ours: its parent, started by us, is gone. */
const ORPHAN = `
  require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(LISTENING)}], { detached: true, stdio: "inherit" }).unref();
`;

onLinux("nothing is left where nothing was started, whatever else runs here", () => {
  expect(begun().look()).toEqual({ processes: 0, ports: 0, mounts: 0, directories: 0, left: [] });
});

onLinux(
  "a process that left the tree is known by the trial's directory, and so is the port that it listens on",
  async () => {
    const leftovers = begun();
    const directory = createMarkedDirectory();
    onTestFinished(() => removeMarkedDirectory(directory));
    const log = join(scratchFolder(), "log");
    const parent = await startChild({
      command: ["node", "-e", ORPHAN],
      cwd: "/",
      env: { ...childEnvironment(), DATA_DIR: join(directory.path, "data") },
      logFile: log,
    });
    await parent.exited;
    expect(leftovers.look()).toMatchObject({ processes: 0, directories: 1 });
    leftovers.expect(directory.path);
    const found = await vi.waitFor(() => {
      const now = leftovers.look();
      expect(now).toMatchObject({ processes: 1, ports: 1, directories: 1 });
      return now;
    });
    expect(found.left).toEqual([
      "process node",
      expect.stringMatching(/^port \d+$/),
      expect.stringMatching(/^directory a/),
    ]);
    const [pid] = leftovers.pids();
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(leftovers.look()).toMatchObject({ processes: 0, ports: 0 }));
  },
);

onLinux("a port that this process goes on listening on is left, and gone when it is closed", async () => {
  const leftovers = begun();
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  expect(leftovers.look()).toMatchObject({ processes: 0, ports: 1 });
  await new Promise((done) => server.close(done));
  expect(await leftovers.settled()).toMatchObject({ ports: 0, left: [] });
});
