/**
 * Figures of this machine that are of no trial: what benches have measured of runners alone. Kept in a file per kind and machine.
 *
 * Promises: figures of another machine, or in a file that cannot be read, are as good as none; those of a runner whose files have
 * changed since fit it no more. Leaves to others: measuring, and what the figures mean.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Primitives } from "./budget/primitives.ts";
import type { CapacityFigures } from "./capacity.ts";
import { conformanceHash } from "./conform/certificate.ts";
import { fnv1a32 } from "./random.ts";
import type { Runner } from "./runner.ts";

/** What all kinds have in common. */
export interface MachineFigures {
  /** See {@link FIGURE_FORMATS}. */
  readonly format: string;
  /** See {@link machineFingerprint}. */
  readonly machine: string;
  /** Each with the {@link conformanceHash} of its files when it was measured. */
  readonly runners: readonly { readonly runner: string; readonly hash: string }[];
}

/** The kinds that there are. A kind's name is that of its file in a campaign's folder, too. */
export interface FiguresOfKind {
  readonly capacity: CapacityFigures;
  readonly primitives: Primitives;
}
export type FigureKind = keyof FiguresOfKind;
export const FIGURE_KINDS = ["capacity", "primitives"] as const satisfies readonly FigureKind[];
/** Of today; figures of a former format say something else and are passed over. */
export const FIGURE_FORMATS = {
  capacity: "agent-derby-capacity/1",
  primitives: "agent-derby-primitives/2",
} as const satisfies { readonly [Kind in FigureKind]: FiguresOfKind[Kind]["format"] };

/** Below the current directory, beside the certificates of runners. */
export const FIGURES_FOLDER = join("results", ".figures");

/** What times depend on first of all: the processor and how many cores of it there are. */
export function machineFingerprint(): string {
  const processors = cpus();
  return `${processors[0]?.model.trim() ?? "unknown"}, ${processors.length} cores`;
}

const fileOf = (kind: FigureKind, folder: string): string =>
  join(folder, `${kind}-${fnv1a32(machineFingerprint()).toString(16)}.json`);

/** The figures in a file; null where it is missing, torn, of another kind, or of a former format. They may be of any machine. */
export function readFigures<Kind extends FigureKind>(kind: Kind, file: string): FiguresOfKind[Kind] | null {
  if (!existsSync(file)) return null;
  try {
    const figures = JSON.parse(readFileSync(file, "utf8")) as FiguresOfKind[Kind];
    return figures.format === FIGURE_FORMATS[kind] ? figures : null;
  } catch {
    return null;
  }
}

/** Keeps figures, in place of those kept before. @throws Error of the system when the folder cannot be written */
export function storeFigures<Kind extends FigureKind>(
  kind: Kind,
  figures: FiguresOfKind[Kind],
  folder = FIGURES_FOLDER,
): void {
  mkdirSync(folder, { recursive: true });
  const file = fileOf(kind, folder);
  // Aside first, so that nobody ever reads half a file.
  writeFileSync(`${file}.part`, `${JSON.stringify(figures, null, 1)}\n`);
  renameSync(`${file}.part`, file);
}

/** What is kept of this machine; null where there is nothing. */
export function storedFigures<Kind extends FigureKind>(
  kind: Kind,
  folder = FIGURES_FOLDER,
): FiguresOfKind[Kind] | null {
  const figures = readFigures(kind, fileOf(kind, folder));
  return figures?.machine === machineFingerprint() ? figures : null;
}

/** The figures without runners whose files have changed, or that are none of these; null where none is left. */
export function fittingFigures<Figures extends MachineFigures>(
  figures: Figures | null,
  runners: readonly Runner[],
): Figures | null {
  if (figures === null) return null;
  const fitting = figures.runners.filter(({ runner, hash }) => {
    const present = runners.find(({ name }) => name === runner);
    return present !== undefined && conformanceHash(present) === hash;
  });
  return fitting.length === 0 ? null : { ...figures, runners: fitting };
}
