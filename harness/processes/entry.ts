/**
 * Paths of modules that are started as processes of their own. The sources run as `.ts` in a clone and as compiled `.js` from
 * the package, so a path to a sibling takes the extension of the module that asks.
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Absolute path of a sibling module with the caller's own extension.
 * @param metaUrl the caller's `import.meta.url`
 * @param path the sibling without extension, for example "./main"
 */
export function entryPoint(metaUrl: string, path: string): string {
  const extension = extname(fileURLToPath(metaUrl));
  return fileURLToPath(new URL(`${path}${extension}`, metaUrl));
}
