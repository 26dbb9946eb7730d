/** One sentence on whether a run can be trusted, with the weight it has for a reader. */

export interface TrustNote {
  readonly says: string;
  /** alarm: nothing else on the page may be read without it. warn: read this before the numbers. */
  readonly weight: "fine" | "warn" | "alarm";
  /** The trial that it is about alone; there may be many such notes. */
  readonly trial?: string;
}

export const fine = (says: string): TrustNote => ({ says, weight: "fine" });
export const warn = (says: string): TrustNote => ({ says, weight: "warn" });
export const alarm = (says: string): TrustNote => ({ says, weight: "alarm" });

/** Reasons come as sentences or as phrases; a note ends in one full stop. */
export const sentence = (text: string): string => text.replace(/\.?$/, ".");
