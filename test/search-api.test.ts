import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { sql } from "#core/db.ts";
import { app } from "#functions/api/lightrag.ts";
import { asOwner } from "#test/database.ts";
import { call, type Headers, key, person } from "#test/people.ts";
import { ask, here, index, other, reader, ref, say, talk, writer } from "#test/talk.ts";

talk();

test("pages go on where they ended, whatever is written or deleted in between", async () => {
  const query = "поменяйте баннер правка номер раздел";
  const seen: string[] = [];
  let cursor: string | undefined;
  const ids: string[] = [];
  for (let page = 0; page < 20; page++) {
    const { status, body } = await ask({ query, top_k: 6, ...(cursor ? { cursor } : {}) }, reader, "/search");
    expect(status).toBe(200);
    ids.push(body.query_run_id);
    seen.push(...body.results.map((one: { source_ref: string }) => one.source_ref));
    cursor = body.next_cursor ?? undefined;
    if (!cursor) break;
    if (page === 0) {
      await say({ id: 900, text: "Правка номер 900: поменяйте баннер в разделе я, поменяйте баннер." });
      await asOwner(
        () => sql`update cw_messages set content = null, deleted_at = now() where message_id = ${Number(seen.length > 0 ? 119 : 0)}`,
      );
      await index();
    }
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((one) => Number(one.split(":")[2]) >= 100 && Number(one.split(":")[2]) < 119)).toHaveLength(19);
  expect(seen).not.toContain(ref(900));
  expect(new Set(ids).size).toBe(1);
  const first = await ask({ query, top_k: 6 }, reader, "/search");
  expect((await ask({ query, cursor: first.body.next_cursor }, other, "/search")).status).toBe(404);
  expect((await ask({ query: "другое", cursor: first.body.next_cursor }, reader, "/search")).status).toBe(400);
  expect((await ask({ query, audience: "client", cursor: first.body.next_cursor }, reader, "/search")).status).toBe(400);
  expect((await ask({ query, cursor: "bm9wZQ" }, reader, "/search")).status).toBe(400);
});

test("a word that is misspelled or not yet finished is suggested as the project writes it", async () => {
  const suggested = async (query: string) =>
    (await ask({ query }, reader, "/search")).body.suggestions.map((one: { text: string }) => one.text);
  expect(await suggested("где логтоип")).toContain("где Логотип");
  expect(await suggested("send the invioce again please.")).toContain("send the invoice again please.");
  expect(await suggested("подписан дого")).toContain("подписан Договор");
});

test("a rating is for one's own answer only, and a second one replaces the first", async () => {
  const { body } = await ask({ query: "Логотип утверждаем?" }, writer);
  const rate = (headers: Headers, given: object, project = here.projects[0]) =>
    call(app, "POST", `/lightrag/feedback?project_id=${project}`, headers, given);
  const rating = { query_run_id: body.query_run_id, rating: 1, comment: "точно" };
  expect((await rate(writer, rating)).status).toBe(201);
  expect((await rate(writer, { ...rating, rating: -1 })).status).toBe(201);
  expect((await rate(other, rating)).status).toBe(404);
  expect((await rate(reader, rating)).status).toBe(403);
  expect((await rate(writer, { ...rating, rating: 2 })).status).toBe(400);
  expect((await rate(writer, { ...rating, query_run_id: randomUUID() })).status).toBe(404);
  const owner = await person(here, "owner");
  const both = await key(owner, ["read", "write"], here.projects);
  expect((await rate(both, rating, here.projects[1])).status).toBe(404);
  const rows = await asOwner(() => sql`select rating from lightrag_feedback where query_run_id = ${body.query_run_id}`);
  expect(rows).toEqual([{ rating: -1 }]);
});

test("the status tells what is held, what of it is indexed, and what is not embedded; a refresh asks for every job and tries again", async () => {
  const { body } = await call(app, "GET", "/lightrag/status", reader);
  expect(body.chunks).toBe(body.indexed);
  expect(body.embedded).toEqual([]);
  expect(body.reasons.map((why: { code: string }) => why.code)).toEqual(["no_key"]);
  expect(body.kinds.find((kind: { source_kind: string }) => kind.source_kind === "issue")).toMatchObject({
    chunks: 1,
    indexed: 1,
    pending: 1,
  });
  await asOwner(() => sql`update rag_chunks set embedding_status = 'failed', embedding_attempts = 6 where source_kind = 'issue'`);
  await asOwner(
    () => sql`
    insert into kag_extractions (project_id, thread_ref, content_hash, facts, refused, error, extracted_at)
    select p, 'cw:1', hash, 0, 0, error::jsonb, now() from unnest(${here.projects}::uuid[]) p,
      (values ('read', null), ('refused', '{"code": "upstream", "params": {}}')) v (hash, error)`,
  );
  const refreshed = await call(app, "POST", "/lightrag/refresh", writer, {});
  expect(refreshed.status).toBe(202);
  expect(refreshed.body.runs.map((one: { job: string }) => one.job)).toEqual(["memory_index", "embeddings_run", "memory_extract"]);
  expect(refreshed.body.runs.every((one: { run: unknown; reason: unknown }) => one.run ?? one.reason)).toBe(true);
  const tried = await asOwner(() => sql`select embedding_status, embedding_attempts from rag_chunks where source_kind = 'issue'`);
  expect(tried).toEqual([{ embeddingStatus: "pending", embeddingAttempts: 0 }]);
  const known = await asOwner(
    () => sql<{ projectId: string; contentHash: string }[]>`select project_id, content_hash from kag_extractions order by 2`,
  );
  const ofProject = (n: number) => known.filter(({ projectId }) => projectId === here.projects[n]).map(({ contentHash }) => contentHash);
  expect([ofProject(0), ofProject(1)]).toEqual([["read"], ["read", "refused"]]);
});
