/**
 * Sampled stacks, as profilers write them, and the tree that a flame graph draws of them (B. Gregg, "The Flame Graph", CACM 59(6),
 * 2016). Pure; frames stand outermost first.
 */

/** So many samples, or so much time, in which exactly these frames stood on the stack. */
export interface Stack {
  readonly frames: readonly string[];
  readonly weight: number;
}

/** One frame below the same callers. `total` is its own weight and that of everything it called. */
export interface FlameNode {
  readonly name: string;
  readonly self: number;
  readonly total: number;
  /** Heaviest first. */
  readonly children: readonly FlameNode[];
}

/** Folded stacks: a line each, `outer;inner;innermost WEIGHT`. Other lines are left out. */
export function foldedStacks(text: string): Stack[] {
  return text.split("\n").flatMap((line) => {
    const [, frames, weight] = /^(.+) (\d+)$/.exec(line.trimEnd()) ?? [];
    return frames === undefined ? [] : { frames: frames.split(";"), weight: Number(weight) };
  });
}

/** "7fde map/2+0x1b8 (/tmp/perf-7.map)" → "map/2"; what has no symbol is called after its file: "[libc.so.6]". */
function perfFrame(line: string): string | null {
  const [, symbol = "", file = ""] = /^\s*[0-9a-f]+ (.*) \(([^()]*)\)$/.exec(line) ?? [];
  if (symbol === "") return null;
  if (symbol !== "[unknown]") return symbol.replace(/\+0x[0-9a-f]+$/, "").replace(/^\$/, "");
  const name = file.replace(/^.*\//, "");
  return name === "" || name === "[unknown]" ? null : `[${name}]`;
}

/** What `perf script` prints: a block per sample, its header line first, then the innermost frame. A thread's name is the outermost. */
export function perfStacks(text: string): Stack[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const [header = "", ...lines] = block.split("\n").filter((line) => line.trim() !== "");
    const thread = /^\s*(\S.*?)\s+\d+(?:\/\d+)?\s+(?:\[\d+\]\s+)?[\d.]+:/.exec(header)?.[1];
    if (thread === undefined) return [];
    const named = lines.flatMap((line) => perfFrame(line) ?? []).reverse();
    // Frames without a symbol come in rows; one of them says as much.
    const frames = named.filter((name, index) => !name.startsWith("[") || name !== named[index - 1]);
    return { frames: [thread, ...frames], weight: 1 };
  });
}

/** What `pprof -traces -unit=ms` prints: blocks between rules, "WEIGHTms innermost" first, its callers below. Labels are left out. */
export function pprofStacks(text: string): Stack[] {
  return text.split(/^-{5,}\+-+$/m).flatMap((block) => {
    const lines = block.split("\n");
    const first = lines.findIndex((line) => /^\s*[\d.]+ms\s+\S/.test(line));
    if (first === -1) return [];
    const [, weight, leaf = ""] = /^\s*([\d.]+)ms\s+(\S.*)$/.exec(lines[first] ?? "") ?? [];
    const callers = lines.slice(first + 1).flatMap((line) => line.trim() || []);
    return { frames: [...callers.reverse(), leaf.trim()], weight: Number(weight) };
  });
}

interface Growing {
  self: number;
  total: number;
  readonly children: Map<string, Growing>;
}

const empty = (): Growing => ({ self: 0, total: 0, children: new Map() });

function finished(name: string, { self, total, children }: Growing): FlameNode {
  const below = [...children].map(([child, node]) => finished(child, node));
  return { name, self, total, children: below.sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1)) };
}

/** Stacks with common callers laid upon each other. The root is called "all". */
export function flameTree(stacks: readonly Stack[]): FlameNode {
  const root = empty();
  for (const { frames, weight } of stacks) {
    let node = root;
    node.total += weight;
    for (const frame of frames) {
      const child = node.children.get(frame) ?? empty();
      node.children.set(frame, child);
      child.total += weight;
      node = child;
    }
    node.self += weight;
  }
  return finished("all", root);
}

/** Weight of each frame as innermost one, heaviest first: where the time itself went. */
export function heaviest(stacks: readonly Stack[], most: number): { readonly name: string; readonly weight: number }[] {
  const weights = new Map<string, number>();
  for (const { frames, weight } of stacks) {
    const name = frames.at(-1);
    if (name !== undefined) weights.set(name, (weights.get(name) ?? 0) + weight);
  }
  return [...weights]
    .map(([name, weight]) => ({ name, weight }))
    .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))
    .slice(0, most);
}
