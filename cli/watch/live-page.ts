/** The live page of one `run`: opened before anything is planned, so that a taken port is known at once, and closed with the run. */
import { join, relative } from "node:path";
import type { BenchResult, BenchWatcher } from "../../harness/bench.ts";
import { renderLivePage } from "../../reports/html/live-page.ts";
import { LiveServer } from "./server.ts";
import { both, PageWatcher } from "./watching.ts";

export class LivePage {
  readonly #server: LiveServer;
  /** Tells terminal and page. */
  readonly watcher: BenchWatcher;
  #closed = false;

  private constructor(server: LiveServer, terminal: BenchWatcher) {
    this.#server = server;
    this.watcher = both(terminal, new PageWatcher(server));
  }

  /**
   * @param port 0: any free one
   * @throws UsageError when the port is taken
   */
  static async open(port: number, terminal: BenchWatcher): Promise<LivePage> {
    const server = await LiveServer.start(renderLivePage(), port);
    terminal.note(`Watch it at ${server.url} (from this machine only). Certificates will say that it was served.`);
    return new LivePage(server, terminal);
  }

  /** The run has come to its end. */
  finish({ folder, interrupted }: Pick<BenchResult, "folder" | "interrupted">): void {
    const report = join(relative(process.cwd(), folder) || ".", "report.html");
    this.#end(report, interrupted ? "Stopped; what was recorded is reported." : "Finished.");
  }

  /** The run is over, however it went. */
  close(): void {
    this.#end(null, "The run ended early; the terminal says why.");
  }

  #end(report: string | null, says: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close({ e: "finished", report, says });
  }
}
