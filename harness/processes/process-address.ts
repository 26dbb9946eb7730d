/** Where a process of a runner takes turns, and where it is asked whether it is ready. */
import type { RunnerProcess } from "../runner.ts";

/** Port names of a process; a serving one takes turns on its first port. */
export function portNames(process: RunnerProcess): readonly string[] {
  return process.ports ?? (process.serves === true ? ["http"] : []);
}

/** Where readiness is asked for: "GET :admin/health" or "TCP :admin" as an address. */
export function readyUrl(spec: RunnerProcess, ports: Readonly<Record<string, number>>): string | null {
  const ready = spec.ready ?? (spec.serves === true ? `GET :${portNames(spec)[0]}/healthz` : undefined);
  const [, how, name, path = ""] = /^(GET|TCP) :([^/]+)(\/.*)?$/.exec(ready ?? "") ?? [];
  return name === undefined ? null : `${how === "TCP" ? "tcp" : "http"}://127.0.0.1:${ports[name]}${path}`;
}
