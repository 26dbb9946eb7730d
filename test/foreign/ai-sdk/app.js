// An agent of the AI SDK behind plain Node, with a tool of its own; conversations lie in SQLite.
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { json } from "node:stream/consumers";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, tool } from "ai";
import { z } from "zod";

const provider = createOpenAICompatible({ name: "llm", baseURL: process.env.LLM_URL, apiKey: "none" });
const database = new DatabaseSync(process.env.CHAT_DB ?? ":memory:");
database.exec(
  "CREATE TABLE IF NOT EXISTS turns (chat TEXT, number INTEGER, messages TEXT, PRIMARY KEY (chat, number))",
);
const select = database.prepare("SELECT messages FROM turns WHERE chat = ? AND number < ? ORDER BY number");
const known = database.prepare("SELECT messages FROM turns WHERE chat = ? AND number = ?");
const insert = database.prepare("INSERT OR REPLACE INTO turns VALUES (?, ?, ?)");

const weather = tool({
  description: "The weather of a city",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `It is fine in ${city}.`,
});

async function answer(chat, number, text) {
  const before = known.get(chat, number);
  if (before !== undefined) return JSON.parse(before.messages).at(-1).content;
  const messages = select.all(chat, number).flatMap((row) => JSON.parse(row.messages));
  const question = { role: "user", content: text };
  const result = await generateText({ model: provider("any"), messages: [...messages, question], tools: { weather } });
  insert.run(chat, number, JSON.stringify([question, { role: "assistant", content: result.text }]));
  return result.text;
}

createServer(async (request, response) => {
  if (request.url === "/health") return response.end("ok");
  const end = (status, body) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  try {
    const { id, turn, messages } = await json(request);
    end(200, {
      role: "assistant",
      parts: [{ type: "text", text: await answer(id, Number(turn), messages[0].content) }],
    });
  } catch (error) {
    end(500, { error: String(error) });
  }
}).listen(process.env.PORT, "127.0.0.1");
