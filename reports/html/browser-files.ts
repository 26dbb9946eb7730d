/**
 * What the browser gets: style sheets and scripts, real files in `browser/`, inlined as they are. Promises: each can stand in its element
 * (nothing in it ends the element early) and is read once. Leaves to others: which page takes which.
 */
import { readFileSync } from "node:fs";
import { assert } from "../../harness/errors.ts";
import { DARK, LIGHT, paletteCss } from "./look.ts";
import { Markup } from "./markup.ts";

const texts = new Map<string, string>();

/** The text of one file of `browser/`. */
export function browserFile(name: string): string {
  let text = texts.get(name);
  if (text === undefined) {
    text = readFileSync(new URL(`./browser/${name}`, import.meta.url), "utf8").trim();
    assert(!/<\/(script|style)|<!--/i.test(text), `browser/${name} would end its own element`);
    texts.set(name, text);
  }
  return text;
}

/** A script element of one file of `browser/`. */
export function script(name: string): Markup {
  return new Markup(`<script>\n${browserFile(name)}\n</script>`);
}

/** The style element: the palettes of both themes, then files of `browser/`, in order. */
export function styles(names: readonly string[]): Markup {
  // As the system has it, unless the reader chose (`data-theme`); paper is light in any case.
  const dark = paletteCss(DARK);
  const palettes = `:root{color-scheme:light dark;${paletteCss(LIGHT)}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}
@media screen{:root[data-theme=dark]{color-scheme:dark;${dark}}:root[data-theme=light]{color-scheme:light}}`;
  return new Markup(`<style>\n${[palettes, ...names.map(browserFile)].join("\n")}\n</style>`);
}
