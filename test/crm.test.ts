import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { User } from "#core/actor.ts";
import * as Account from "#core/crm/account.ts";
import { coverage } from "#core/crm/coverage.ts";
import { mirror } from "#core/crm/mirror.ts";
import * as Opportunity from "#core/crm/opportunity.ts";
import { overview } from "#core/crm/overview.ts";
import * as Stage from "#core/crm/stage.ts";
import * as StageEvent from "#core/crm/stage-event.ts";
import { sql, transaction } from "#core/db.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { audited } from "#test/people.ts";
import { type Raw, raw, written } from "#test/raw.ts";
import { type Studio, studio } from "#test/studio.ts";

const NOW = new Date("2026-03-02T10:00:00Z");
const TABLES = ["crm_accounts", "crm_account_contacts", "crm_opportunities", "crm_opportunity_stage_events"];
const PAGE = { before: undefined, limit: 500 };

let database: TestDatabase;
let here: Studio;
let attio: Raw;
let owner: User;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  here = await studio(2);
  attio = await raw(here, 0, "attio");
  owner = { kind: "user", id: randomUUID(), username: "irina", role: "owner", accountScopeId: here.accountScopeId };
});

const accounts = async (n = 0) => (await Account.list(here.scope(n), PAGE)).toSorted((a, b) => a.name.localeCompare(b.name));
const deals = (n = 0) => Opportunity.list(here.scope(n), { ...PAGE, stage: undefined });
const deal = async (title: string) => {
  const found = (await deals()).find((one) => one.title === title);
  if (!found) throw new Error(`no deal ${title}`);
  return found;
};

/** One company with one deal and one person, and a deal that names nobody. */
async function oakline(): Promise<void> {
  await attio.put("attio_members_raw", [{ external_id: "m1", name: "Irina Sokolova", email: "irina@foxglove.example" }]);
  await attio.put("attio_accounts_raw", [
    { external_id: "c1", name: "Oakline Interiors", domain: "oakline.example", domains: ["oakline.example"], stage: "Customer" },
  ]);
  await attio.put("attio_people_raw", [
    { external_id: "p1", full_name: "Hannah Pryce", email: "hannah@oakline.example", account_external_id: "c1", role: "Owner" },
  ]);
  await attio.put("attio_opportunities_raw", [
    {
      external_id: "d1",
      account_external_id: "c1",
      title: "Web shop",
      stage: "Proposal_Sent",
      amount: 48_000,
      currency: "EUR",
      probability: 0.5,
      owner_external_id: "m1",
    },
    { external_id: "d2", title: "Nobody's", stage: "Won 🎉" },
    { external_id: "d3", account_external_id: "elsewhere", title: "Unread company's" },
  ]);
}

test("companies and deals become accounts and opportunities; a deal without an account is kept out, counted and told of once a day", async () => {
  await oakline();
  const done = await mirror(here.scope(0), NOW);
  expect(done).toEqual({ accounts: 1, opportunities: 1, contacts: 1, withoutAccount: 1, unmapped: 1 });
  expect(await accounts()).toMatchObject([
    { name: "Oakline Interiors", domain: "oakline.example", stage: "active", sourceSystem: "attio", contacts: 1, editedFields: {} },
  ]);
  expect(await deals()).toMatchObject([
    {
      title: "Web shop",
      accountName: "Oakline Interiors",
      stage: "proposal",
      amountEstimate: 48_000,
      currency: "EUR",
      probability: 0.5,
      nextStep: "Review next action",
      ownerUsername: "Irina Sokolova",
      evidenceRefs: [`attiodeal:${attio.connectionId}:d1`],
    },
  ]);
  expect(await coverage(here.scope(0))).toEqual({
    totalAttioAccounts: 1,
    mirroredAccounts: 1,
    totalAttioOpportunities: 3,
    mirroredOpportunities: 1,
    opportunitiesWithoutAccountRef: 1,
    opportunitiesUnmappedToCrmAccount: 1,
  });
  await mirror(here.scope(0), NOW);
  await mirror(here.scope(0), new Date("2026-03-03T10:00:00Z"));
  const warnings = await transaction(
    here.scope(0),
    () => sql`select payload -> 'reason' as reason from kag_event_log where event_type = 'process_warning'`,
  );
  expect(warnings.map((row) => row.reason)).toEqual(Array(2).fill({ code: "deals_without_account", params: { without: 1, unmapped: 1 } }));
});

test("a second run writes nothing, and a later one only the row that changed", async () => {
  await oakline();
  await mirror(here.scope(0), NOW);
  const before = await written(here, TABLES);
  expect(before.crm_opportunities).toHaveLength(1);
  expect(await mirror(here.scope(0), new Date(NOW.getTime() + 60_000))).toMatchObject({ accounts: 0, opportunities: 0, contacts: 0 });
  expect(await written(here, TABLES)).toEqual(before);
  await attio.set("attio_opportunities_raw", "d1", { next_step: "Call Hannah" });
  expect(await mirror(here.scope(0), new Date(NOW.getTime() + 120_000))).toMatchObject({ accounts: 0, opportunities: 1, contacts: 0 });
  const after = await written(here, TABLES);
  expect({ ...after, crm_opportunities: [] }).toEqual({ ...before, crm_opportunities: [] });
  expect((await deal("Web shop")).nextStep).toBe("Call Hannah");
});

test("every change of stage is one row of history, with who and the evidence", async () => {
  await oakline();
  await mirror(here.scope(0), NOW);
  const { id } = await deal("Web shop");
  await attio.set("attio_opportunities_raw", "d1", { stage: "Negotiation", stage_changed_at: new Date("2026-03-01T08:00:00Z") });
  await mirror(here.scope(0), NOW);
  await mirror(here.scope(0), NOW);
  await Opportunity.change(owner, here.scope(0), id, { stage: "won", reason: "signed" });
  const history = await StageEvent.list(here.scope(0), id, { before: undefined, limit: 10 });
  expect(history.map(({ fromStage, toStage, actorUsername, reason }) => [fromStage, toStage, actorUsername, reason])).toEqual([
    ["negotiation", "won", "irina", "signed"],
    ["proposal", "negotiation", "attio", null],
    [null, "proposal", "attio", null],
  ]);
  expect(history[1]).toMatchObject({ evidenceRefs: [`attiodeal:${attio.connectionId}:d1`], occurredAt: new Date("2026-03-01T08:00:00Z") });
  expect(await audited(here.accountScopeId)).toEqual(["crm_opportunity_changed"]);
});

describe("what a person set", () => {
  test("outlives ten runs with upstream edits between; the other fields follow; given back, it follows again", async () => {
    await oakline();
    await mirror(here.scope(0), NOW);
    const { id, accountId } = await deal("Web shop");
    await Opportunity.change(owner, here.scope(0), id, { stage: "qualified", expectedCloseDate: "2026-05-01" });
    await Account.change(owner, here.scope(0), accountId, { name: "Oakline", ownerUsername: "irina" });
    for (let run = 1; run <= 10; run++) {
      await attio.set("attio_opportunities_raw", "d1", {
        stage: run % 2 ? "Negotiation" : "Won",
        amount: run,
        expected_close_date: `2026-06-${10 + run}`,
      });
      await attio.set("attio_accounts_raw", "c1", { name: `Oakline ${run}`, stage: run % 2 ? "churned" : "active" });
      await mirror(here.scope(0), new Date(NOW.getTime() + run * 60_000));
      expect(await deal("Web shop")).toMatchObject({ stage: "qualified", expectedCloseDate: "2026-05-01", amountEstimate: run });
      expect(await accounts()).toMatchObject([{ name: "Oakline", ownerUsername: "irina", stage: run % 2 ? "inactive" : "active" }]);
    }
    expect((await deal("Web shop")).editedFields).toMatchObject({ stage: { by: "irina" }, expected_close_date: { by: "irina" } });
    const back = await Opportunity.follow(owner, here.scope(0), id, ["stage"]);
    expect(back).toMatchObject({ stage: "won", expectedCloseDate: "2026-05-01" });
    expect(Object.keys(back.editedFields)).toEqual(["expected_close_date"]);
    expect(await Account.follow(owner, here.scope(0), accountId, ["name"])).toMatchObject({ name: "Oakline 10", ownerUsername: "irina" });
  });

  test("has no source to follow where it was made by hand", async () => {
    const made = await Account.create(owner, here.scope(0), Account.Draft.parse({ name: "By hand" }));
    await expect(Account.follow(owner, here.scope(0), made.id, ["name"])).rejects.toThrow("no source");
    await expect(Account.follow(owner, here.scope(0), randomUUID(), ["name"])).rejects.toThrow("no such account");
  });
});

describe("an account made by hand", () => {
  const make = (draft: object) => Account.create(owner, here.scope(0), Account.Draft.parse(draft));

  test("is joined by a company of its name only when they share a domain", async () => {
    await make({ name: "OAKLINE interiors" });
    await make({ name: "oakline interiors", domain: "https://www.other.example/about" });
    await oakline();
    await mirror(here.scope(0), NOW);
    expect((await accounts()).map((one) => [one.sourceSystem, one.domain])).toEqual(
      expect.arrayContaining([
        ["manual", null],
        ["manual", "other.example"],
        ["attio", "oakline.example"],
      ]),
    );
  });

  test("is joined where they do, keeps what was typed, and takes the deals", async () => {
    const { id } = await make({ name: "ОАО Север", domain: "Oakline.Example", stage: "prospect" });
    await oakline();
    await attio.set("attio_accounts_raw", "c1", { name: "оао север" });
    await mirror(here.scope(0), NOW);
    expect(await accounts()).toMatchObject([{ id, name: "ОАО Север", stage: "prospect", sourceSystem: "manual", externalRef: "c1" }]);
    expect((await deal("Web shop")).accountId).toBe(id);
  });

  test("is joined by its external reference whatever its name", async () => {
    const { id } = await make({ name: "Quite another", externalRef: "c1" });
    await oakline();
    await mirror(here.scope(0), NOW);
    expect(await accounts()).toMatchObject([{ id, name: "Quite another", domain: "oakline.example" }]);
  });

  test("is not made twice with one name and domain", async () => {
    await make({ name: "Oakline", domain: "oakline.example" });
    await expect(make({ name: "OakLine", domain: "oakline.example" })).rejects.toThrow("exists already");
    await make({ name: "OakLine", domain: "oakline.test" });
  });
});

test("two companies of one name stay two", async () => {
  await attio.put("attio_accounts_raw", [
    { external_id: "a", name: "Sever", domain: "a.example" },
    { external_id: "b", name: "Sever", domain: "b.example" },
    { external_id: "c", name: "Sever", domain: "b.example" },
  ]);
  await mirror(here.scope(0), NOW);
  await mirror(here.scope(0), NOW);
  expect(await accounts()).toHaveLength(3);
});

test("what is gone upstream stays, marked and out of the sums; it comes back; what no binding brings is removed, but not what was made by hand", async () => {
  await oakline();
  await mirror(here.scope(0), NOW);
  const { accountId } = await deal("Web shop");
  await Opportunity.create(
    owner,
    here.scope(0),
    Opportunity.Draft.parse({ accountId, title: "By hand", nextStep: "Call them", amountEstimate: 100, probability: 0.5 }),
  );
  expect(await overview(here.scope(0))).toEqual({
    accounts: 1,
    open: 2,
    won: 0,
    lost: 0,
    pipeline: [
      { currency: "EUR", amount: 48_000, expected: 24_000 },
      { currency: null, amount: 100, expected: 50 },
    ],
  });
  await attio.set("attio_opportunities_raw", "d1", { deleted_at: NOW, title: null, stage: null, amount: null });
  await mirror(here.scope(0), NOW);
  expect(await deal("Web shop")).toMatchObject({ sourceDeletedAt: NOW, stage: "proposal", amountEstimate: 48_000 });
  expect((await overview(here.scope(0))).pipeline).toEqual([{ currency: null, amount: 100, expected: 50 }]);
  await attio.set("attio_opportunities_raw", "d1", { deleted_at: null, title: "Web shop", stage: "Won", amount: 1 });
  await mirror(here.scope(0), NOW);
  expect(await deal("Web shop")).toMatchObject({ sourceDeletedAt: null, stage: "won" });
  await asOwner(async () => {
    for (const table of ["attio_people_raw", "attio_opportunities_raw", "attio_accounts_raw"])
      await sql`delete from ${sql(table)} where connection_id = ${attio.connectionId}`;
  });
  await mirror(here.scope(0), NOW);
  expect((await deals()).map((one) => one.title)).toEqual(["By hand"]);
  expect(await accounts()).toMatchObject([{ id: accountId, sourceDeletedAt: NOW, contacts: 0 }]);
  const after = await written(here, TABLES);
  await mirror(here.scope(0), new Date(NOW.getTime() + 1_000));
  expect(await written(here, TABLES)).toEqual(after);
});

test("two projects with the same records each see, and are written, only their own", async () => {
  await oakline();
  const other = await raw(here, 1, "attio");
  await other.put("attio_accounts_raw", [{ external_id: "c1", name: "Other", domain: "oakline.example" }]);
  await other.put("attio_opportunities_raw", [{ external_id: "d1", account_external_id: "c1", title: "Other deal" }]);
  await mirror(here.scope(0), NOW);
  expect([await accounts(1), await deals(1)]).toEqual([[], []]);
  await mirror(here.scope(1), NOW);
  expect([(await accounts(0)).map((a) => a.name), (await accounts(1)).map((a) => a.name)]).toEqual([["Oakline Interiors"], ["Other"]]);
  const [theirs] = await deals(1);
  await expect(Opportunity.change(owner, here.scope(0), theirs?.id ?? "", { title: "Mine now" })).rejects.toThrow("no such opportunity");
  await expect(
    Opportunity.create(owner, here.scope(0), Opportunity.Draft.parse({ accountId: theirs?.accountId, title: "x", nextStep: "call" })),
  ).rejects.toThrow("no such account");
  const both = { projects: here.projects, accountScopeId: here.accountScopeId };
  const before = await written(here, TABLES);
  await mirror(both, NOW);
  expect(await written(here, TABLES)).toEqual(before);
});

test("names that are hostile are stored as they are, at a bounded length", async () => {
  const names = [
    `Robert'); drop table crm_accounts; --`,
    "100% \\ _",
    "😀 «Ёлки» & Ко",
    "x".repeat(10_000),
    " ",
    "\u0001",
    '“quoted” "name"',
  ];
  await attio.put(
    "attio_accounts_raw",
    names.map((name, n) => ({ external_id: `h${n}`, name, domain: null, domains: [] })),
  );
  await attio.put(
    "attio_opportunities_raw",
    names.map((name, n) => ({
      external_id: `h${n}`,
      account_external_id: `h${n}`,
      title: name,
      stage: name,
      next_step: name,
      amount: 0.01,
    })),
  );
  await mirror(here.scope(0), NOW);
  const stored = (await accounts()).map((one) => one.name);
  expect(stored.toSorted()).toEqual([...names.slice(0, 3), "x".repeat(300), "h4", "\u0001", names[6]].toSorted());
  expect(await deals()).toHaveLength(names.length);
});

test("a stage is mapped in SQL as it is in code", async () => {
  const said = [
    "Won",
    "won 🎉",
    "Closed Won",
    "closed_lost",
    "CLOSED-WON",
    "proposal sent",
    "Qualified",
    " negotiation ",
    "lead",
    "",
    "не won",
    "Won't do",
    "Customer",
    "churned",
    "İnactive",
    "выиграна",
    "constructor",
  ];
  const rows = await asOwner(
    () => sql<{ account: string; deal: string }[]>`
      select coalesce(${Stage.ACCOUNT_MAP as never}::jsonb ->> stage_key(s), 'prospect') as account, coalesce(${Stage.DEAL_MAP as never}::jsonb ->> stage_key(s), 'discovery') as deal
      from unnest(${said}::text[]) with ordinality as u (s, n) order by n`,
  );
  expect(rows.map((row) => ({ ...row }))).toEqual(
    said.map((stage) => ({ account: Stage.accountStage(stage), deal: Stage.dealStage(stage) })),
  );
  expect(said.slice(0, 4).map(Stage.dealStage)).toEqual(["won", "won", "won", "lost"]);
  expect([Stage.dealStage(null), Stage.accountStage("Customer"), Stage.dealStage("constructor"), Stage.dealStage("не won")]).toEqual([
    "discovery",
    "active",
    "discovery",
    "discovery",
  ]);
});

test("a removed connection leaves nothing of its own that holds it back", async () => {
  await oakline();
  await mirror(here.scope(0), NOW);
  await attio.set("attio_accounts_raw", "c1", { deleted_at: NOW });
  await mirror(here.scope(0), NOW);
  await asOwner(async () => {
    for (const table of ["attio_people_raw", "attio_opportunities_raw", "attio_accounts_raw", "attio_members_raw"])
      await sql`delete from ${sql(table)} where connection_id = ${attio.connectionId}`;
    await sql`delete from connections where id = ${attio.connectionId}`;
  });
  await mirror(here.scope(0), NOW);
  expect([await deals(), (await accounts()).map((one) => one.externalRef)]).toEqual([[], ["c1"]]);
});
