/**
 * The published JSON Schema (draft-07) of summary.json, made from its TypeScript types, descriptions included. Promises: the same types
 * give the same bytes; nothing that the types do not name is allowed, so that a reader learns of every change. Used when the schema is
 * written (`npm run schema`) and by the test that holds it against the types.
 */
import { fileURLToPath } from "node:url";
import { createGenerator } from "ts-json-schema-generator";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Where the schema lies in the sources and in the package. */
export const SCHEMA_FILE = path("./summary.schema.json");

/** The text of the schema. Takes a second or two. */
export function summarySchema(): string {
  const generator = createGenerator({
    path: path("../harness/summary.ts"),
    tsconfig: path("../tsconfig.json"),
    type: "Summary",
    // Our own compiler checks the types; this one is older and only reads them.
    skipTypeCheck: true,
  });
  const { $schema, ...schema } = generator.createSchema("Summary");
  const head = { $schema, $id: "agent-derby-summary/1", title: "summary.json of an Agent Derby campaign" };
  return `${JSON.stringify({ ...head, ...schema }, null, 1)}\n`;
}
