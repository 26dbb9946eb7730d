/**
 * The proxy process: stands in the paths it is told of, and disturbs them on order. Ends with its IPC channel, so that it never
 * outlives the trial.
 */
import { setFlagsFromString } from "node:v8";
import type { ProxiedPath } from "../nemeses/nemesis.ts";
import { Path } from "./path.ts";
import type { FromProxy, PathCall, ProxySettings, ToProxy } from "./protocol.ts";

// What passes lies outside V8's heap; the little in it is garbage at once, and a small young generation is collected in short pauses.
setFlagsFromString("--semi-space-growth-factor=1");

const paths = new Map<ProxiedPath, Path>();

function tell(message: FromProxy): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function fail(error: unknown): void {
  tell({ type: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}

async function listen({ paths: wanted }: ProxySettings): Promise<void> {
  const ports: Partial<Record<ProxiedPath, number>> = {};
  for (const [name, target] of Object.entries(wanted)) {
    const path = await Path.listen(target, (id, standing) => tell({ type: "held", id, standing }));
    paths.set(name as ProxiedPath, path);
    ports[name as ProxiedPath] = path.port;
  }
  tell({ type: "listening", ports });
}

async function obey(path: Path, what: PathCall): Promise<unknown> {
  if (what.call === "disturb") return path.disturb(what.disturbance);
  if (what.call === "reset") return path.reset();
  if (what.call === "redirect") return path.redirect(what.port);
  if (what.call === "hold") return path.keeper.hold(what.order);
  if (what.call === "release") return path.keeper.release(what.id);
  if (what.call === "probe") return path.probe(what.ask);
  return path.seen();
}

async function answer({ id, path: name, what }: Extract<ToProxy, { type: "call" }>): Promise<void> {
  const path = paths.get(name);
  if (path === undefined) throw new Error(`There is no path "${name}" here.`);
  tell({ type: "done", id, result: (await obey(path, what)) ?? null });
}

process.on("message", (message: ToProxy) => {
  (message.type === "settings" ? listen(message) : answer(message)).catch(fail);
});
process.on("disconnect", () => process.exit());
process.on("uncaughtException", fail);
