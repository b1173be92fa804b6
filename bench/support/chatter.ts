import { sql } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";
import { asOwner } from "#test/database.ts";
import { raw } from "#test/raw.ts";
import { studio } from "#test/studio.ts";

const PAGE = 2_000;
const TALK = 50;
const SAID =
  "the client asks when our new landing page goes live and whether an invoice for march was paid already because their bank is slow deadline budget logo server contract draft review".split(
    " ",
  );

/** A new project with so many chat messages, written page by page as a sync does; the triggers cut them into chunks. Answers how long the writing took. */
export async function chatter(messages: number): Promise<{ scope: ProjectScope; ms: number }> {
  const here = await studio(1);
  const [projectId = ""] = here.projects;
  const { connectionId } = await raw(here, 0, "chatwoot");
  await asOwner(
    () => sql`
      insert into project_sources (project_id, account_scope_id, connection_id, created_by, created_at)
      values (${projectId}, ${here.accountScopeId}, ${connectionId}, 'bench', now())`,
  );
  await asOwner(
    () => sql`
      insert into cw_conversations (project_id, account_scope_id, connection_id, conversation_id, inbox_id, status, created_at, first_seen_at, changed_at)
      select ${projectId}, ${here.accountScopeId}, ${connectionId}, n, 1, 'open', now(), now(), now() from generate_series(1, ${Math.ceil(messages / TALK) + 1}::int) n`,
  );
  const began = performance.now();
  for (let first = 0; first < messages; first += PAGE) {
    await asOwner(
      () => sql`
        insert into cw_messages (project_id, account_scope_id, connection_id, message_id, conversation_id, content, message_type, private, created_at, first_seen_at)
        select ${projectId}, ${here.accountScopeId}, ${connectionId}, n, 1 + n / ${TALK}::int,
          (select string_agg((${SAID}::text[])[1 + (n * 7919 + k * 104729 + n * k) % ${SAID.length}], ' ') from generate_series(1, 14) k) || ' ' || n, 'incoming', false,
          now() - make_interval(mins => n), now()
        from generate_series(${first + 1}::int, ${Math.min(first + PAGE, messages)}::int) n`,
    );
  }
  return { scope: here.scope(0), ms: performance.now() - began };
}
