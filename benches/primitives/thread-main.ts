/** A thread that answers every message with one of about its size, says pieces of it before, and asks the model as often as it is told. */
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, threadId, workerData } from "node:worker_threads";
import { randomOf } from "../../harness/random.ts";
import { PIECE_GAP_MS } from "./job.ts";
import { Pace } from "./pace.ts";
import type { FromThread, ThreadData, ToThread } from "./thread.ts";
import { asking } from "./works.ts";

const { asked } = workerData as ThreadData;
const asks = new Pace(randomOf(1, "primitives", "ask", threadId), () => Atomics.add(asked, 0, 1));

parentPort?.on("message", async (message: ToThread) => {
  if ("asksPerSecond" in message) return asks.set(message.asksPerSecond, asking(message.conversationBytes));
  const { number, question, pieces } = message;
  for (let n = 0; n < pieces; n++) {
    await delay(PIECE_GAP_MS);
    parentPort?.postMessage({ number, piece: ` word${n}` } satisfies FromThread);
  }
  parentPort?.postMessage({ number, answer: { result: { output: question.input ?? "" } } } satisfies FromThread);
});
