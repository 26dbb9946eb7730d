import { describe, expect, test } from "vitest";
import type { DriverEvent } from "../history.ts";
import type { Cohort } from "../scenario.ts";
import { SECOND_DELIVERY_MS } from "./second-client.ts";
import { answer, type Backend, cohortOf, latenciesMs, type Play, play, sessionOf } from "./testing/play.ts";

const SESSIONS = 200;
const sessions = Array.from({ length: SESSIONS }, (_, i) => sessionOf(`s${i}`, "users", i, [1000, 1000]));

/** Plays three turns of 600 ms for each of 200 sessions and lets everything come to rest. */
function played(habits: Partial<Cohort>, backend: Backend = () => answer(600)): { scene: Play; events: DriverEvent[] } {
  const scene = play({ users: { ...cohortOf(), ...habits } }, sessions, backend);
  scene.time.advanceTo(20_000);
  return { scene, events: scene.end() };
}

const turnOf = (event: DriverEvent): string => ("n" in event ? `${event.s}/${event.n}` : "");
const second = (events: readonly DriverEvent[], kind: DriverEvent["e"]) =>
  events.filter((event) => event.e === kind && "c" in event && event.c === 2);
const stamps = (events: readonly DriverEvent[], kind: "invoke" | "ok"): Map<string, number> =>
  new Map(events.flatMap((event) => (event.e === kind && event.c === undefined ? [[turnOf(event), event.t]] : [])));

describe("a duplicate delivery", () => {
  test("comes for the drawn share of turns, while the first is worked on, with the same bytes on another connection", () => {
    const { scene, events } = played({ duplicates: { share: 0.1, after: "sent" } });
    const again = second(events, "invoke");
    // 600 turns at 10 %: binomial, five standard deviations either side.
    expect(again.length).toBeGreaterThan(23);
    expect(again.length).toBeLessThan(97);
    const first = stamps(events, "invoke");
    for (const event of again) {
      const afterMs = event.t - (first.get(turnOf(event)) ?? Number.NaN);
      expect(afterMs).toBeGreaterThanOrEqual(SECOND_DELIVERY_MS.low);
      expect(afterMs).toBeLessThan(SECOND_DELIVERY_MS.high + 1);
    }
    const own = scene.requests.filter((request) => request.own);
    expect(own).toHaveLength(again.length);
    for (const { request } of own) {
      const same = scene.requests.filter((other) => !other.own && other.request.path === request.path);
      expect(same.map((other) => other.request)).toEqual([request]);
    }
    expect(second(events, "ok")).toHaveLength(again.length);
  });

  test("comes once the answer was read where the cohort says so", () => {
    const { events } = played({ duplicates: { share: 0.1, after: "answered" } });
    const answered = stamps(events, "ok");
    const again = second(events, "invoke");
    expect(again.length).toBeGreaterThan(23);
    for (const event of again) expect(event.t).toBeGreaterThan(answered.get(turnOf(event)) ?? Number.NaN);
  });

  test("is not repeated when it comes to nothing, and changes nothing for the session's own client", () => {
    let requests = 0;
    const broken: Backend = (_, nowMs) => (requests++ % 7 === 3 ? { afterMs: 5, breaks: "lost" } : answer(nowMs % 50));
    const calm = played({});
    const { events } = played({ duplicates: { share: 1, after: "sent" } }, () => answer(600));
    expect(latenciesMs(events.filter((event) => !("c" in event)))).toEqual(latenciesMs(calm.events));
    const disturbed = played({ duplicates: { share: 1, after: "answered" } }, broken);
    expect(second(disturbed.events, "info").length).toBeGreaterThan(0);
    const turns = second(disturbed.events, "invoke").map(turnOf);
    expect(new Set(turns).size).toBe(turns.length);
  });

  test("is drawn from the seed alone", () => {
    const turns = () => second(played({ duplicates: { share: 0.2, after: "sent" } }).events, "invoke").map(turnOf);
    expect(turns()).toEqual(turns());
  });
});

describe("a second client", () => {
  test("sends the next turn while one runs, and the same one during the last", () => {
    const { events } = played({ twoClients: { share: 1 } });
    const sent = second(events, "invoke");
    const numbers = sent.flatMap((event) => (event.e === "invoke" ? [event.n] : []));
    expect(numbers.filter((n) => n === 2)).toHaveLength(SESSIONS);
    expect(numbers.filter((n) => n === 3)).toHaveLength(2 * SESSIONS);
    const [asked, told] = [stamps(events, "invoke"), stamps(events, "ok")];
    for (const event of sent) {
      if (event.e !== "invoke") continue;
      const running = [event.n - 1, event.n].some((n) => {
        const turn = `${event.s}/${n}`;
        return (asked.get(turn) ?? Number.NaN) < event.t && event.t < (told.get(turn) ?? Number.NaN);
      });
      expect(running).toBe(true);
    }
  });

  test("never makes a session's proof turn another version of a turn that it has sent", () => {
    const scene = play({ users: { ...cohortOf(), twoClients: { share: 1 } } }, sessions.slice(0, 20), () =>
      answer(900),
    );
    scene.time.advanceTo(850); // the first turns run, and the second client has sent turn 2 of all
    scene.driver.obey({ type: "hold" });
    scene.driver.obey({ type: "prove" });
    scene.time.advanceTo(20_000);
    const bodies = new Map<string, Set<string | null>>();
    for (const { request } of scene.requests)
      if (request.method === "PUT") bodies.set(request.path, (bodies.get(request.path) ?? new Set()).add(request.body));
    scene.end();
    expect([...bodies.keys()].filter((path) => path.endsWith("/turns/3"))).toHaveLength(20);
    for (const versions of bodies.values()) expect(versions.size).toBe(1);
  });
});

describe("a read during the load", () => {
  test("follows every k-th turn on a connection of its own and holds nobody up", () => {
    const backend: Backend = ({ method }) =>
      method === "GET" ? { afterMs: 3000, status: 200, body: { turns: [] } } : answer(600);
    const { scene, events } = played({ readEvery: 2 }, backend);
    const reads = events.filter((event) => event.e === "read");
    expect(reads).toHaveLength(SESSIONS);
    const told = stamps(events, "ok");
    for (const read of reads) expect(read.began).toBe(told.get(`${read.s}/2`));
    expect(scene.requests.filter(({ own }) => own)).toHaveLength(SESSIONS);
    expect(latenciesMs(events)).toEqual(Array(3 * SESSIONS).fill(600));
  });
});
