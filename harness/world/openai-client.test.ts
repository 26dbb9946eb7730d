import { APIError, OpenAI } from "openai";
import { describe, expect, it } from "vitest";
import { callThenAnswer, input, SEED, says, type TestWorld, testWorld } from "./testing/test-world.ts";
import { finalText } from "./wording.ts";

const clientFor = ({ modelUrl }: TestWorld, maxRetries = 0): OpenAI =>
  new OpenAI({ baseURL: modelUrl, apiKey: "any", maxRetries, logLevel: "off" });

const messagesOf = (session: string, turn: number): OpenAI.ChatCompletionMessageParam[] => [
  { role: "system", content: "You are nobody." },
  { role: "user", content: String(input(session, turn).content) },
];
const answerOf = (tokens: number, step = 1, purchase = 1): string =>
  finalText({ seed: SEED, session: "s1", turn: 1, step, purchase }, tokens);

describe("the unmodified openai client", () => {
  it("reads a whole answer with its usage", async () => {
    const world = await testWorld([says(6)]);
    const completion = await clientFor(world).chat.completions.create({ model: "m", messages: messagesOf("s1", 1) });
    expect(completion).toMatchObject({ object: "chat.completion", model: "m" });
    expect(completion.choices).toHaveLength(1);
    expect(completion.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { role: "assistant", content: answerOf(6) },
    });
    expect(completion.usage?.completion_tokens).toBe(6);
    expect(completion.usage?.total_tokens).toBe(6 + (completion.usage?.prompt_tokens ?? 0));
  });

  it("reads a stream token by token", async () => {
    const world = await testWorld([says(6)]);
    const stream = await clientFor(world).chat.completions.create({
      model: "modèle",
      messages: messagesOf("s1", 1),
      stream: true,
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const content = chunks.flatMap(({ choices }) => choices[0]?.delta.content ?? []);
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: "assistant", content: "" });
    expect(content).toHaveLength(1 + 6);
    expect(content.join("")).toBe(answerOf(6));
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
    expect(new Set(chunks.map(({ id, model }) => `${id} ${model}`))).toEqual(new Set([`${chunks[0]?.id} modèle`]));
    expect(chunks.some((chunk) => "usage" in chunk)).toBe(false);
  });

  it("gets usage in a last chunk if it asks for it", async () => {
    const world = await testWorld([says(3)]);
    const stream = await clientFor(world).chat.completions.create({
      model: "m",
      messages: messagesOf("s1", 1),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 3 } });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });

  it("runs the tools of a conversation with its own helper, to the end", async () => {
    const world = await testWorld(callThenAnswer("save_note"));
    const used: string[] = [];
    const runner = clientFor(world).chat.completions.runTools({
      model: "m",
      stream: true,
      messages: messagesOf("s1", 1),
      tools: [
        {
          type: "function",
          function: {
            name: "save_note",
            description: "Saves a note.",
            parameters: { type: "object", properties: { mark: { type: "string" } } },
            function: async (text: string) => {
              used.push(text);
              const response = await fetch(`${world.toolsUrl}/save_note`, { method: "POST", body: text });
              return response.text();
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe(answerOf(4, 2));
    expect(used).toHaveLength(1);
    expect(world.events.map(({ e }) => e)).toEqual([
      "ask",
      "first",
      "said",
      "tool",
      "effect",
      "told",
      "ask",
      "first",
      "said",
    ]);
  });

  it("gets two parallel calls apart", async () => {
    const world = await testWorld([says(1, { call: ["a_tool", { sleep: { ms: 5 } }] }), says(1)]);
    const stream = clientFor(world).chat.completions.stream({ model: "m", messages: messagesOf("s1", 1) });
    const { choices } = await stream.finalChatCompletion();
    expect(choices[0]?.finish_reason).toBe("tool_calls");
    const calls = choices[0]?.message.tool_calls?.filter((call) => call.type === "function") ?? [];
    expect(calls.map((call) => call.function.name)).toEqual(["a_tool", "sleep"]);
    const args = calls.map((call) => JSON.parse(call.function.arguments) as { ms?: number; mark: string });
    expect(args.map(({ mark }) => mark)).toEqual(calls.map(({ id }) => id));
    expect(args[1]?.ms).toBe(5);
    expect(calls.every(({ id }) => id.length <= 40)).toBe(true);
  });

  it("retries by itself what a script refuses once", async () => {
    const fault = { kind: "status", with: { status: 429, retryAfterSeconds: 0 } } as const;
    const world = await testWorld([says(2, { fault })]);
    const { choices } = await clientFor(world, 2).chat.completions.create({
      model: "m",
      messages: messagesOf("s1", 1),
    });
    expect(choices[0]?.message.content).toBe(answerOf(2));
    expect(world.events.filter(({ e }) => e === "ask")).toMatchObject([
      { r: 1, fault: "status" },
      { r: 2, p: 1 },
    ]);
  });

  it("understands errors, with their code, type and request id", async () => {
    const fault = { kind: "status", attempts: "all", with: { status: 400, code: "context_length_exceeded" } } as const;
    const world = await testWorld([says(2, { fault })]);
    const asking = clientFor(world).chat.completions.create({ model: "m", messages: messagesOf("s1", 1) });
    const error = await asking.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({
      status: 400,
      code: "context_length_exceeded",
      type: "invalid_request_error",
      param: "messages",
      requestID: expect.stringMatching(/^req_[0-9a-f]{32}$/),
    });
  });

  it("lists models, and is told in words where to go with the Responses API", async () => {
    const world = await testWorld([says(1)]);
    const client = clientFor(world);
    expect((await client.models.list()).data).toHaveLength(1);
    expect((await client.models.retrieve("gpt-x")).id).toBe("gpt-x");
    await expect(client.responses.create({ model: "m", input: "hi" })).rejects.toThrow(/\.chat\(.*chat_completions/);
  });
});
