/** A process that appends to a history until it is killed, and says at every round how many events it had appended by then. For tests. */
import { HistoryWriter } from "../history-writer.ts";

const ROUND_MS = 5;
const PER_ROUND = 200;

const writer = new HistoryWriter<{ n: number }>(process.argv[2] ?? null, (error) => {
  throw error;
});
let n = 0;
setInterval(() => {
  process.send?.(n);
  for (let one = 0; one < PER_ROUND; one++) writer.append({ n: n++ });
}, ROUND_MS);
process.on("disconnect", () => process.exit());
