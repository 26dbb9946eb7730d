/** What bytes need to another process and back on this machine: the least that any request takes. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { monotonicMs } from "../../harness/clock.ts";
import { parseCores, planCores } from "../../harness/processes/cores.ts";
import { takePorts } from "../../harness/processes/ports.ts";

const ROUND_TRIPS = 400;
const WARM_UPS = 100;
const PAUSE_MS = 5;
/** About a small request with its headers. */
const BYTES = 300;
const ECHO =
  'require("node:net").createServer((socket)=>socket.setNoDelay().pipe(socket)).listen(Number(process.argv[1]),"127.0.0.1",()=>console.log("ready"))';

/** Median of round trips that come one by one over a kept loopback connection, the other side on the runtime's core; milliseconds. */
export async function measureHop(): Promise<number> {
  const cores = planCores();
  const core = cores === null ? null : (parseCores(cores.runtime)[0] ?? null);
  const [port = 0] = await takePorts(1);
  const node = [process.execPath, "-e", ECHO, String(port)];
  const [file = "", ...args] = core === null ? node : ["taskset", "-c", String(core), ...node];
  const echo = execFile(file, args);
  try {
    await once(echo.stdout ?? echo, "data");
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    await once(socket, "connect");
    const tookMs: number[] = [];
    for (let n = 0; n < WARM_UPS + ROUND_TRIPS; n++) {
      await delay(PAUSE_MS);
      const fromMs = monotonicMs();
      socket.write(Buffer.alloc(BYTES));
      for (let read = 0; read < BYTES; ) read += ((await once(socket, "data")) as [Buffer])[0].length;
      if (n >= WARM_UPS) tookMs.push(monotonicMs() - fromMs);
    }
    socket.destroy();
    return tookMs.sort((a, b) => a - b)[tookMs.length >> 1] ?? Number.NaN;
  } finally {
    echo.kill("SIGKILL");
  }
}
