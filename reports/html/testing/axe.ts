/** Axe, the accessibility checker, run in a page. Promises: only what it holds to be serious or critical, as sentences. Used by tests only. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/**
 * @param page opened with `bypassCsp`, since the page itself admits no scripts but its own
 * @param rules names of axe's rules; default all
 */
export async function seriousFindings(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  const path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await page.addScriptTag({ content: readFileSync(path, "utf8") });
  const findings = await page.evaluate(
    async (only): Promise<readonly Finding[]> => {
      const axe = Reflect.get(window, "axe");
      const { violations } = await axe.run(document, {
        resultTypes: ["violations"],
        ...(only === undefined ? {} : { runOnly: only }),
      });
      return violations;
    },
    rules === undefined ? undefined : [...rules],
  );
  return findings
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => {
      const first = nodes[0];
      return `${id}: ${help} (${nodes.length}×): ${first?.html.slice(0, 200)} ${first?.failureSummary ?? ""}`;
    });
}
