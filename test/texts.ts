import { randomUUID } from "node:crypto";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import * as Mentions from "#core/memory/graph-mentions.ts";
import * as Words from "#core/memory/words.ts";
import type { ProjectScope } from "#core/scope.ts";
import { asOwner } from "#test/database.ts";
import { type Studio, studio } from "#test/studio.ts";

export type Text = {
  ref: string;
  thread: string;
  author?: string;
  title?: string;
  text: string;
  kind?: string;
  private?: boolean;
  at?: string;
};
/** A studio whose texts are written as they are, without a source behind them. */
export type Library = Studio & { connectionId: string };

export async function library(projects: number): Promise<Library> {
  const made = await studio(projects);
  const connectionId = randomUUID();
  await asOwner(
    () => sql`
      insert into connections (id, account_scope_id, source, name, base_url, external_account, credentials, created_by, created_at, updated_at)
      values (${connectionId}, ${made.accountScopeId}, 'chatwoot', 'Chats', 'https://chat.example', ${connectionId}, '-', 'test', ${Clock.now()}, ${Clock.now()})`,
  );
  return { ...made, connectionId };
}

/**
 * Writes texts in the order of their conversations, their authors as people of the graph, their documents under their titles;
 * and the words and mentions of all, as the application's role. */
export async function write(at: Library, texts: readonly Text[], n = 0): Promise<void> {
  const scope = at.scope(n);
  const now = Clock.now();
  const rows = texts.map((one, ord) => ({
    ...one,
    ord,
    author: one.author === undefined ? null : author(one.author),
    kind: one.kind ?? "message",
    private: one.private ?? false,
    at: one.at ?? now.toISOString(),
  }));
  await transaction(scope, async () => {
    await sql`
      insert into rag_chunks (project_id, account_scope_id, connection_id, source_kind, source_ref, thread_ref, ord, author_ref, title, text, text_hash, language, private,
        content_tokens, occurred_at, created_at, updated_at)
      select ${scope.projects[0] ?? ""}, ${at.accountScopeId}, ${at.connectionId}, kind, ref, thread, ord, author, title, text, md5(text), memory_language(text), private,
        length(text) / 4, at, ${now}, ${now}
      from jsonb_to_recordset(${rows as never}::jsonb) as r (kind text, ref text, thread text, ord bigint, author text, title text, text text, private boolean, at timestamptz)
      order by ord`;
    await sql`
      insert into kag_nodes (project_id, account_scope_id, id, node_type, node_key, title, fingerprint, settled, created_at, updated_at)
      select ${scope.projects[0] ?? ""}, ${at.accountScopeId}, gen_random_uuid(), 'person', ref, name, '-', true, ${now}, ${now}
      from unnest(${[...new Set(texts.flatMap((one) => one.author ?? []))].map(author)}::text[], ${[...new Set(texts.flatMap((one) => one.author ?? []))]}::text[]) as a (ref, name)
      on conflict (project_id, node_key) do nothing`;
    await sql`
      with made as (
        insert into kag_nodes (project_id, account_scope_id, id, node_type, node_key, title, fingerprint, settled, created_at, updated_at)
        select project_id, account_scope_id, gen_random_uuid(), 'document', source_ref, title, '-', true, ${now}, ${now} from rag_chunks
        where project_id = ${scope.projects[0] ?? ""} and source_kind = 'document' and title is not null
        on conflict (project_id, node_key) do nothing
        returning *)
      insert into kag_aliases (project_id, account_scope_id, alias, node_id, source, confidence)
      select project_id, account_scope_id, fold_name(regexp_replace(title, ' \\(.*\\)$', '')), id, 'title', 0.8 from made where fold_name(title) <> ''`;
  });
  await index(scope);
}

export async function index(scope: ProjectScope): Promise<void> {
  while ((await transaction(scope, () => Words.index(scope, Clock.now()))).chunks > 0);
  while ((await transaction(scope, () => Mentions.read(scope, 1_000))).left);
}

/** What everything of the tests is asked with. */
export const ask = { mode: "mix", kinds: undefined, from: null, to: null, audience: "team" as const };

const author = (name: string): string => `cwc:test:${name}`;
