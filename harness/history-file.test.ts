import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { UsageError } from "./errors.ts";
import { readEvents } from "./history-file.ts";
import { HistoryWriter } from "./history-writer.ts";
import { entryPoint } from "./processes/entry.ts";

interface Numbered {
  readonly n: number;
  readonly text?: string;
}

let path = "";
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "history-"));
  path = join(folder, "h.ndjson");
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

function writerOf(file: string | null, errors: string[] = []): HistoryWriter<Numbered> {
  return new HistoryWriter<Numbered>(file, (error) => errors.push(error.message));
}
const numbers = (): number[] => readEvents<Numbered>(path).map(({ n }) => n);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe("what was appended", () => {
  test("is in the file when the writer is closed, in order, however much came at once", () => {
    const writer = writerOf(path);
    for (const n of upTo(40_000)) writer.append({ n });
    writer.close();
    expect(numbers()).toEqual(upTo(40_000));
  });

  test("is written without anybody asking, soon", async () => {
    const writer = writerOf(path);
    onTestFinished(() => writer.close());
    for (const n of upTo(1_000)) writer.append({ n });
    await expect.poll(() => numbers().length, { interval: 10, timeout: 2_000 }).toBe(1_000);
  });

  test("is read after the process was killed, up to a quarter of a second before that", {
    timeout: 20_000,
  }, async () => {
    const child = fork(entryPoint(import.meta.url, "./testing/endless-writer-main"), [path], { execArgv: [] });
    const exited = once(child, "exit");
    const told: number[] = [];
    child.on("message", (appended) => told.push(Number(appended)));
    await expect.poll(() => told.length, { interval: 10, timeout: 15_000 }).toBeGreaterThan(150);
    child.kill("SIGKILL");
    await exited;
    // Rounds of 5 ms: fifty take the process a quarter of a second of its own life, however rarely this machine lets it run.
    const safe = told.at(-51) ?? Number.POSITIVE_INFINITY;
    const read = numbers();
    expect(safe).toBeGreaterThan(0);
    expect(read.length).toBeGreaterThanOrEqual(safe);
    expect(read).toEqual(upTo(read.length));
  });

  test("is kept when the process ends by itself without closing", async () => {
    const source = `
      const { HistoryWriter } = await import(process.argv[1]);
      const writer = new HistoryWriter(process.argv[2], (error) => { throw error; });
      for (let n = 0; n < 500; n++) writer.append({ n });
      process.exit(3);`;
    const module = entryPoint(import.meta.url, "./history-writer");
    const child = execFile(process.execPath, ["--input-type=module", "-e", source, module, path]);
    expect(await once(child, "exit")).toEqual([3, null]);
    expect(numbers()).toEqual(upTo(500));
  });
});

test("a full disk is reported once, and what comes after it is no further error", () => {
  const errors: string[] = [];
  const writer = writerOf("/dev/full", errors);
  writer.append({ n: 0 });
  writer.flush();
  for (const n of upTo(40_000)) writer.append({ n });
  writer.close();
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain("ENOSPC");
});

test("a writer without a file keeps nothing and closes", () => {
  const errors: string[] = [];
  const writer = writerOf(null, errors);
  writer.append({ n: 0 });
  writer.close();
  expect(errors).toEqual([]);
});

describe("reading", () => {
  test("a missing file is empty", () => {
    expect(readEvents(path)).toEqual([]);
  });

  test("leaves out a torn last line", () => {
    writeFileSync(path, '{"n":0}\n{"n":1}\n{"n":2');
    expect(numbers()).toEqual([0, 1]);
    writeFileSync(path, '{"n":0');
    expect(numbers()).toEqual([]);
  });

  test("puts lines together that lie across blocks, and takes lines longer than a block", () => {
    const writer = writerOf(path);
    const texts = [1_000, 300_000, 10, 700_000, 5].map((length, n) => `${n}é\n,`.repeat(length));
    for (const [n, text] of texts.entries()) writer.append({ n, text });
    for (const n of upTo(20_000)) writer.append({ n: n + texts.length });
    writer.close();
    appendFileSync(path, '{"n":');
    const events = readEvents<Numbered>(path);
    expect(events.map(({ n }) => n)).toEqual(upTo(20_000 + texts.length));
    expect(events.slice(0, texts.length).map(({ text }) => text)).toEqual(texts);
  });

  test.each([
    ["torn", '{"n":4'],
    ["empty", ""],
    ["torn where a comma makes it whole", '{"n":4\n"text":"x"}'],
    ["holding two events", '{"n":4},{"n":4}'],
  ])("a line in the middle that is %s is an error that names file and line", (_, broken) => {
    const whole = upTo(9_000).map((n) => JSON.stringify({ n }));
    writeFileSync(path, `${[...whole, broken, ...whole].join("\n")}\n`);
    expect(() => readEvents(path)).toThrow(UsageError);
    expect(() => readEvents(path)).toThrow(/h\.ndjson, line 9001, is no event/);
  });
});

test("a history keeps the format of one JSON object per line", () => {
  const writer = writerOf(path);
  writer.append({ n: 1, text: "a" });
  writer.append({ n: 2 });
  writer.close();
  expect(readFileSync(path, "utf8")).toBe('{"n":1,"text":"a"}\n{"n":2}\n');
});
