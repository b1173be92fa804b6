import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { coverage } from "#core/crm/coverage.ts";
import { mirror } from "#core/crm/mirror.ts";
import * as Opportunity from "#core/crm/opportunity.ts";
import { overview } from "#core/crm/overview.ts";
import * as StageEvent from "#core/crm/stage-event.ts";
import { sql, transaction } from "#core/db.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { type Ledger, ledger, NOW } from "#test/ledger.ts";
import { audited } from "#test/people.ts";
import { raw, written } from "#test/raw.ts";

const TABLES = ["crm_accounts", "crm_account_contacts", "crm_opportunities", "crm_opportunity_stage_events"];

let database: TestDatabase;
let here: Ledger;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  here = await ledger();
});

test("companies and deals become accounts and opportunities; a deal without an account is kept out, counted and told of once a day", async () => {
  await here.oakline();
  const done = await mirror(here.scope(0), NOW);
  expect(done).toEqual({ accounts: 1, opportunities: 1, contacts: 1, withoutAccount: 1, unmapped: 1 });
  expect(await here.accounts()).toMatchObject([
    { name: "Oakline Interiors", domain: "oakline.example", stage: "active", sourceSystem: "attio", contacts: 1, editedFields: {} },
  ]);
  expect(await here.deals()).toMatchObject([
    {
      title: "Web shop",
      accountName: "Oakline Interiors",
      stage: "proposal",
      amountEstimate: 48_000,
      currency: "EUR",
      probability: 0.5,
      nextStep: "Review next action",
      ownerUsername: "Irina Sokolova",
      evidenceRefs: [`attiodeal:${here.attio.connectionId}:d1`],
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
  await here.oakline();
  await mirror(here.scope(0), NOW);
  const before = await written(here, TABLES);
  expect(before.crm_opportunities).toHaveLength(1);
  expect(await mirror(here.scope(0), new Date(NOW.getTime() + 60_000))).toMatchObject({ accounts: 0, opportunities: 0, contacts: 0 });
  expect(await written(here, TABLES)).toEqual(before);
  await here.attio.set("attio_opportunities_raw", "d1", { next_step: "Call Hannah" });
  expect(await mirror(here.scope(0), new Date(NOW.getTime() + 120_000))).toMatchObject({ accounts: 0, opportunities: 1, contacts: 0 });
  const after = await written(here, TABLES);
  expect({ ...after, crm_opportunities: [] }).toEqual({ ...before, crm_opportunities: [] });
  expect((await here.deal("Web shop")).nextStep).toBe("Call Hannah");
});

test("every change of stage is one row of history, with who and the evidence", async () => {
  await here.oakline();
  await mirror(here.scope(0), NOW);
  const { id } = await here.deal("Web shop");
  await here.attio.set("attio_opportunities_raw", "d1", { stage: "Negotiation", stage_changed_at: new Date("2026-03-01T08:00:00Z") });
  await mirror(here.scope(0), NOW);
  await mirror(here.scope(0), NOW);
  await Opportunity.change(here.owner, here.scope(0), id, { stage: "won", reason: "signed" });
  const history = await StageEvent.list(here.scope(0), id, { before: undefined, limit: 10 });
  expect(history.map(({ fromStage, toStage, actorUsername, reason }) => [fromStage, toStage, actorUsername, reason])).toEqual([
    ["negotiation", "won", "irina", "signed"],
    ["proposal", "negotiation", "attio", null],
    [null, "proposal", "attio", null],
  ]);
  expect(history[1]).toMatchObject({
    evidenceRefs: [`attiodeal:${here.attio.connectionId}:d1`],
    occurredAt: new Date("2026-03-01T08:00:00Z"),
  });
  expect(await audited(here.accountScopeId)).toEqual(["crm_opportunity_changed"]);
});

test("two companies of one name stay two", async () => {
  await here.attio.put("attio_accounts_raw", [
    { external_id: "a", name: "Sever", domain: "a.example" },
    { external_id: "b", name: "Sever", domain: "b.example" },
    { external_id: "c", name: "Sever", domain: "b.example" },
  ]);
  await mirror(here.scope(0), NOW);
  await mirror(here.scope(0), NOW);
  expect(await here.accounts()).toHaveLength(3);
});

test("what is gone upstream stays, marked and out of the sums; it comes back; what no binding brings is removed, but not what was made by hand", async () => {
  await here.oakline();
  await mirror(here.scope(0), NOW);
  const { accountId } = await here.deal("Web shop");
  await Opportunity.create(
    here.owner,
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
  await here.attio.set("attio_opportunities_raw", "d1", { deleted_at: NOW, title: null, stage: null, amount: null });
  await mirror(here.scope(0), NOW);
  expect(await here.deal("Web shop")).toMatchObject({ sourceDeletedAt: NOW, stage: "proposal", amountEstimate: 48_000 });
  expect((await overview(here.scope(0))).pipeline).toEqual([{ currency: null, amount: 100, expected: 50 }]);
  await here.attio.set("attio_opportunities_raw", "d1", { deleted_at: null, title: "Web shop", stage: "Won", amount: 1 });
  await mirror(here.scope(0), NOW);
  expect(await here.deal("Web shop")).toMatchObject({ sourceDeletedAt: null, stage: "won" });
  await asOwner(async () => {
    for (const table of ["attio_people_raw", "attio_opportunities_raw", "attio_accounts_raw"])
      await sql`delete from ${sql(table)} where connection_id = ${here.attio.connectionId}`;
  });
  await mirror(here.scope(0), NOW);
  expect((await here.deals()).map((one) => one.title)).toEqual(["By hand"]);
  expect(await here.accounts()).toMatchObject([{ id: accountId, sourceDeletedAt: NOW, contacts: 0 }]);
  const after = await written(here, TABLES);
  await mirror(here.scope(0), new Date(NOW.getTime() + 1_000));
  expect(await written(here, TABLES)).toEqual(after);
});

test("two projects with the same records each see, and are written, only their own", async () => {
  await here.oakline();
  const other = await raw(here, 1, "attio");
  await other.put("attio_accounts_raw", [{ external_id: "c1", name: "Other", domain: "oakline.example" }]);
  await other.put("attio_opportunities_raw", [{ external_id: "d1", account_external_id: "c1", title: "Other deal" }]);
  await mirror(here.scope(0), NOW);
  expect([await here.accounts(1), await here.deals(1)]).toEqual([[], []]);
  await mirror(here.scope(1), NOW);
  expect([(await here.accounts(0)).map((a) => a.name), (await here.accounts(1)).map((a) => a.name)]).toEqual([
    ["Oakline Interiors"],
    ["Other"],
  ]);
  const [theirs] = await here.deals(1);
  await expect(Opportunity.change(here.owner, here.scope(0), theirs?.id ?? "", { title: "Mine now" })).rejects.toThrow(
    "no such opportunity",
  );
  await expect(
    Opportunity.create(here.owner, here.scope(0), Opportunity.Draft.parse({ accountId: theirs?.accountId, title: "x", nextStep: "call" })),
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
  await here.attio.put(
    "attio_accounts_raw",
    names.map((name, n) => ({ external_id: `h${n}`, name, domain: null, domains: [] })),
  );
  await here.attio.put(
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
  const stored = (await here.accounts()).map((one) => one.name);
  expect(stored.toSorted()).toEqual([...names.slice(0, 3), "x".repeat(300), "h4", "\u0001", names[6]].toSorted());
  expect(await here.deals()).toHaveLength(names.length);
});

test("a removed connection leaves nothing of its own that holds it back", async () => {
  await here.oakline();
  await mirror(here.scope(0), NOW);
  await here.attio.set("attio_accounts_raw", "c1", { deleted_at: NOW });
  await mirror(here.scope(0), NOW);
  await asOwner(async () => {
    for (const table of ["attio_people_raw", "attio_opportunities_raw", "attio_accounts_raw", "attio_members_raw"])
      await sql`delete from ${sql(table)} where connection_id = ${here.attio.connectionId}`;
    await sql`delete from connections where id = ${here.attio.connectionId}`;
  });
  await mirror(here.scope(0), NOW);
  expect([await here.deals(), (await here.accounts()).map((one) => one.externalRef)]).toEqual([[], ["c1"]]);
});
