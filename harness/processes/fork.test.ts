import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { TrialError } from "../errors.ts";
import { entryPoint } from "./entry.ts";
import { ForkedProcess } from "./fork.ts";
import { scratchFolder } from "./testing/scratch.ts";

type Out = { readonly type: "echo"; readonly text: string } | { readonly type: "fail" } | { readonly type: "end" };
type In = { readonly type: "echoed"; readonly text: string } | { readonly type: "failed"; readonly reason: string };

function start(): ForkedProcess<Out, In> {
  const module = entryPoint(import.meta.url, "./testing/echo-process");
  const forked = ForkedProcess.start<Out, In>({ name: "echo", module, logFile: join(scratchFolder(), "log") });
  onTestFinished(async () => void (await forked.stop()));
  return forked;
}

test("messages go there and back, also when the answer came before it was asked for", async () => {
  const forked = start();
  const seen: string[] = [];
  forked.onMessage((message) => seen.push(message.type));
  forked.send({ type: "echo", text: "one" });
  expect(await forked.next("echoed", 10_000)).toEqual({ type: "echoed", text: "one" });
  const arrived = new Promise<void>((resolve) => forked.onMessage(() => resolve()));
  forked.send({ type: "echo", text: "two" });
  await arrived;
  expect(await forked.next("echoed", 10_000)).toEqual({ type: "echoed", text: "two" });
  expect(seen).toEqual(["echoed", "echoed"]);
});

test("a failure that the process reports is the reason given to whoever waits", async () => {
  const forked = start();
  const answer = forked.next("echoed", 10_000);
  forked.send({ type: "fail" });
  await expect(answer).rejects.toThrow("The echo process failed: the disk is full");
});

test("a process that ends gives its last words to whoever waits, then and later", async () => {
  const forked = start();
  const answer = forked.next("echoed", 10_000);
  forked.send({ type: "end" });
  await expect(answer).rejects.toThrow(/The echo process ended \(exit code 3\)\.\nlast words/);
  await expect(forked.next("echoed", 10_000)).rejects.toThrow(TrialError);
});

test("an answer that does not come is an error after the limit", async () => {
  await expect(start().next("echoed", 20)).rejects.toThrow('The echo process had not said "echoed" after 0.02 s');
});

test("stopping closes the channel, and the process ends by itself", async () => {
  const forked = start();
  forked.send({ type: "echo", text: "up" });
  await forked.next("echoed", 10_000);
  expect(await forked.stop()).toEqual({ code: 0, signal: null });
});
