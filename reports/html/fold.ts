/** Folded parts that can be linked to and belong to a runner, and commands that can be copied. */
import { type Content, type Markup, markup } from "./markup.ts";

export interface FoldOf {
  /** An anchor (`markup.ts`). */
  readonly id?: string;
  /** The filter hides it with its runner. */
  readonly runner?: string;
}

const attribute = (name: string, value: string | undefined): Markup | null =>
  value === undefined ? null : markup` ${name}="${value}"`;

/** A part of the page that is folded away; a link to its id opens it. */
export function foldedOf(of: FoldOf, summary: Content, ...body: readonly Content[]): Markup {
  return markup`<details${attribute("id", of.id)}${attribute("data-runner", of.runner)}><summary>${summary}</summary>${body}</details>`;
}

/** A command with a button that copies it, where scripts run. */
export function command(text: string): Markup {
  return markup`<code data-copy>${text}</code>`;
}
