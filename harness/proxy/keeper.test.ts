import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { inputText } from "../driver/input.ts";
import type { Standing } from "./keeper.ts";
import { Path } from "./path.ts";
import { testClient, testServer } from "./testing/ends.ts";

const body = (s: string, n: number): string => JSON.stringify({ input: inputText(7, s, n, "ordinary") });
const request = (s: string, n: number): string => {
  const text = body(s, n);
  return `PUT /sessions/${s}/turns/${n} HTTP/1.1\r\nhost: a\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
};
const answer = (text: string, status = "200 OK"): string =>
  `HTTP/1.1 ${status}\r\ncontent-length: ${text.length}\r\n\r\n${text}`;

/** A path with a server behind it that answers nothing by itself. `standing` resolves with the next report of a hold. */
async function held() {
  const server = await testServer(false);
  let report: (standing: Standing) => void = () => undefined;
  const path = await Path.listen({ host: "127.0.0.1", port: server.port }, (_, standing) => report(standing));
  onTestFinished(() => path.close());
  const accepted = server.next();
  const client = testClient(path.port);
  const standing = (): Promise<string[]> =>
    new Promise((resolve) => {
      report = (now) => resolve(now.map(([session]) => session));
    });
  /** The far end, and what it reads. */
  const far = async () => {
    const socket = await accepted;
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
    });
    socket.resume();
    return { socket, text: () => text };
  };
  return { path, client, standing, far };
}

test("a member's request is kept from the runtime until it is let go, and others pass", async () => {
  const { path, client, standing, far } = await held();
  path.keeper.hold({ id: "f1", what: "request", members: [{ s: "a", n: 3 }] });
  client.socket.write(request("a", 2));
  const { socket, text } = await far();
  await once(socket, "data");
  expect(text()).toBe(request("a", 2));
  const there = standing();
  client.socket.write(request("a", 3));
  expect(await there).toEqual(["a"]);
  expect(text()).toBe(request("a", 2));
  path.keeper.release("f1");
  await once(socket, "data");
  expect(text()).toBe(request("a", 2) + request("a", 3));
});

test("a member is known by the last input of its request, since a request may carry the conversation before it", async () => {
  const { path, client, standing } = await held();
  path.keeper.hold({ id: "f1", what: "request", members: [{ s: "a", n: 3 }] });
  const there = standing();
  client.socket.write(`POST /chat HTTP/1.1\r\n\r\n${body("a", 1)}${body("a", 2)}${body("a", 3)}`);
  expect(await there).toEqual(["a"]);
});

test("a whole answer reaches its client after the release, even when the runtime has died meanwhile", async () => {
  const { path, client, standing, far } = await held();
  path.keeper.hold({ id: "f1", what: "answer", members: [{ s: "a", n: 3 }] });
  client.socket.write(request("a", 3));
  const { socket } = await far();
  await once(socket, "data");
  const there = standing();
  const whole = answer("as you wish");
  socket.write(whole.slice(0, 20));
  socket.write(whole.slice(20));
  expect(await there).toEqual(["a"]);
  const gone = once(socket, "close");
  socket.resetAndDestroy();
  await gone;
  path.keeper.release("f1");
  expect(await client.read(whole.length)).toBe(whole);
  expect(await client.closed).toBe("end");
});

test("a refusal is no answer: it passes, and the answer to the next attempt is kept", async () => {
  const { path, client, standing, far } = await held();
  path.keeper.hold({ id: "f1", what: "answer", members: [{ s: "a", n: 3 }] });
  client.socket.write(request("a", 3));
  const { socket } = await far();
  await once(socket, "data");
  const refusal = answer("later", "503 Service Unavailable");
  socket.write(refusal);
  expect(await client.read(refusal.length)).toBe(refusal);
  client.socket.write(request("a", 3));
  await once(socket, "data");
  const there = standing();
  socket.write(answer("now"));
  expect(await there).toEqual(["a"]);
});

test("an answer that breaks off is no answer either", async () => {
  const { path, client, far } = await held();
  path.keeper.hold({ id: "f1", what: "answer", members: [{ s: "a", n: 3 }] });
  client.socket.write(request("a", 3));
  const { socket } = await far();
  await once(socket, "data");
  const half = answer("as you wish").slice(0, -4);
  socket.end(half);
  expect(await client.read(half.length)).toBe(half);
  client.socket.end();
  expect(await client.closed).toBe("end");
});

test("a member whose client leaves does not stand there any more", async () => {
  const { path, client, standing } = await held();
  path.keeper.hold({ id: "f1", what: "request", members: [{ s: "a", n: 3 }] });
  const there = standing();
  client.socket.write(request("a", 3));
  expect(await there).toEqual(["a"]);
  const left = standing();
  client.socket.destroy();
  expect(await left).toEqual([]);
});
