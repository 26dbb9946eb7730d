/** A runtime of one file for tests of supervision: answers /healthz and says who it is at /; what else it does, its environment says. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Runner } from "../../runner.ts";
import { scratchFolder } from "./scratch.ts";

const SERVER = `
const { appendFileSync } = require("node:fs");
const { createServer } = require("node:http");
appendFileSync(process.env.DATA_DIR + "/starts", process.env.INCARNATION + "\\n");
if (process.env.FAIL === "at once") { console.error("no licence found"); process.exit(9); }
createServer((request, response) => {
  if (request.url === "/die") process.exit(1);
  if (request.url === "/healthz" && process.env.FAIL === "never ready") response.statusCode = 503;
  response.end(JSON.stringify({ env: process.env, argv: process.argv.slice(2) }));
}).listen(Number(process.env.PORT_HTTP), "127.0.0.1", () => {
  if (process.env.FAIL === "after ready") setTimeout(() => process.exit(1), 60);
});
`;

/** The runner, in a folder of its own that goes away with the test. */
export function tinyRuntime(env: Readonly<Record<string, string>> = {}, changes: Partial<Runner> = {}): Runner {
  const folder = scratchFolder();
  writeFileSync(join(folder, "server.cjs"), SERVER);
  const server = {
    name: "server",
    role: "app",
    command: ["node", "server.cjs", "{dataDir}", "{port.http}"],
    ports: ["http"],
    serves: true,
    world: true,
  } as const;
  return {
    runtime: "tiny",
    language: "JavaScript",
    home: "https://example.org",
    processes: [{ ...server, env }],
    promises: {},
    name: "tiny",
    folder,
    variantEnv: {},
    ...changes,
  };
}
