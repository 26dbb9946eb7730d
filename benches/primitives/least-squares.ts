/** Ordinary least squares by the normal equations. Pure. */

/** Solves a square system by Gaussian elimination with partial pivoting; null where it has no single solution. */
function solved(system: readonly (readonly number[])[]): number[] | null {
  const rows = system.map((row) => [...row]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const candidates = rows.slice(column);
    const pivot = candidates.reduce((best, row) =>
      Math.abs(row[column] ?? 0) > Math.abs(best[column] ?? 0) ? row : best,
    );
    const head = pivot[column] ?? 0;
    if (Math.abs(head) < 1e-9) return null;
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = (row[column] ?? 0) / head;
      for (let at = column; at <= size; at++) row[at] = (row[at] ?? 0) - factor * (pivot[at] ?? 0);
    }
  }
  return rows.map((row, column) => (row[size] ?? 0) / (row[column] ?? 0));
}

/**
 * What one of each quantity must cost for the sums to come nearest to what was measured, by the squares of the differences.
 * @param counts of each measurement, how many of each quantity
 * @param totals of each measurement
 * @returns null where the measurements do not tell the quantities apart
 */
export function leastSquares(
  counts: readonly (readonly number[])[],
  totals: readonly number[],
): readonly number[] | null {
  const width = counts[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, at) => counts.map((row) => row[at] ?? 0));
  // Quantities of very different size would spoil the elimination.
  const scales = columns.map((column) => Math.max(...column.map(Math.abs)) || 1);
  const scaled = columns.map((column, at) => column.map((value) => value / (scales[at] ?? 1)));
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  const system = scaled.map((row) => [...scaled.map((column) => dot(row, column)), dot(row, totals)]);
  return solved(system)?.map((value, at) => value / (scales[at] ?? 1)) ?? null;
}
