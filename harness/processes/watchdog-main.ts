/**
 * The watchdog process: reads what would remain from its standard input and, when that ends, ends all of it. The pipe ends in
 * whatever way the harness dies, since the kernel closes the other end. Lives in a session of its own, so Ctrl-C does not reach it.
 */
import { createInterface } from "node:readline";
import { Remains } from "./remains.ts";

const remains = new Remains();
for await (const line of createInterface({ input: process.stdin })) remains.note(line);
for (const problem of await remains.end()) process.stderr.write(`agent-derby watchdog: ${problem}\n`);
