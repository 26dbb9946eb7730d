/** The longest time for which this process's event loop stood still, by a timer that notes how late it comes. */

const EVERY_MS = 20;

export class LoopDelay {
  maxMs = 0;
  #expectedMs = performance.now() + EVERY_MS;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.maxMs = Math.max(this.maxMs, nowMs - this.#expectedMs);
      this.#expectedMs = nowMs + EVERY_MS;
    }, EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
