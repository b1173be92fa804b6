import { afterAll, beforeAll, expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import * as Binding from "#core/connectors/binding.ts";
import { sql, transaction } from "#core/db.ts";
import { app } from "#functions/api/lightrag.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { call, type Headers, key, person } from "#test/people.ts";
import { startAgency } from "#test/simulators/agency.ts";
import { connect, type World, world } from "#test/world.ts";

let database: TestDatabase;
let w: World;
let agency: Awaited<ReturnType<typeof startAgency>>;
let reader: Headers;

beforeAll(async () => {
  database = await freshDatabase();
  w = await world(4);
  agency = await startAgency({ size: "small", now: () => Clock.now(), filledAt: new Date(), validate: false, rateLimit: false });
  const connections = new Map<string, string>();
  for (const { close: _, ...source } of agency.sources) connections.set(source.source, (await connect(w, source)).connectionId);
  for (const [n, { parts }] of agency.clients.entries()) {
    const drafts = parts.map(({ source, ...part }) => ({ ...Binding.whole(connections.get(source) ?? ""), ...part }));
    await transaction(w.scope(n), () => Binding.replace(w.scope(n), drafts, "test"));
    await w.run("connectors_sync_cycle", n);
    await w.run("memory_index", n);
  }
  reader = await key(await person(w, "owner"), ["read"], w.projects);
}, 120_000);
afterAll(async () => {
  await Promise.all([w.sim.close(), ...agency.sources.map((source) => source.close())]);
  await database.close();
});

type Known = { projectId: string; id: string; sourceKind: string; text: string };
const known = () =>
  asOwner(
    () =>
      sql<Known[]>`select project_id, id, source_kind, text from rag_chunks where indexed_at is not null order by md5(text), project_id`,
  );

/** What the source's own row says, every column of it. */
async function rowOf(table: string, pk: string): Promise<{ projects: string[]; texts: string[] }> {
  const [connection, ...rest] = pk.split(":");
  const id = table === "cw_messages" ? "message_id" : "external_id";
  return asOwner(async () => {
    const rows = await sql<{ projectId: string; row: Record<string, unknown> }[]>`
      select project_id, to_jsonb(t) as row from ${sql(table)} t where connection_id = ${connection ?? ""} and ${sql(id)}::text = ${rest.join(":")}`;
    return {
      projects: rows.map((row) => row.projectId),
      texts: rows.flatMap(({ row }) => Object.values(row).filter((value) => typeof value === "string")),
    };
  });
}

// The embedded database answers one at a time: fewer of them there.
const ASKED = process.env.TEST_DATABASE_URL ? 200 : 30;

test(`every citation of ${ASKED} answers resolves, is the project's, and quotes its source letter for letter`, {
  timeout: 180_000,
}, async () => {
  const chunks = await known();
  const asking = ({ text }: Known) => text.split(/\s+/).slice(0, 9).join(" ");
  // Much in chats is said again and again: each beginning is asked for once.
  const wordy = [...new Map(chunks.filter(({ text }) => text.split(/\s+/).length > 5).map((chunk) => [asking(chunk), chunk])).values()];
  expect(new Set(wordy.map(({ sourceKind }) => sourceKind)).size).toBeGreaterThan(4);
  const counts = { answered: 0, refused: 0, citations: 0, ofItsText: 0 };
  for (const asked of wordy.slice(0, ASKED)) {
    const [{ projectId }, query] = [asked, asking(asked)];
    const { status, body } = await call(app, "POST", `/lightrag/query?project_id=${projectId}`, reader, { query });
    expect(status, JSON.stringify(body)).toBe(200);
    const inProject = new Map(chunks.filter((chunk) => chunk.projectId === projectId).map((chunk) => [chunk.id, chunk]));
    for (const chunk of body.chunks) expect(inProject.has(chunk.chunk_id)).toBe(true);
    expect(body.insufficient_evidence).toBe(body.citations.length === 0);
    counts[body.insufficient_evidence ? "refused" : "answered"]++;
    const said = (id: string) => (inProject.get(id)?.text ?? "").replaceAll(/\s+/g, " ");
    counts.ofItsText += Number(body.citations.some((one: { chunk_id: string }) => said(one.chunk_id).includes(query)));
    for (const [n, citation] of body.citations.entries()) {
      counts.citations++;
      expect(citation.n).toBe(n + 1);
      expect(body.answer).toContain(`“${citation.quote}” [${citation.n}]`);
      const chunk = inProject.get(citation.chunk_id);
      expect(chunk?.text).toContain(citation.quote);
      const { source_table, source_pk, rag_chunk_id, message_id, linear_issue_id, attio_record_id, doc_url } = citation.evidence;
      expect(rag_chunk_id).toBe(citation.chunk_id);
      expect(
        [message_id, linear_issue_id, attio_record_id, doc_url].filter((ref) => ref !== null).length,
        citation.source_ref,
      ).toBeGreaterThan(0);
      const { projects, texts } = await rowOf(source_table, source_pk);
      expect(projects, citation.source_ref).toContain(projectId);
      // What is said of a deal, a task, a person or a company is told from its fields; all else is its author's own text.
      if (["deal", "person", "account", "project", "task"].includes(citation.source_kind)) continue;
      expect(
        texts.some((one) => one.includes(citation.quote)),
        `${citation.source_kind}: ${citation.quote}`,
      ).toBe(true);
    }
  }
  expect(counts.answered + counts.refused).toBe(ASKED);
  expect(counts.ofItsText).toBeGreaterThan(0.75 * ASKED);
});

test("a client's words asked in another client's project find nothing of theirs", async () => {
  const chunks = await known();
  const own = new Map(w.projects.map((id) => [id, new Set(chunks.filter((one) => one.projectId === id).map((one) => one.id))]));
  for (const [n, { text, projectId }] of chunks
    .filter((_, n) => n % 11 === 0)
    .slice(0, ASKED / 5)
    .entries()) {
    const other = w.projects[(w.projects.indexOf(projectId) + 1 + (n % 3)) % 4] ?? "";
    const { body } = await call(app, "POST", `/search?project_id=${other}`, reader, { query: text.slice(0, 300), top_k: 50 });
    expect(body.results.every((one: { chunk_id: string }) => own.get(other)?.has(one.chunk_id))).toBe(true);
    expect(body.evidence.length).toBe(new Set(body.results.map((one: { source_ref: string }) => one.source_ref)).size);
  }
});
