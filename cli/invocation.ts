/** How this tool is called from where it runs, so that every command we print can be pasted. */

const inClone = import.meta.url.endsWith(".ts");

/** What stands before the arguments of `run`. */
export const RUN_PREFIX = inClone ? "npm run bench --" : "npx agent-derby run";

/** A whole command line: "npm run bench", "npm run bench -- --resume results/a", "npx agent-derby doctor". */
export function commandLine(command: string, ...words: readonly string[]): string {
  const rest = words.map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(" ");
  if (command !== "run") return `npx agent-derby ${command} ${rest}`.trimEnd();
  return rest === "" ? RUN_PREFIX.replace(/ --$/, "") : `${RUN_PREFIX} ${rest}`;
}
