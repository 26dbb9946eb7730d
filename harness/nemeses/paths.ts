/** Paths on which a proxy of ours can stand: between driver and runtime, and between the runtime and what it talks to. */
export const PATHS = ["client", "model", "tools", "database"] as const;
export type ProxiedPath = (typeof PATHS)[number];
