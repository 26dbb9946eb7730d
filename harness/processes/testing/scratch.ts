/** What tests of processes need: a folder that goes away, a watchdog that ends, and who lives. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Watchdog } from "../watchdog.ts";

/** A folder that is removed when the test ends. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "derby-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A watchdog that ends with the test, and with it every process and directory that the test told it of. */
export async function testWatchdog(): Promise<Watchdog> {
  const watchdog = await Watchdog.start();
  onTestFinished(() => watchdog.stop());
  return watchdog;
}
