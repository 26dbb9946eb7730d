/**
 * Tables whose numbers stand under each other. Promises: every table has a caption, header cells with scope, and a box that scrolls
 * alone when the screen is narrow. Leaves to others: what stands in the cells.
 */
import { type Content, type Markup, markup } from "./markup.ts";

export interface Column {
  readonly head: Content;
  /** Columns of one group stand under one common header. */
  readonly group?: string;
  /** Text is set flush left; numbers, the default, flush right. */
  readonly align?: "text";
}

/** One cell: plain content, or content with a tone. "quiet" steps back (zero, nothing); "notable" is worth a look; "broken" is a broken promise. */
export type Cell = Content | { readonly content: Content; readonly tone: "quiet" | "notable" | "broken" };

export interface Table {
  readonly caption: Content;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** A click on a header sorts by its column. Not for tables whose rows mean something by their order. */
  readonly sortable?: boolean;
}

/** The first cell of a row is its header. */
export interface Row {
  readonly cells: readonly Cell[];
  /** Set apart from the row above by a rule. */
  readonly begins?: boolean;
  /** Stands in place of all remaining cells. */
  readonly note?: Content;
  /** Whose row it is, where no runner's name heads it: the filter hides it. */
  readonly runner?: string;
}

function isToned(cell: Cell): cell is { readonly content: Content; readonly tone: "quiet" | "notable" | "broken" } {
  return typeof cell === "object" && cell !== null && "tone" in cell;
}

function groupRow(columns: readonly Column[]): Markup | null {
  if (columns.every((column) => column.group === undefined)) return null;
  const groups: { name: string; span: number }[] = [];
  for (const column of columns) {
    const name = column.group ?? "";
    const last = groups[groups.length - 1];
    if (last !== undefined && last.name === name) last.span++;
    else groups.push({ name, span: 1 });
  }
  return markup`<tr>${groups.map((group) =>
    group.name === ""
      ? markup`<td colspan="${group.span}"></td>`
      : markup`<th scope="colgroup" class="group" colspan="${group.span}">${group.name}</th>`,
  )}</tr>`;
}

function classOf(column: Column, previous: Column | undefined): string {
  const starts = previous !== undefined && column.group !== undefined && column.group !== previous.group;
  return [column.align ?? "", starts ? "starts" : ""].filter((name) => name !== "").join(" ");
}

function classAttribute(name: string): Markup | null {
  return name === "" ? null : markup` class="${name}"`;
}

function ownerAttribute(runner: string | undefined): Markup | null {
  return runner === undefined ? null : markup` data-runner="${runner}"`;
}

function bodyCell(cell: Cell, align: string, index: number): Markup {
  const content = isToned(cell) ? cell.content : cell;
  const name = classAttribute([align, isToned(cell) ? cell.tone : ""].join(" ").trim());
  return index === 0 ? markup`<th scope="row"${name}>${content}</th>` : markup`<td${name}>${content}</td>`;
}

/** A table in its scrolling box. */
export function table(given: Table): Markup {
  const classes = given.columns.map((column, index) => classOf(column, given.columns[index - 1]));
  const head = given.columns.map(
    (column, index) => markup`<th scope="col"${classAttribute(classes[index] ?? "")}>${column.head}</th>`,
  );
  const body = given.rows.map((row) => {
    const cells = row.cells.map((cell, index) => bodyCell(cell, classes[index] ?? "", index));
    const rest = given.columns.length - row.cells.length;
    const note = row.note === undefined ? null : markup`<td class="note" colspan="${rest}">${row.note}</td>`;
    return markup`<tr${row.begins ? classAttribute("begins") : null}${ownerAttribute(row.runner)}>${cells}${note}</tr>`;
  });
  return markup`<div class="scroll" tabindex="0"><table${given.sortable ? markup` data-sortable` : null}><caption>${given.caption}</caption><thead>${groupRow(given.columns)}<tr>${head}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

/**
 * Long tables of plain numbers, one line per second: without classes and closing tags of cells, which HTML lets us leave out.
 * @param owners whose each row is, where rows belong to several runners
 */
export function denseTable(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  owners: readonly string[] = [],
): Markup {
  const head = heads.map((text) => markup`<th scope="col">${text}`);
  const body = rows.map(
    (row, position) =>
      markup`<tr${ownerAttribute(owners[position])}>${row.map((text, index) => (index === 0 ? markup`<th scope="row">${text}` : markup`<td>${text}`))}`,
  );
  return markup`<div class="scroll" tabindex="0"><table class="dense"><caption>${caption}</caption><thead><tr>${head}<tbody>${body}</table></div>`;
}
