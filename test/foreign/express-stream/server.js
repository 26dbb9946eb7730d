// A support chat as teams write it: Express, the openai package, server-sent events, one JSON file per conversation.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import express from "express";
import OpenAI from "openai";

const openai = new OpenAI();
const folder = process.env.CHAT_DIR ?? "./conversations";
mkdirSync(folder, { recursive: true });
const fileOf = (id) => `${folder}/${encodeURIComponent(id)}.json`;

function load(id) {
  try {
    return JSON.parse(readFileSync(fileOf(id), "utf8"));
  } catch {
    return [];
  }
}

function save(id, messages) {
  writeFileSync(`${fileOf(id)}.new`, JSON.stringify(messages));
  renameSync(`${fileOf(id)}.new`, fileOf(id));
}

const app = express();
app.use(express.json());

app.post("/api/chat", async (request, response) => {
  if (request.get("authorization") !== `Bearer ${process.env.CHAT_TOKEN}`) return response.status(401).end();
  const { conversationId, message } = request.body;
  const messages = [...load(conversationId), { role: "user", content: message }];
  const stream = await openai.chat.completions.create({ model: "gpt-5", messages, stream: true });
  response.set("content-type", "text/event-stream");
  let answer = "";
  for await (const chunk of stream) {
    const delta = chunk.choices[0]?.delta?.content ?? "";
    answer += delta;
    if (delta !== "") response.write(`data: ${JSON.stringify({ type: "delta", delta })}\n\n`);
  }
  save(conversationId, [...messages, { role: "assistant", content: answer }]);
  response.end("data: [DONE]\n\n");
});

app.listen(process.env.PORT ?? 3000, "127.0.0.1");
