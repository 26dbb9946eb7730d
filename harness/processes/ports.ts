/**
 * Loopback ports for processes that restart: outside the range from which the kernel takes ports of outgoing connections, since
 * otherwise a client of the runtime could sit on its port while it is down.
 */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { TrialError, UsageError } from "../errors.ts";
import { unlessGone } from "./process-table.ts";

const LOOPBACK = "127.0.0.1";
const LOWEST_PORT = 10_000;
const HIGHEST_PORT = 65_535;
/** Fewer than this many ports outside the kernel's range are not worth looking through. */
const ENOUGH_PORTS = 500;

/** Ports given out by this process; each is given once. */
const given = new Set<number>();

/** The kernel's range for outgoing connections; on macOS its fixed default (IANA's dynamic ports). */
export function ephemeralPorts(): { readonly low: number; readonly high: number } {
  const text = unlessGone(() => readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "latin1")) ?? "49152 65535";
  const [low = 32_768, high = 60_999] = text.trim().split(/\s+/).map(Number);
  return { low, high };
}

/** Takes a port for an instant. Resolves to the port (the kernel's choice for 0), or undefined when somebody listens there. */
function tryPort(port: number, host = LOOPBACK): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}

/** Free loopback ports, all different from any given out before by this process. */
export async function takePorts(count: number): Promise<number[]> {
  const { low, high } = ephemeralPorts();
  const below = { from: LOWEST_PORT, size: low - LOWEST_PORT };
  const above = { from: high + 1, size: HIGHEST_PORT - high };
  const range = below.size >= above.size ? below : above;
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries > 1000) throw new TrialError(`Found no ${count} free ports on 127.0.0.1 in 1,000 tries.`);
    const candidate = range.size >= ENOUGH_PORTS ? range.from + randomInt(range.size) : 0;
    if (given.has(candidate)) continue;
    const port = await tryPort(candidate);
    if (port === undefined || given.has(port)) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

/** @throws UsageError when somebody listens on the port already, or the address is none of this machine */
export async function requireFreePort(port: number, purpose: string, host = LOOPBACK): Promise<void> {
  const free = await tryPort(port, host).catch((error: Error) => {
    throw new UsageError(`Nobody can listen on ${host}, wanted for ${purpose}: ${error.message}.`);
  });
  if (free === undefined) {
    throw new UsageError(
      `Port ${port} on ${host}, wanted for ${purpose}, is taken. End what listens there, or choose another port.`,
    );
  }
}
