/** @copilotkit/aimock as a process of its own, for the comparison in benches/world.ts. Spoken to over IPC. */
import { LLMock } from "@copilotkit/aimock";

export type ToAimock = {
  readonly type: "serve";
  readonly firstTokenMs: number;
  readonly tokensPerSecond: number;
  /** Frames of one stream, its first (a role) and last one (a finish reason) included. */
  readonly frames: number;
};
export type FromAimock = { readonly type: "listening"; readonly port: number };

const CHUNK_CHARACTERS = 5;

process.on("message", async ({ firstTokenMs, tokensPerSecond, frames }: ToAimock) => {
  const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent", chunkSize: CHUNK_CHARACTERS });
  const content = "word ".repeat(frames - 2);
  mock.onMessage(/./, { content }, { streamingProfile: { ttft: firstTokenMs, tps: tokensPerSecond } });
  await mock.start();
  process.send?.({ type: "listening", port: mock.port });
});
process.on("disconnect", () => process.exit(0));
