import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect } from "vitest";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import { sql } from "#core/db.ts";
import { start, worlds } from "#test/chat.ts";
import { asOwner } from "#test/database.ts";
import { faulty } from "#test/simulators/log.ts";
import { type Options, type Running, startOpenAi } from "#test/simulators/openai/server.ts";
import type { World } from "#test/world.ts";

export const RUN = "embeddings_run";
export let openai: Running;
const configured = { ...config };

export async function open(options: Options = {}): Promise<void> {
  openai = await startOpenAi(options);
  config.OPENAI_API_KEY = openai.world.key;
  config.OPENAI_BASE_URL = openai.baseUrl;
  config.EMBEDDING_DIMENSIONS = 64;
}

/** For a test file that asks a simulated OpenAI: one for each test, whose requests were all the vendor's. */
export function models(): void {
  worlds();
  beforeEach(() => open());
  afterEach(async () => {
    expect(faulty(openai.log)).toEqual([]);
    await openai.close();
    Object.assign(config, configured);
    for (const key of ["OPENAI_API_KEY", "EMBEDDING_QUERY_MODEL"] as const) if (configured[key] === undefined) delete config[key];
  });
}

/** Projects fed by one account, in normal mode unless told. */
export async function studioOf(projects = 1, { economy = false } = {}): Promise<World> {
  const w = await start(projects);
  for (let n = 0; n < projects; n++) await w.bind(n);
  await asOwner(() => sql`update projects set economy_mode = ${economy}`);
  return w;
}

let next = 1;

export type Text = {
  text: string;
  at?: Date;
  thread?: string;
  kind?: string;
  private?: boolean;
  title?: string;
  author?: string;
  ord?: number;
};

/** Chunks as memory keeps them, in the order of their threads, each a minute after the one before. */
export async function chunks(w: World, texts: readonly (string | Text)[], n = 0): Promise<void> {
  const now = Clock.now().getTime();
  const rows = texts.map((given, ord) => {
    const one = typeof given === "string" ? { text: given } : given;
    return {
      source_kind: one.kind ?? "message",
      source_ref: `cwmsg:${w.connectionId}:${next++}`,
      thread_ref: one.thread ?? `cw:${w.connectionId}:${randomUUID()}`,
      ord: one.ord ?? ord,
      author_ref: one.author ?? null,
      title: one.title ?? null,
      text: one.text,
      private: one.private ?? false,
      occurred_at: (one.at ?? new Date(now - (texts.length - ord) * 60_000)).toISOString(),
    };
  });
  await asOwner(
    () => sql`
      insert into rag_chunks (project_id, connection_id, source_kind, source_ref, thread_ref, ord, author_ref, title, text, text_hash, language, private, content_tokens, occurred_at, created_at, updated_at)
      select ${w.projects[n] ?? ""}, ${w.connectionId}, source_kind, source_ref, thread_ref, ord, author_ref, title, text, md5(text), 'en', private, 1, occurred_at, now(), now()
      from jsonb_to_recordset(${rows as never}::jsonb) as r (source_kind text, source_ref text, thread_ref text, ord bigint, author_ref text, title text, text text, private boolean, occurred_at timestamptz)`,
  );
}

export type Stored = { text: string; status: string; attempts: number; model: string | null; code: string | null; parts: string[] };

/** How each chunk of a project stands, by its text. */
export async function stored(w: World, n = 0): Promise<Map<string, Stored>> {
  const rows = await asOwner(
    () => sql<Stored[]>`
      select text, embedding_status as status, embedding_attempts as attempts, embedding_model as model, embedding_error ->> 'code' as code,
        array(select v.model || ' ' || v.part from rag_vectors v where v.project_id = c.project_id and v.chunk_no = c.chunk_no order by 1) as parts
      from rag_chunks c where project_id = ${w.projects[n] ?? ""} order by chunk_no`,
  );
  return new Map(rows.map((row) => [row.text, row]));
}

export const statuses = async (w: World, n = 0): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { status } of (await stored(w, n)).values()) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

export const requests = () => openai.log.entries.filter((entry) => entry.route === "POST embeddings");
