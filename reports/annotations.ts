/**
 * A gate's answer as annotations of a GitHub workflow, which shows them beside the change. Promises: a name cannot end its line or become
 * another command. Source: "Workflow commands for GitHub Actions", setting an error or a warning message.
 */
import type { GateReport } from "../harness/gate.ts";
import { inOrder } from "./gate.ts";

const COMMANDS = { regression: "error", inconclusive: "warning" } as const;

const escaped = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
/** Of a property, whose ends are marked by these too. */
const property = (text: string): string => escaped(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

/** One line per regression and per line without a decision; nothing for what passed. */
export function renderAnnotations({ lines }: Pick<GateReport, "lines">): string {
  return inOrder(lines)
    .flatMap(({ answer, rule, what, runner, scenario, says }) => {
      if (answer !== "regression" && answer !== "inconclusive") return [];
      const title = `${rule}: ${what}, ${scenario === null ? runner : `${runner} in ${scenario}`}`;
      return [`::${COMMANDS[answer]} title=${property(title)}::${escaped(says)}\n`];
    })
    .join("");
}
