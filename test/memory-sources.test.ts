import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql, systemSql, transaction } from "#core/db.ts";
import * as Words from "#core/memory/words.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { type Raw, raw, written } from "#test/raw.ts";
import { type Studio, studio } from "#test/studio.ts";

let database: TestDatabase;
let here: Studio;
let linear: Raw;
let attio: Raw;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

type Chunk = {
  ref: string;
  thread: string;
  kind: string;
  title: string | null;
  text: string;
  side: string | null;
  author: string | null;
  private: boolean;
};

/** The chunks of the first project, their references without the connection: "linissue:i1". */
async function chunks(connectionId: string): Promise<Record<string, Chunk>> {
  const rows = await asOwner(
    () => sql<Chunk[]>`
      select replace(source_ref, ${`${connectionId}:`}, '') || case chunk_index when 0 then '' else '#' || chunk_index end as ref,
        replace(thread_ref, ${`${connectionId}:`}, '') as thread, source_kind as kind, title, text, author_side as side, replace(author_ref, ${`${connectionId}:`}, '') as author, private
      from rag_chunks where project_id = ${here.projects[0] ?? ""} and connection_id = ${connectionId}`,
  );
  return Object.fromEntries(rows.map((row) => [row.ref, { ...row }]));
}

const issue = (id: string, more: object = {}) => ({ external_id: id, identifier: `ENG-${id.slice(1)}`, title: `Title ${id}`, ...more });
const comment = (id: string, more: object = {}) => ({
  external_id: id,
  issue_external_id: "i1",
  author_type: "user",
  author_external_id: "u1",
  body: `Said ${id}`,
  ...more,
});

describe("Linear", () => {
  beforeAll(async () => {
    here = await studio(2);
    linear = await raw(here, 0, "linear");
    await linear.put("linear_users_raw", [
      { external_id: "u1", name: "Irina", guest: false },
      { external_id: "u2", name: "Guest", guest: true },
    ]);
    await linear.put("linear_issues_raw", [
      issue("i1", { description: "What is to be done", creator_external_id: "u1" }),
      issue("i2", { description: null, creator_external_id: "u2" }),
    ]);
    await linear.put("linear_comments_raw", [
      comment("c1"),
      comment("c2", { author_external_id: "u2" }),
      comment("c3", { author_type: "bot" }),
      comment("c4", { body: " " }),
    ]);
    await linear.put("linear_documents_raw", [{ external_id: "d1", title: "Brief", content: "# Dates\nIn May.\n# Money\nNot much." }]);
    await linear.put("linear_projects_raw", [{ external_id: "p1", name: "Site", description: "A new one" }]);
  });

  test("issues, comments, documents and projects are remembered, each in its thread, none of it for the client", async () => {
    const found = await chunks(linear.connectionId);
    expect(Object.keys(found).toSorted()).toEqual(
      [
        "lincomment:c1",
        "lincomment:c2",
        "lincomment:c3",
        "lindoc:d1",
        "lindoc:d1#1",
        "linissue:i1",
        "linissue:i2",
        "linproject:p1",
      ].toSorted(),
    );
    expect(found["linissue:i1"]).toMatchObject({
      thread: "linissue:i1",
      title: "ENG-1 Title i1",
      text: "Title i1\n\nWhat is to be done",
      author: "linuser:u1",
      side: "team",
    });
    expect(found["lincomment:c2"]).toMatchObject({ thread: "linissue:i1", text: "Said c2", author: "linuser:u2", side: "client" });
    expect(found["lincomment:c3"]).toMatchObject({ author: null, side: "system" });
    expect(found["lindoc:d1#1"]).toMatchObject({ kind: "document", title: "Brief › Money", text: "Not much." });
    expect(Object.values(found).every((chunk) => chunk.private)).toBe(true);
  });

  test("a change that no text depends on writes nothing; one that only says of it writes no new text", async () => {
    await transaction(here.scope(0), () => Words.index(here.scope(0), new Date()));
    const before = await written(here, ["rag_chunks", "rag_postings"]);
    await asOwner(() => sql`update linear_issues_raw set state = 'Done', changed_at = now(), updated_at = now(), absent_passes = 1`);
    await asOwner(() => sql`update linear_comments_raw set url = 'https://linear.app/x', absent_passes = 1`);
    expect(await written(here, ["rag_chunks", "rag_postings"])).toEqual(before);
    const numbers = () => asOwner(() => sql`select chunk_no, indexed_at from rag_chunks where source_ref like 'lincomment:%' order by 1`);
    const numbered = await numbers();
    await linear.set("linear_users_raw", "u1", { guest: true });
    expect((await chunks(linear.connectionId))["lincomment:c1"]).toMatchObject({ side: "client" });
    expect(await numbers()).toEqual(numbered);
    await linear.set("linear_users_raw", "u1", { guest: false });
  });

  test("thousands of rows at once are compared in one go", async () => {
    const many = Array.from({ length: 6_000 }, (_, n) => issue(`i${n + 1_000}`));
    await linear.put("linear_issues_raw", many);
    const began = performance.now();
    await asOwner(() => sql`update linear_issues_raw set absent_passes = 2`);
    // Row against row it would be minutes.
    expect(performance.now() - began).toBeLessThan(15_000);
    await asOwner(() => sql`delete from linear_issues_raw where length(external_id) > 2`);
  });

  test("what is put into the trash takes its comments along, and brings them back", async () => {
    const before = await chunks(linear.connectionId);
    await linear.set("linear_issues_raw", "i1", { trashed: true });
    expect(Object.keys(await chunks(linear.connectionId)).filter((ref) => /linissue:i1|lincomment/.test(ref))).toEqual([]);
    await linear.set("linear_issues_raw", "i1", { trashed: false });
    expect(await chunks(linear.connectionId)).toEqual(before);
  });

  test("a changed text is a new chunk without words, and the old one's postings are gone", async () => {
    await transaction(here.scope(0), () => Words.index(here.scope(0), new Date()));
    const postings = async (term: string) => (await asOwner(() => sql`select from rag_postings where term = ${term}`)).length;
    expect(await postings("money")).toBe(1);
    await linear.set("linear_documents_raw", "d1", { content: "# Dates\nIn May.\n# Costs\nNot much." });
    expect(await postings("money")).toBe(0);
    expect((await chunks(linear.connectionId))["lindoc:d1#1"]).toMatchObject({ title: "Brief › Costs" });
    const indexed = await asOwner(
      () => sql`select chunk_index, indexed_at is not null as indexed from rag_chunks where source_kind = 'document' order by 1`,
    );
    expect(indexed).toEqual([
      { chunkIndex: 0, indexed: true },
      { chunkIndex: 1, indexed: false },
    ]);
  });
});

describe("Attio", () => {
  beforeAll(async () => {
    here = await studio(1);
    attio = await raw(here, 0, "attio");
    await attio.put("attio_opportunities_raw", [
      {
        external_id: "d1",
        title: "Site",
        account_external_id: "a1",
        stage: "Proposal",
        amount: 12_000,
        currency: "EUR",
        next_step: "Call Maria",
        owner_external_id: "m1",
      },
    ]);
    await attio.put("attio_people_raw", [
      { external_id: "p1", full_name: "Maria Silva", role: "CFO", account_external_id: "a1", emails: ["m@oakline.example"], phones: [] },
    ]);
    await attio.put("attio_activities_raw", [
      {
        external_id: "n1",
        activity_type: "note",
        record_object: "deals",
        record_external_id: "d1",
        title: "Call",
        note: "She agreed.",
        data: { actor_type: "workspace-member" },
        actor_external_id: "m1",
      },
    ]);
    await attio.put("attio_activities_raw", [
      { external_id: "t1", activity_type: "task", title: "Send it", note: "Send it", due_at: new Date("2026-03-12T00:00:00Z") },
    ]);
    await attio.put("attio_accounts_raw", [
      { external_id: "a1", name: "Oakline", domains: ["oakline.example"], description: "They make tables." },
    ]);
  });

  test("deals, people, accounts, notes and tasks are readable lines; a deal and a person name their company", async () => {
    const found = await chunks(attio.connectionId);
    expect(found["attiodeal:d1"]).toMatchObject({
      title: "Site",
      author: "attiomember:m1",
      text: "Deal: Site\nCompany: Oakline\nStage: Proposal\nAmount: 12000 EUR\nNext step: Call Maria",
    });
    expect(found["attioperson:p1"]?.text).toBe("Person: Maria Silva\nRole: CFO\nCompany: Oakline\nE-mail: m@oakline.example");
    expect(found["attioacct:a1"]?.text).toBe("Company: Oakline\nDomains: oakline.example\nThey make tables.");
    expect(found["attioact:n1"]).toMatchObject({
      kind: "note",
      thread: "attiodeal:d1",
      text: "Call\nShe agreed.",
      author: "attiomember:m1",
      side: "team",
    });
    expect(found["attioact:t1"]).toMatchObject({ kind: "task", thread: "attioact:t1", text: "Send it\nDue: 2026-03-12" });
  });

  test("a company that gets another name gets it in its deals and people", async () => {
    await attio.set("attio_accounts_raw", "a1", { name: "Elm" });
    const found = await chunks(attio.connectionId);
    for (const ref of ["attiodeal:d1", "attioperson:p1", "attioacct:a1"]) expect(found[ref]?.text).toContain("Company: Elm");
    await attio.set("attio_accounts_raw", "a1", { name: null, deleted_at: new Date() });
    expect((await chunks(attio.connectionId))["attiodeal:d1"]?.text).not.toContain("Company");
  });
});

test("a project that is removed by the system leaves no chunk and no posting", async () => {
  here = await studio(1);
  const chat = await raw(here, 0, "linear");
  await chat.put("linear_issues_raw", [issue("i1")]);
  await transaction(here.scope(0), () => Words.index(here.scope(0), new Date()));
  const left = async () =>
    asOwner(
      () =>
        sql`select (select count(*) from rag_chunks c where c.project_id = p) as chunks, (select count(*) from rag_postings r where r.project_id = p) as postings from (values (${here.projects[0] ?? ""}::uuid)) v (p)`,
    );
  expect(await left()).toEqual([{ chunks: 1, postings: expect.toSatisfy((count: number) => count > 0) }]);
  await systemSql`delete from projects where id = ${here.projects[0] ?? ""}`;
  expect(await left()).toEqual([{ chunks: 0, postings: 0 }]);
});
