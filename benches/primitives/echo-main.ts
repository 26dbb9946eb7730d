/** A thread that answers every message with one of about its size. */
import { parentPort } from "node:worker_threads";

parentPort?.on("message", (message) =>
  parentPort?.postMessage({ number: 1, answer: { result: { output: message.question.input } } }),
);
