/** The files that `init` writes for a backend, as texts: pure. What is asked of it first is a scenario without tools, for it has its own. */
import type { GatePolicy } from "../../harness/gate/policy.ts";
import type { RunnerFile } from "../../harness/runner.ts";
import { readableJson } from "./readable-json.ts";

/** Folder of the runner in somebody's repository; its name is the runner's. */
export const RUNNER_FOLDER = "derby";
const SCENARIO = "chat-kill";
/** Few enough for a small machine that also runs the backend. */
const RUN = `${SCENARIO} ./${RUNNER_FOLDER} --profile smoke --sessions 60`;

/** Nobody forgets, nobody is stuck, and all are served again soon. People sharpen it as they learn what their backend does. */
const POLICY: GatePolicy = {
  format: "agent-derby-gate/1",
  promises: true,
  invariants: { "acknowledged turns forgotten": 0, "sessions stuck": 0 },
  objectives: [{ figure: "recovery longest", most: 15_000 }],
};

const readme = (file: RunnerFile, secrets: readonly string[]): string => `# ${file.runtime} in Agent Derby

\`runner.json\` says how this repository's backend is started (\`processes\`) and how a turn is asked for (\`turn\`). Agent Derby plays the model: the variable
that takes the model's base address is set to it, so that no key and no money is needed. \`policy.json\` says what a change must keep.

    npx agent-derby conform ./${RUNNER_FOLDER}    # seconds: what works, what is not offered, which promises may be claimed
    npx agent-derby run ${RUN}
    npx agent-derby gate --policy ${RUNNER_FOLDER}/policy.json

What the backend keeps has to lie below \`{dataDir}\` (hand it over by \`env\` of the process), or in the database of \`DATABASE_URL\` (\`"needs": ["postgres"]\`): every
trial starts with both empty. Vow a promise in \`promises\` only if you would bet on it; broken promises fail the run.
${secrets.length === 0 ? "" : `\nHeaders take ${secrets.join(", ")} from the environment; the values are never written down.\n`}`;

const workflow = (secrets: readonly string[]): string => `name: agent-derby
on: [push, pull_request]
permissions:
  contents: read
jobs:
  derby:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      # Install and build the backend here, as for your tests.
      - uses: agent-derby/agent-derby@v1
        with:
          run: ${RUN}
          policy: ${RUNNER_FOLDER}/policy.json
${secrets.length === 0 ? "" : `        env:\n${secrets.map((name) => `          ${name}: \${{ secrets.${name} }}\n`).join("")}`}`;

/** Variables of the environment that the headers of a mapping take. */
function secretsOf({ turn }: RunnerFile): string[] {
  const values = Object.values(turn?.headers ?? {}).join("\n");
  return [...new Set([...values.matchAll(/\{env\.(\w+)\}/g)].map(([, name = ""]) => name))];
}

/** Path below the repository and content of every file. */
export function backendFiles(file: RunnerFile): ReadonlyMap<string, string> {
  const secrets = secretsOf(file);
  return new Map([
    [`${RUNNER_FOLDER}/runner.json`, readableJson({ ...file })],
    [`${RUNNER_FOLDER}/policy.json`, readableJson({ ...POLICY })],
    [`${RUNNER_FOLDER}/README.md`, readme(file, secrets)],
    [".github/workflows/agent-derby.yml", workflow(secrets)],
  ]);
}
