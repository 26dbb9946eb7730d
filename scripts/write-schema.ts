/** Writes the JSON Schema of summary.json beside the code that renders it. Run it after a change of the summary's types. */
import { writeFileSync } from "node:fs";
import { SCHEMA_FILE, summarySchema } from "../reports/summary-schema.ts";

writeFileSync(SCHEMA_FILE, summarySchema());
