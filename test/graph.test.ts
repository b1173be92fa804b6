import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sql, transaction } from "#core/db.ts";
import * as Graph from "#core/memory/graph.ts";
import * as Read from "#core/memory/graph-read.ts";
import * as Words from "#core/memory/words.ts";
import { type Acquaintance, acquaintance, at, NOW } from "#test/acquaintance.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { chunks, mentions } from "#test/graph.ts";
import { written } from "#test/raw.ts";

const TABLES = ["kag_nodes", "kag_aliases", "kag_mentions", "kag_edges", "kag_provenance_refs", "kag_unread"];
const NOTHING = { nodes: 0, aliases: 0, facts: 0, mentions: 0, left: false };

let database: TestDatabase;
let here: Acquaintance;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  here = await acquaintance();
});

const refresh = (minutes = 0) =>
  transaction(here.scope(0), async () => {
    await Words.index(here.scope(0), at(minutes));
    return Graph.refresh(here.scope(0), at(minutes));
  });
const issue = (n: number, more: Record<string, unknown> = {}) => ({
  external_id: `i${n}`,
  identifier: `ABC-${n}`,
  title: `Landing page ${n}`,
  state: "Todo",
  state_type: "unstarted",
  created_at: at(-60),
  assignee_external_id: null,
  due_date: null,
  blocked_by: [],
  ...more,
});
const facts = async (when?: Date): Promise<string[]> => {
  const nodes = await transaction(here.scope(0), () => sql<{ id: string }[]>`select id from kag_nodes`);
  const found = await Read.factsOf(
    here.scope(0),
    nodes.map(({ id }) => id),
    when,
  );
  return found
    .map(
      (fact) =>
        `${fact.from.title} ${fact.relationType} ${fact.to?.title ?? fact.value}${fact.validTo ? ` until ${minute(fact.validTo)}` : ""}`,
    )
    .toSorted();
};
const minute = (instant: Date) => (instant.getTime() - NOW.getTime()) / 60_000;
const who = async (question: string) => (await Read.named(here.scope(0), question)).map(({ title, source }) => `${title} ${source}`);

describe("nodes and facts", () => {
  beforeEach(async () => {
    await here.tasks.put("linear_users_raw", [
      { external_id: "u1", name: "Anna Kern", email: "anna@studio.example" },
      { external_id: "u2", name: "Борис Щербаков" },
    ]);
    await here.tasks.put("linear_issues_raw", [
      issue(1, { assignee_external_id: "u1", due_date: "2026-03-10" }),
      issue(2, { blocked_by: ["i1"] }),
    ]);
  });

  test("come from the records, once: a second pass writes nothing", async () => {
    expect(await refresh()).toMatchObject({ nodes: 4, left: false });
    expect(await facts()).toEqual([
      "Landing page 1 assigned_to Anna Kern",
      "Landing page 1 due_date 2026-03-10",
      "Landing page 1 state Todo",
      "Landing page 2 blocked_by Landing page 1",
      "Landing page 2 state Todo",
    ]);
    const before = await written(here, TABLES);
    expect(await refresh(1)).toEqual(NOTHING);
    expect(await written(here, TABLES)).toEqual(before);
  });

  test("that are contradicted are closed, and as of a date hold again", async () => {
    await refresh();
    await here.tasks.set("linear_issues_raw", "i1", { state: "Done", assignee_external_id: "u2", due_date: null });
    await refresh(5);
    expect(await facts(at(6))).toEqual([
      "Landing page 1 assigned_to Борис Щербаков",
      "Landing page 1 state Done",
      "Landing page 2 blocked_by Landing page 1",
      "Landing page 2 state Todo",
    ]);
    expect(await facts(at(4))).toEqual(
      expect.arrayContaining(["Landing page 1 state Todo until 5", "Landing page 1 due_date 2026-03-10 until 5"]),
    );
    await here.tasks.set("linear_issues_raw", "i1", { state: "Todo" });
    await refresh(10);
    expect((await facts()).filter((one) => one.startsWith("Landing page 1 state"))).toEqual([
      "Landing page 1 state Done until 10",
      "Landing page 1 state Todo",
      "Landing page 1 state Todo until 5",
    ]);
  });

  test("go with their record at once, and come back with it", async () => {
    await refresh();
    const before = await facts();
    await here.tasks.set("linear_users_raw", "u1", { deleted_at: at(1), name: null, email: null });
    expect(await facts()).toEqual(before.filter((one) => !one.includes("Anna")));
    const left = await asOwner(
      () => sql`select from kag_aliases where account_scope_id = ${here.accountScopeId} and (alias like '%ana%' or alias like '%anna%')`,
    );
    expect(left).toHaveLength(0);
    await refresh(2);
    await here.tasks.set("linear_users_raw", "u1", { deleted_at: null, name: "Anna Kern", email: "anna@studio.example" });
    await refresh(3);
    expect(await facts()).toEqual(before);
    await asOwner(() => sql`delete from linear_issues_raw where external_id = 'i1' and project_id = ${here.projects[0] ?? ""}`);
    expect(await facts()).toEqual(["Landing page 2 state Todo"]);
  });

  test("wait for what they lead to", async () => {
    await here.tasks.put("linear_issues_raw", [issue(3, { assignee_external_id: "u3" })]);
    await refresh();
    await here.tasks.put("linear_users_raw", [{ external_id: "u3", name: "Late Comer" }]);
    await refresh(5);
    expect((await facts()).filter((one) => one.includes("Late"))).toEqual(["Landing page 3 assigned_to Late Comer"]);
    expect(await refresh(6)).toEqual(NOTHING);
  });
});

describe("mentions", () => {
  test("are found by author, identifier, e-mail and name in either script, as whole words", async () => {
    await here.contacts([{ name: "Ольга Летова", email: "olga@letova.example" }]);
    await here.tasks.put("linear_issues_raw", [issue(1)]);
    await chunks(here, [
      { ref: "a", text: "Olga said it is fine" },
      { ref: "b", text: "напиши Летовой, и Ольга Летова ответит" },
      { ref: "c", text: "see abc-1, not ABC-12", author: `cwc:${here.chats.connectionId}:1` },
      { ref: "d", text: "Mail OLGA@letova.example." },
      { ref: "e", text: "Ольговна и Olgabell зовут других" },
    ]);
    await refresh();
    expect(await mentions(here)).toEqual(["a cwc:1 name", "b cwc:1 name", "c cwc:1 author", "c linissue:i1 identifier", "d cwc:1 email"]);
    expect(await refresh(1)).toEqual(NOTHING);
  });

  test("are found in another case, where a capital tells a name from a word", async () => {
    await here.contacts([{ name: "Мария Розова" }, { name: "Sergey Volkov" }]);
    await chunks(here, [
      { ref: "a", text: "Спросите у Марии" },
      { ref: "b", text: "Макет для Марии Розовой" },
      { ref: "c", text: "Отправлено Сергею." },
      { ref: "d", text: "ask Maria" },
      { ref: "e", text: "розовой краской, мариной, а сергеевка далеко" },
    ]);
    await refresh();
    expect(await mentions(here)).toEqual(["a cwc:1 name", "b cwc:1 name", "c cwc:2 name", "d cwc:1 name"]);
    expect(await who("что обещали марии и Сергеем?")).toEqual(["Мария Розова name_part", "Sergey Volkov name_part"]);
  });

  test("of a name that is new are found in what was said before", async () => {
    await chunks(here, [
      { ref: "a", text: "Позвоните Сергею" },
      { ref: "b", text: "see DEF-7" },
      { ref: "c", text: "пишите на sergey@volkov.example" },
      { ref: "d", text: "в Оклайне решили иначе" },
    ]);
    await refresh();
    expect(await mentions(here)).toEqual([]);
    await here.contacts([{ name: "Sergey Volkov", email: "sergey@volkov.example" }]);
    await here.tasks.put("linear_issues_raw", [issue(7, { identifier: "DEF-7" })]);
    await here.deals.put("attio_accounts_raw", [{ external_id: "a1", name: "Oakline GmbH" }]);
    await refresh(1);
    expect(await mentions(here)).toEqual(["a cwc:1 name", "b linissue:i7 identifier", "c cwc:1 email"]);
  });

  test("of a first name end when it becomes ambiguous, and return", async () => {
    await here.contacts([{ name: "Ольга Летова" }]);
    await chunks(here, [{ ref: "a", text: "Ольга обещала макет" }]);
    await refresh();
    expect(await mentions(here)).toEqual(["a cwc:1 name"]);
    await here.people([{ full_name: "Olga Petrova" }]);
    await refresh(1);
    expect(await mentions(here)).toEqual([]);
    expect(await who("что обещала Ольга?")).toEqual(["Olga Petrova name_part", "Ольга Летова name_part"]);
    await here.deals.set("attio_people_raw", "p1", { full_name: "Olga Letova" });
    await refresh(2);
    expect(await mentions(here)).toEqual(["a attioperson:p1 name", "a cwc:1 name"]);
  });
});
