import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import * as Words from "#core/memory/words.ts";
import { asOwner } from "#test/database.ts";
import { raw } from "#test/raw.ts";
import { studio } from "#test/studio.ts";

const PAGE = 2_000;
const TALK = 50;
const SAID =
  "the client asks when our new landing page goes live and whether an invoice for march was paid already because their bank is slow".split(
    " ",
  );

/** Rows a second of messages that are written, cut into chunks by the triggers, and indexed by their words; and of each half of it. */
export async function indexingRate(messages: number): Promise<{ whole: number; chunking: number; indexing: number }> {
  const here = await studio(1);
  const chat = await raw(here, 0, "chatwoot");
  const conversations = Array.from({ length: Math.ceil(messages / TALK) + 1 }, (_, n) => n + 1);
  await asOwner(
    () => sql`
      insert into cw_conversations (project_id, account_scope_id, connection_id, conversation_id, inbox_id, status, created_at, first_seen_at, changed_at)
      select ${here.projects[0] ?? ""}, ${here.accountScopeId}, ${chat.connectionId}, n, 1, 'open', now(), now(), now() from unnest(${conversations}::int[]) n`,
  );
  const began = performance.now();
  for (let first = 0; first < messages; first += PAGE) {
    await asOwner(
      () => sql`
        insert into cw_messages (project_id, account_scope_id, connection_id, message_id, conversation_id, content, message_type, private, created_at, first_seen_at)
        select ${here.projects[0] ?? ""}, ${here.accountScopeId}, ${chat.connectionId}, n, 1 + n / ${TALK}::int,
          (select string_agg((${SAID}::text[])[1 + (n * 7 + k * (1 + n % 5)) % ${SAID.length}], ' ') from generate_series(1, 14) k) || ' ' || n, 'incoming', false,
          now() - make_interval(mins => n), now()
        from generate_series(${first + 1}::int, ${first + PAGE}::int) n`,
    );
  }
  const written = performance.now();
  for (const now = Clock.now(); ; ) {
    const { chunks } = await transaction(here.scope(0), () => Words.index(here.scope(0), now));
    if (chunks < Words.BATCH) break;
  }
  const done = performance.now();
  const rate = (from: number, to: number) => (messages * 1_000) / (to - from);
  return { whole: rate(began, done), chunking: rate(began, written), indexing: rate(written, done) };
}
