/** What the trial and the proxy process say to each other over the IPC channel. The proxy ends when the channel closes. */
import type { Disturbance, ProbeAsk, ProxiedPath } from "../nemeses/nemesis.ts";

/** Where the connections of a path go. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Turns to be held on a path: as requests that are not passed on, or as whole answers that their client does not get. */
export interface ProxyHold {
  readonly id: string;
  readonly what: "request" | "answer";
  readonly members: readonly { readonly s: string; readonly n: number }[];
}

/** What can be asked of a path; mirrors `PathProxy` and `HoldingProxy`. */
export type PathCall =
  | { readonly call: "hold"; readonly order: ProxyHold }
  | { readonly call: "release"; readonly id: string }
  | { readonly call: "disturb"; readonly disturbance: Disturbance | null }
  | { readonly call: "reset" }
  | { readonly call: "redirect"; readonly port: number }
  | { readonly call: "probe"; readonly ask: ProbeAsk }
  | { readonly call: "seen" };

/** First message to the proxy: it listens for every path and answers "listening" with the ports. */
export interface ProxySettings {
  readonly type: "settings";
  readonly paths: Readonly<Partial<Record<ProxiedPath, Address>>>;
}

export type ToProxy =
  | ProxySettings
  | { readonly type: "call"; readonly id: number; readonly path: ProxiedPath; readonly what: PathCall };

export type FromProxy =
  | { readonly type: "listening"; readonly ports: Readonly<Partial<Record<ProxiedPath, number>>> }
  /** Who stands at a hold now, since when by CLOCK_MONOTONIC. Several that come together are one report. */
  | { readonly type: "held"; readonly id: string; readonly standing: readonly (readonly [string, number])[] }
  /** `result` is what the method of `PathProxy` resolves to. */
  | { readonly type: "done"; readonly id: number; readonly result: unknown }
  | { readonly type: "failed"; readonly reason: string };
