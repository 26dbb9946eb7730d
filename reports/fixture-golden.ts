/** Golden files of the report tests. `UPDATE_GOLDEN=1` writes them anew; the difference is then read like any other change. Used by tests only. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The stored text of a golden file; with UPDATE_GOLDEN set it is first replaced by the text at hand. */
export function golden(name: string, text: string): string {
  const path = fileURLToPath(new URL(`../test/golden/${name}`, import.meta.url));
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  if (!existsSync(path)) throw new Error(`Golden file ${name} does not exist; UPDATE_GOLDEN=1 writes it.`);
  return readFileSync(path, "utf8");
}
