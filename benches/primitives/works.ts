/** Parts of a turn as the runners' kit does them, for a measured process to do again and again. */
import { Pool } from "pg";
import { askModel } from "../../runners/kit/typescript/model.ts";
import { crashOfProcess, runTool } from "../../runners/kit/typescript/tools.ts";
import { BRIEFLY, TEXT } from "./job.ts";

export type Work = () => Promise<unknown>;

const POOL_SIZE = 6;

/** A conversation of about so many bytes, in messages of ordinary length. */
function conversationOf(bytes: number): { role: "user"; content: string }[] {
  const count = Math.max(1, Math.round(bytes / (TEXT.length + '{"role":"user","content":""},'.length)));
  return Array.from({ length: count }, () => ({ role: "user", content: TEXT }));
}

/** @param bytes of conversation */
export function asking(bytes: number): Work {
  const conversation = conversationOf(bytes);
  return () => askModel(conversation);
}

export const askingBriefly: Work = () => askModel([{ role: "user", content: BRIEFLY + TEXT }]);

const CALL = {
  id: "c1",
  type: "function",
  function: { name: "save_note", arguments: JSON.stringify({ note: TEXT }) },
} as const;
const CONTEXT = { session: "a3f", holder: {}, crash: crashOfProcess };
export const calling: Work = () => runTool(CALL, CONTEXT);

/** Rows for keys that are new, from JSON, as those write who keep a journal. Creates their table. */
export async function committing(rowsPerCommit: number): Promise<Work> {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: POOL_SIZE, idleTimeoutMillis: 0 });
  await pool.query('CREATE TABLE kept (id text COLLATE "C" PRIMARY KEY, message json NOT NULL)');
  let next = 0;
  const text = `INSERT INTO kept (id, message) SELECT id, message::json
FROM json_to_recordset($1::json) AS rows (id text, message text) RETURNING id`;
  return () => {
    const rows = Array.from({ length: rowsPerCommit }, () => ({
      id: `s${++next}`,
      message: JSON.stringify({ role: "assistant", content: TEXT }),
    }));
    return pool.query({ name: "keep", text, values: [JSON.stringify(rows)] });
  };
}
