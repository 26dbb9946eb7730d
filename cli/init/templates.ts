/** The templates of `init`: which runner and which kit a language starts from, and the files that come of it. */
import { join } from "node:path";
import type { RunnerFile } from "../../harness/runner.ts";
import { readableJson } from "./readable-json.ts";

interface Template {
  readonly runner: string;
  readonly kit: string;
  /** What the reader should look at first. */
  readonly begins: string;
}

export const TEMPLATES = {
  typescript: { runner: "reference", kit: "typescript", begins: "server.ts" },
  python: { runner: "python", kit: "python", begins: "server.py" },
  elixir: { runner: "beam", kit: "beam", begins: "lib/" },
  go: { runner: "go", kit: "go", begins: "main.go" },
} as const satisfies Readonly<Record<string, Template>>;
export type TemplateName = keyof typeof TEMPLATES;

export const isTemplate = (name: string): name is TemplateName => Object.hasOwn(TEMPLATES, name);

/** Below the folder that `init` makes; its name is the runner's. */
export const TEMPLATE_RUNNER = "agent";

const readme = (name: TemplateName, { install }: RunnerFile): string => `# A runner from the template "${name}"

\`${TEMPLATE_RUNNER}/\` is a runtime that keeps the whole contract, \`kit/\` what it stands on: model client, tools, HTTP. Both are yours; nothing is imported from Agent Derby. Begin
to read at \`${TEMPLATE_RUNNER}/${TEMPLATES[name].begins}\`, replace what keeps the sessions, and say in \`${TEMPLATE_RUNNER}/runner.json\` what yours promises, what its defaults are and how it recovers: what stands there
describes the template.${name === "typescript" ? "\n\nIt needs the package `openai`." : ""}

${install === undefined ? "" : `    npx agent-derby setup ./derby/${TEMPLATE_RUNNER}      # installs what it needs and builds it\n`}    npx agent-derby conform ./derby/${TEMPLATE_RUNNER}    # does it keep the contract?
    npx agent-derby run kill ./derby/${TEMPLATE_RUNNER} --profile smoke

The contract is \`runners/CONTRACT.md\` of Agent Derby.
`;

/** Path below the repository and content of every file. @param folder the repository's, by which the runtime is called */
export async function templateFiles(name: TemplateName, runtime: string): Promise<ReadonlyMap<string, string>> {
  const { copied, ownRunnerFile } = await import("../../harness/init/template.ts");
  const { resolveRunner, runnersFolder } = await import("../../harness/runner-check.ts");
  const { readFileSync } = await import("node:fs");
  const { runner, kit } = TEMPLATES[name];
  const { folder } = resolveRunner(runner);
  const original: RunnerFile = JSON.parse(readFileSync(join(folder, "runner.json"), "utf8"));
  const own = copied(folder);
  const below = (where: string, files: ReadonlyMap<string, string>) =>
    [...files].map(([path, text]) => [`derby/${where}/${path}`, text] as const);
  return new Map([
    [`derby/${TEMPLATE_RUNNER}/runner.json`, readableJson({ ...ownRunnerFile(original, runtime, own) })],
    ...below(TEMPLATE_RUNNER, own),
    ...below(`kit/${kit}`, copied(join(runnersFolder, "kit", kit))),
    ["derby/README.md", readme(name, original)],
    ["derby/.gitignore", ".build/\n"],
  ]);
}
