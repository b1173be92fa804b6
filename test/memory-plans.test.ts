import { expect, test } from "vitest";
import { sql } from "#core/db.ts";
import * as Citations from "#core/memory/citations.ts";
import { asOwner } from "#test/database.ts";
import { models, RUN, studioOf } from "#test/embedding.ts";
import { planner } from "#test/planner.ts";
import type { World } from "#test/world.ts";

models();

/** A project with so many messages, as a sync writes them, and their chunks. */
async function fill(w: World, n: number, count: number): Promise<void> {
  const project = w.projects[n] ?? "";
  await asOwner(async () => {
    await sql`
      insert into cw_conversations (project_id, account_scope_id, connection_id, conversation_id, status, created_at, first_seen_at, changed_at)
      select ${project}, ${w.accountScopeId}, ${w.connectionId}, c, 'open', now(), now(), now() from generate_series(1, 20) c`;
    await sql`
      insert into cw_messages (project_id, account_scope_id, connection_id, message_id, conversation_id, content, message_type, sender_name, created_at, first_seen_at)
      select ${project}, ${w.accountScopeId}, ${w.connectionId}, m, 1 + m % 20, 'Said ' || m, 'incoming', 'Ann', now() - make_interval(mins => m), now()
      from generate_series(1, ${count}::int) m`;
  });
}

const BY_NUMBER = /Index Scan using cw_messages_pkey on cw_messages \w+ .*\n\s+Index Cond: \(.*message_id = /;

test.skipIf(!process.env.TEST_DATABASE_URL)(
  "a chunk's message is looked up by its number, not searched for among all of the project's",
  async () => {
    const w = await studioOf(2);
    for (const n of [0, 1]) await fill(w, n, 5_000);
    await asOwner(() => sql`analyze`);
    const planOf = await planner(w.scope(0));
    const ids = await asOwner(() => sql<{ id: string }[]>`select id from rag_chunks where project_id = ${w.projects[0] ?? ""} limit 50`);
    const cited = () =>
      Citations.chunks(
        w.scope(0),
        ids.map(({ id }) => id),
        "team",
      );
    expect((await cited()).every(({ author }) => author === "Ann")).toBe(true);
    expect(await planOf(cited)).toMatch(BY_NUMBER);
    await asOwner(() => sql`update rag_chunks set embedding_status = 'ready' where chunk_no % 50 > 0`);
    const claimed = await planOf(() => w.run(RUN), /select c\.chunk_no, c\.title[\s\S]*sender_name/);
    expect(claimed.match(new RegExp(BY_NUMBER, "g"))).toHaveLength(2);
  },
);

test.skipIf(!process.env.TEST_DATABASE_URL)(
  "looking for other models' vectors reads a project that the planner has not seen once, not once for each row",
  async () => {
    const w = await studioOf(2);
    await fill(w, 1, 2_000);
    await w.run(RUN, 1);
    await asOwner(() => sql`analyze`);
    await fill(w, 0, 2_000);
    const planOf = await planner(w.scope(0));
    const plan = await planOf(() => w.run(RUN), /delete from rag_vectors/);
    expect(plan).toMatch(/Tid Scan on rag_vectors/);
  },
);
