"""A chat backend as teams write it: FastAPI, httpx to the model, one JSON file per conversation."""

import json
import os
import pathlib

import httpx
from fastapi import FastAPI
from pydantic import BaseModel

FOLDER = pathlib.Path(os.environ.get("CHAT_DIR", "conversations"))
FOLDER.mkdir(parents=True, exist_ok=True)

app = FastAPI()
client = httpx.AsyncClient(base_url=os.environ["OPENAI_BASE_URL"], timeout=60)


class Message(BaseModel):
    text: str


def load(thread: str) -> list[dict[str, str]]:
    file = FOLDER / f"{thread}.json"
    return json.loads(file.read_text()) if file.exists() else []


def save(thread: str, messages: list[dict[str, str]]) -> None:
    file = FOLDER / f"{thread}.json"
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(messages))
    draft.replace(file)


@app.get("/ready")
async def ready() -> dict[str, bool]:
    return {"ready": True}


@app.post("/threads/{thread}/messages", status_code=201)
async def post_message(thread: str, message: Message) -> dict[str, str]:
    messages = [*load(thread), {"role": "user", "content": message.text}]
    reply = await client.post("/chat/completions", json={"model": "any", "messages": messages})
    reply.raise_for_status()
    answer = reply.json()["choices"][0]["message"]["content"]
    save(thread, [*messages, {"role": "assistant", "content": answer}])
    return {"reply": answer}
