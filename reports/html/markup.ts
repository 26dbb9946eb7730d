/**
 * HTML as a value that cannot be confused with text. Promises: whatever is put into a `markup` template is escaped unless it is
 * Markup itself, so a runner named `<script>` is a name and nothing else. Leaves to others: what the page says.
 */

/** A piece of HTML that is already safe. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Content = string | number | Markup | null | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Where Unicode has pictures of the control characters. */
const PICTURES = 0x2400;
const DELETED = "\u2421";

/** A picture of a control character; those that turn the direction of writing have none. */
function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (character === "\n" || character === "\t") return character;
  if (code < 0x20) return String.fromCharCode(PICTURES + code);
  return code === 0x7f ? DELETED : "\ufffd";
}

/**
 * Text made safe for elements and for quoted attributes. Control characters are made visible: a browser drops some of them, and those of
 * writing direction would reorder the words around them.
 */
export function escapeHtml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, picture)
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Keeps a number and its unit on one line. */
export function prose(text: string): string {
  return text.replace(/(\d) (?=(?:ms|s|MB|%)(?![a-z]))/g, "$1\u00a0");
}

function render(content: Content): string {
  if (content === null || content === undefined || content === false) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "object") return content.map(render).join("");
  return escapeHtml(String(content));
}

/** Template tag: markup`<b>${name}</b>` escapes `name`; arrays are joined; null, undefined and false are left out. */
export function markup(pieces: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(pieces.map((piece, index) => (index === 0 ? piece : render(values[index - 1]) + piece)).join(""));
}

/** JSON for a script element: `<` is written as an escape, so that no text in it can end the element. */
export function jsonIsland(id: string, value: unknown): Markup {
  const json = JSON.stringify(value).replaceAll("<", "\\u003c");
  return markup`<script type="application/json" id="${id}">${new Markup(json)}</script>`;
}

/** A name as the value of an id attribute and the target of a link; injective, so that no two names meet. */
export function anchor(...names: readonly string[]): string {
  return names
    .map((name) => name.replace(/[^0-9a-z-]/g, (character) => `_${character.codePointAt(0)?.toString(16)}`))
    .join(".");
}

/** A part of the page that is folded away until asked for. */
export function folded(summary: Content, ...body: readonly Content[]): Markup {
  return markup`<details><summary>${summary}</summary>${body}</details>`;
}
