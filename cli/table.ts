/** Plain text tables for the terminal: columns as wide as their widest cell, numbers to the right. */

const GAP = "  ";
const looksNumeric = (cell: string): boolean => cell === "" || /^[-+~≤]?[\d.,]+( ?[a-zA-Z%/]+)?$/.test(cell);

/**
 * Lines of a table with a heading; no line ends in white space.
 * @param headings names of the columns
 * @param rows cells; missing ones are empty
 */
export function textTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = headings.map((heading, column) => {
    const cells = rows.map((row) => row[column] ?? "");
    const width = Math.max(heading.length, ...cells.map((cell) => cell.length));
    return { width, right: rows.length > 0 && cells.every(looksNumeric) };
  });
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ width, right }, column) =>
        right ? (cells[column] ?? "").padStart(width) : (cells[column] ?? "").padEnd(width),
      )
      .join(GAP)
      .trimEnd();
  return [line(headings), line(columns.map(({ width }) => "─".repeat(width))), ...rows.map(line)].join("\n");
}

/** How wide and how colourful the final table may be: https://no-color.org, and nothing but text into a file. */
export function terminalOptions(out: { readonly isTTY?: boolean; readonly columns?: number }): {
  color: boolean;
  width: number;
} {
  const color = out.isTTY === true && (process.env.NO_COLOR ?? "") === "";
  return { color, width: out.columns ?? 120 };
}

/** How long somebody has to wait: "850 ms", "12 s", "3 min 20 s", "1 h 05 min". Measured times are written by reports/format.ts. */
export function roughTime(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Bytes for people: "512 KB", "34 MB", "1.2 GB". */
export function byteSize(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} KB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
