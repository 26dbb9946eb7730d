import type { WorldFault } from "./fault.ts";

/** No byte at all until the client leaves. */
export const hang: WorldFault = () => ({ does: "hang" });
