/** `world`: the scripted model and tools alone, for trying an adapter by hand. */
import { once } from "node:events";
import type { Command } from "commander";
import { writeMarker } from "../harness/identity.ts";
import { EXIT } from "./exit-codes.ts";
import { FlagProblems, integerFlag } from "./flags.ts";
import { listenForInterrupt } from "./interrupt.ts";

/** What to paste into another terminal. */
export function worldHelp(port: number): string {
  const model = `http://127.0.0.1:${port}/i/1/v1`;
  const input = `${writeMarker({ session: "hand", turn: 1, step: 0, call: 0, purchase: 0 })} Hello`;
  const body = JSON.stringify({ model: "any", stream: true, messages: [{ role: "user", content: input }] });
  return [
    `The World listens. Base URL of the model: ${model}   tools: http://127.0.0.1:${port}/i/1/tools`,
    "",
    "The first model call of a turn:",
    `curl -N ${model}/chat/completions -H 'content-type: application/json' -d '${body}'`,
    "",
    "One tool call:",
    `curl http://127.0.0.1:${port}/i/1/tools/save_note -H 'content-type: application/json' -H 'idempotency-key: 1' -d '{"mark":"${writeMarker({ session: "hand", turn: 1, step: 1, call: 0, purchase: 1 })}"}'`,
    "",
    "A turn begins with its marker (D_…); another session or turn needs another one. Ctrl-C ends the World.",
  ].join("\n");
}

export function addWorldCommand(program: Command): void {
  program
    .command("world")
    .description("start the scripted model and tools alone, and say how to call them")
    .option("--port <n>", "port on 127.0.0.1 (default: any free one)")
    .option("--seed <text>", "seed of what it answers", "1")
    .action(async (flags: { readonly port?: string; readonly seed: string }) => {
      const problems = new FlagProblems();
      const port = integerFlag(problems, "--port", flags.port, 1_024, 65_535);
      problems.finish();
      const { startWorld } = await import("./by-hand.ts");
      const { requireFreePort } = await import("../harness/processes/ports.ts");
      if (port !== undefined) await requireFreePort(port, "the World");
      const interrupt = listenForInterrupt(() => process.stderr.write("Ending the World.\n"));
      const world = await startWorld(port ?? 0, flags.seed, 512);
      try {
        process.stdout.write(`${worldHelp(world.port)}\n`);
        if (!interrupt.signal.aborted) await once(interrupt.signal, "abort");
        process.exitCode = EXIT.interrupted;
      } finally {
        await world.stop();
        interrupt.dispose();
      }
    });
}
