/**
 * Where recordings lie. One folder per campaign, one per trial in it; everything is written before anything is judged,
 * and every later stage can start again from here.
 *
 * results/<campaign>/campaign.json environment.json contestants.json calibration.json capacity.json primitives.json
 *   summary.json report.html report.md
 *   trials/<trial>/trial.json driver.ndjson world.ndjson trial.ndjson driver.hlog world.hlog logs/ outcome.json · capsules/
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CalibrationRun } from "./calibration.ts";
import type { IsolationName } from "./containers/isolation.ts";
import { UsageError, unknownName } from "./errors.ts";
import { type FigureKind, type FiguresOfKind, readFigures } from "./machine-figures.ts";
import type { ContestantSummary, Environment, Prices } from "./summary.ts";
import type { CampaignPlan, TrialOutcome, TrialPlan } from "./trial.ts";

/** campaign.json: the plan without its trials, which have files of their own. */
export interface CampaignFile extends Omit<CampaignPlan, "trials"> {
  /** Ids of the trials in order. */
  readonly trials: readonly string[];
  /** Day of the first recording, YYYY-MM-DD. */
  readonly recorded: string;
  readonly prices: Prices;
  /** How databases were provided: "embedded", "docker", or "url" (the address itself is never stored). */
  readonly postgres: string;
  readonly pinned: boolean;
  /** Where runtimes lived; campaigns from before there was a choice: "processes". */
  readonly isolation?: IsolationName;
}

const writeJson = (path: string, value: unknown): void => {
  // Written aside and renamed, so that a full disk or a crash never leaves half a file.
  writeFileSync(`${path}.part`, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(`${path}.part`, path);
};
const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;

/** The folder of one campaign. */
export class Campaign {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes a new folder below `parent`: the plan's id, with a counter where that exists. Nothing recorded is ever overwritten. */
  static create(
    parent: string,
    plan: CampaignPlan,
    rest: Pick<CampaignFile, "recorded" | "prices" | "postgres" | "pinned" | "isolation">,
  ): Campaign {
    mkdirSync(parent, { recursive: true });
    let folder = join(parent, plan.id);
    for (let n = 2; existsSync(folder); n++) folder = join(parent, `${plan.id}-${n}`);
    const campaign = new Campaign(folder);
    campaign.#storePlans(plan.trials);
    const { trials, ...header } = plan;
    writeJson(join(folder, "campaign.json"), { ...header, ...rest, trials: trials.map(({ id }) => id) });
    return campaign;
  }

  #storePlans(trials: readonly TrialPlan[]): void {
    for (const trial of trials) {
      mkdirSync(this.trialFolder(trial.id), { recursive: true });
      writeFileSync(join(this.trialFolder(trial.id), "trial.json"), `${JSON.stringify(trial)}\n`);
    }
  }

  /** Adds one more block to the plan. The header changes last, so that a torn extension is as if there had been none. */
  extend(block: number, trials: readonly TrialPlan[]): void {
    this.#storePlans(trials);
    const { header } = this;
    const ids = [...header.trials, ...trials.map(({ id }) => id)];
    writeJson(join(this.folder, "campaign.json"), { ...header, blocks: block, trials: ids });
  }

  /** @throws UsageError when the folder holds no campaign */
  static open(folder: string): Campaign {
    if (existsSync(join(folder, "campaign.json"))) return new Campaign(resolve(folder));
    const parent = existsSync(folder) ? folder : "results";
    const known = campaignFolders(parent).map((one) => join(parent, one));
    throw new UsageError(
      `${folder} holds no campaign.json. ${known.length > 0 ? `Recorded campaigns: ${known.join(", ")}.` : "There is no recorded campaign."}`,
    );
  }

  get header(): CampaignFile {
    return readJson(join(this.folder, "campaign.json"));
  }

  trialFolder(id: string): string {
    return join(this.folder, "trials", id);
  }

  /** @throws UsageError for an unknown trial */
  plan(id: string): TrialPlan {
    const file = join(this.trialFolder(id), "trial.json");
    if (!existsSync(file)) throw new UsageError(unknownName("trial", id, this.header.trials));
    return readJson(file);
  }

  /** The outcome of a trial, or undefined while it is not finished. */
  outcome(id: string): TrialOutcome | undefined {
    const file = join(this.trialFolder(id), "outcome.json");
    return existsSync(file) ? readJson(file) : undefined;
  }

  writeOutcome(id: string, outcome: TrialOutcome): void {
    writeJson(join(this.trialFolder(id), "outcome.json"), outcome);
  }

  /** Empties a trial that was cut short, so that resuming records it anew. The plan stays; the old attempt is kept beside it. */
  setAside(id: string): void {
    const folder = this.trialFolder(id);
    const leftovers = readdirSync(folder).filter((name) => name !== "trial.json" && !name.startsWith("aborted-"));
    if (leftovers.length === 0) return;
    let n = 1;
    while (existsSync(join(folder, `aborted-${n}`))) n++;
    mkdirSync(join(folder, `aborted-${n}`));
    for (const name of leftovers) renameSync(join(folder, name), join(folder, `aborted-${n}`, name));
  }

  /** Replaces the capsules of a trial; they are made of its recording, so nothing recorded is lost. @param texts by file name */
  writeCapsules(id: string, texts: ReadonlyMap<string, string>): void {
    const folder = join(this.trialFolder(id), "capsules");
    rmSync(folder, { recursive: true, force: true });
    if (texts.size > 0) mkdirSync(folder);
    for (const [name, text] of texts) writeFileSync(join(folder, name), text);
  }

  /** Names of the capsules of a trial, as paths from the campaign's folder. */
  capsules(id: string): string[] {
    const folder = join(this.trialFolder(id), "capsules");
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .sort()
      .map((name) => join("trials", id, "capsules", name));
  }

  write(
    name: "environment.json" | "contestants.json" | "calibration.json" | "summary.json" | `${FigureKind}.json`,
    value: unknown,
  ): void {
    writeJson(join(this.folder, name), value);
  }

  get environment(): Environment {
    return readJson(join(this.folder, "environment.json"));
  }

  /** Calibrations in the order in which they were made; none where they were left out. */
  get calibrations(): readonly CalibrationRun[] {
    const file = join(this.folder, "calibration.json");
    return existsSync(file) ? readJson(file) : [];
  }

  /** What a bench has measured of the machine's runners; null where nobody has. */
  figures<Kind extends FigureKind>(kind: Kind): FiguresOfKind[Kind] | null {
    return readFigures(kind, join(this.folder, `${kind}.json`));
  }

  get contestants(): readonly ContestantSummary[] {
    return readJson(join(this.folder, "contestants.json"));
  }

  writeText(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, path);
    return path;
  }
}

/** Names of the campaigns in a folder, oldest first. */
export function campaignFolders(parent: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => existsSync(join(parent, name, "campaign.json")))
    .sort(
      (a, b) => statSync(join(parent, a, "campaign.json")).mtimeMs - statSync(join(parent, b, "campaign.json")).mtimeMs,
    );
}

/** Bytes that a folder takes on disk. */
export function bytesOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? bytesOf(path) : statSync(path).size;
  }
  return bytes;
}

/** Removes whole campaigns, oldest first, keeping the newest `keep`. Returns what was (or would be) removed, with its size. */
export function removeOldCampaigns(
  parent: string,
  keep: number,
  dryRun: boolean,
): { readonly folder: string; readonly bytes: number }[] {
  const folders = campaignFolders(parent);
  return folders.slice(0, Math.max(0, folders.length - keep)).map((name) => {
    const folder = join(parent, name);
    const bytes = bytesOf(folder);
    if (!dryRun) rmSync(folder, { recursive: true });
    return { folder, bytes };
  });
}
