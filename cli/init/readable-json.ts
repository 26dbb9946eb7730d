/** JSON as people write it: what fits into a line stands on one. Pure. */

const WIDTH = 110;

function written(value: unknown, indent: string): string {
  const line = JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, " ");
  if (value === null || typeof value !== "object" || indent.length + line.length <= WIDTH) return line;
  const deeper = `${indent}  `;
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const items = Array.isArray(value)
    ? value.map((item) => written(item, deeper))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${written(item, deeper)}`);
  return `${open}\n${items.map((item) => deeper + item).join(",\n")}\n${indent}${close}`;
}

/** The text of a file that holds an object; its own members stand on lines of their own. */
export function readableJson(value: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{\n${members.map(([name, member]) => `  ${JSON.stringify(name)}: ${written(member, "  ")}`).join(",\n")}\n}\n`;
}
