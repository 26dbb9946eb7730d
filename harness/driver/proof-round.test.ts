import { describe, expect, test } from "vitest";
import { findMarker, fingerprint, INPUT_KINDS } from "../identity.ts";
import { answer, type Backend, cohortOf, lines, type Play, play, type Reply, sessionOf } from "./testing/play.ts";

const users = { users: cohortOf() };
const history: Reply = { afterMs: 5, status: 200, body: { turns: [{ turn: "1", input: "hi", output: "fine" }] } };
const healthy: Backend = ({ method }) => (method === "GET" ? history : answer(50));

const isProved = (scene: Play): boolean => scene.posts.some((post) => post.type === "proved");

/** Lets the load run for a second, then holds and proves. */
function proveAfterLoad(scene: Play): void {
  scene.time.advanceTo(1000);
  scene.driver.obey({ type: "hold" });
  scene.driver.obey({ type: "prove" });
}

describe("the proof round", () => {
  test("gives every session that had a turn one proof turn with the next number, then one read on a connection of its own", () => {
    const sessions = [
      sessionOf("left", "users", 0),
      sessionOf("thinks", "users", 0, [99_999]),
      sessionOf("unborn", "users", 5000),
    ];
    const scene = play(users, sessions, healthy);
    proveAfterLoad(scene);
    scene.time.advanceTo(3000);
    expect(isProved(scene)).toBe(true);
    const events = scene.end();
    const proofs = events.filter((event) => event.e === "enabled" && event.kind === "proof");
    expect(proofs.map((event) => event.s).sort()).toEqual(["left", "thinks"]);
    for (const proof of proofs) expect(proof).toMatchObject({ n: 2 });
    const [asked] = scene.requests.filter(({ request }) => request.path.endsWith("/turns/2"));
    expect(findMarker(asked?.request.body ?? "")).toMatchObject({
      turn: 2,
      step: 0,
      call: INPUT_KINDS.proof,
      purchase: 0,
    });
    const reads = events.filter((event) => event.e === "read");
    expect(reads).toHaveLength(2);
    for (const read of reads) {
      expect(read).toMatchObject({ status: 200, turns: [["1", fingerprint("hi"), fingerprint("fine")]] });
      expect(read.t - read.began).toBe(5);
    }
    expect(scene.requests.filter(({ own }) => own).map(({ request }) => request.method)).toEqual(["GET", "GET"]);
  });

  test("keeps its pace, comes in seeded order, and counts apart from acknowledged turns", () => {
    const sessions = Array.from({ length: 50 }, (_, i) => sessionOf(`s${i}`, "users", i));
    const scene = play(users, sessions, healthy, { proofsPerSecond: 100 });
    proveAfterLoad(scene);
    scene.time.advanceTo(1245);
    expect(scene.requests.filter(({ request }) => request.path.endsWith("/turns/2"))).toHaveLength(25);
    scene.time.advanceTo(2000);
    const events = scene.end();
    const order = events.filter((event) => event.e === "enabled" && event.kind === "proof").map((event) => event.s);
    expect(order).not.toEqual(sessions.map(({ id }) => id));
    expect(scene.posts.at(-2)).toMatchObject({ acknowledged: 50, offered: 50, proved: 50, toProve: 50 });
  });

  test("leaves silent sessions alone until then, and asks first for the very turn that was interrupted", () => {
    const cohorts = { silent: cohortOf({ retry: "never" }) };
    const scene = play(cohorts, [sessionOf("s1", "silent", 0, [10])], (request, nowMs) =>
      nowMs < 500 ? { afterMs: 5, breaks: "lost" } : healthy(request, nowMs),
    );
    scene.time.advanceTo(60_000);
    expect(scene.requests).toHaveLength(1);
    scene.driver.obey({ type: "prove" });
    scene.time.advanceTo(61_000);
    expect(scene.requests.map(({ request }) => request.path)).toEqual([
      "/sessions/s1/turns/1",
      "/sessions/s1/turns/1",
      "/sessions/s1/turns/2",
      "/sessions/s1",
    ]);
    expect(lines(scene.end(), "late", "enabled", "ok", "censored")).toEqual([
      "enabled s1 1 @0",
      "late s1 1 @20000",
      "ok s1 1 @60050",
      "enabled s1 2 @60050",
      "ok s1 2 @60100",
    ]);
  });

  test("waits for a pending turn at most 10 s, then offers no proof but reads all the same", () => {
    const scene = play(users, [sessionOf("s1", "users", 900)], ({ method }) =>
      method === "GET" ? history : answer(99_999),
    );
    proveAfterLoad(scene);
    scene.time.advanceTo(10_999);
    expect(isProved(scene)).toBe(false);
    scene.time.advanceTo(11_010);
    expect(isProved(scene)).toBe(true);
    expect(lines(scene.end(), "enabled", "read", "censored")).toEqual([
      "enabled s1 1 @900",
      "read s1 @11005",
      "censored s1 1 @11010",
    ]);
  });

  test("a proof turn is asked for eagerly, is late after 10 s, and is censored at the end if it never comes", () => {
    const scene = play(users, [sessionOf("s1", "users", 0)], ({ method, path }) =>
      method === "GET" ? history : path.endsWith("1") ? answer(50) : { afterMs: 1, breaks: "refused" },
    );
    proveAfterLoad(scene);
    scene.time.advanceTo(11_100);
    expect(isProved(scene)).toBe(true);
    expect(lines(scene.end(), "late", "read", "censored")).toEqual([
      "late s1 2 @11000",
      "read s1 @11005",
      "censored s1 2 @11100",
    ]);
    expect(scene.requests.filter(({ request }) => request.path.endsWith("2")).length).toBeGreaterThan(5);
  });

  test("is over after its bound even when sessions hang", () => {
    const scene = play(users, [sessionOf("s1", "users", 0)], ({ method, path }) =>
      method === "PUT" && path.endsWith("1") ? answer(50) : answer(99_999),
    );
    proveAfterLoad(scene);
    scene.time.advanceTo(1000 + 10 + 20_000);
    expect(isProved(scene)).toBe(true);
    scene.end();
  });

  test("a read that may not be answered yet is repeated three times, 250 ms apart", () => {
    const scene = play(users, [sessionOf("s1", "users", 0)], ({ method }) =>
      method === "GET" ? { afterMs: 0, status: 503 } : answer(50),
    );
    proveAfterLoad(scene);
    scene.time.advanceTo(3000);
    const readsAt = scene.requests.filter(({ own }) => own).map(({ atMs }) => atMs);
    expect(readsAt).toEqual([1050, 1300, 1550, 1800]);
    expect(scene.end().filter((event) => event.e === "read")).toEqual([
      { e: "read", t: 1800, began: 1800, s: "s1", status: 503 },
    ]);
  });

  test("a read without an answer is noted as status 0", () => {
    const scene = play(users, [sessionOf("s1", "users", 0)], ({ method }) =>
      method === "GET" ? { afterMs: 3, breaks: "refused" } : answer(50),
    );
    proveAfterLoad(scene);
    scene.time.advanceTo(3000);
    expect(scene.end().find((event) => event.e === "read")).toMatchObject({ status: 0 });
  });

  test("without any session it is over at once", () => {
    const scene = play(users, [], healthy);
    proveAfterLoad(scene);
    expect(isProved(scene)).toBe(true);
    scene.end();
  });
});
