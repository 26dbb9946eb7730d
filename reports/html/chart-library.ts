/** Chart.js as text to inline. Promises: found beside the installed package wherever this module runs, and without the pointer to its source map, which a browser would try to fetch. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assert } from "../../harness/errors.ts";

let text: string | undefined;

/** The library's own browser bundle, licence comment included, safe to stand in a script element. Read once. */
export function chartLibrary(): string {
  if (text === undefined) {
    // The package exports its module build only; the browser bundle lies beside it.
    const bundle = new URL("chart.umd.js", import.meta.resolve("chart.js"));
    text = readFileSync(fileURLToPath(bundle), "utf8")
      .replace(/^\/\/# sourceMappingURL=.*$/m, "")
      .trim();
    assert(!/<\/script|<!--/i.test(text), "the chart library would end its own script element");
  }
  return text;
}
