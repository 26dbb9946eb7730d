/**
 * Link: one direction of a path as a wire of a given speed, shared by all connections. Bytes leave one after the other, so each
 * piece knows at once when its last byte will be through: the wire's queue is arithmetic, not a list.
 */
export class Link {
  #freeAtMs = 0;

  /** When the last of these bytes is through, if they queue up now. */
  reserve(bytes: number, bytesPerSecond: number, nowMs: number): number {
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + (bytes * 1000) / bytesPerSecond;
    return this.#freeAtMs;
  }

  /** Forgets what was queued: another speed holds from now on. */
  clear(): void {
    this.#freeAtMs = 0;
  }
}
