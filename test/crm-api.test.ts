import { afterAll, beforeAll, expect, test } from "vitest";
import { mirror } from "#core/crm/mirror.ts";
import { app as crm } from "#functions/api/crm.ts";
import { app as identity } from "#functions/api/identity.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { call, type Headers, key, person } from "#test/people.ts";
import { raw } from "#test/raw.ts";
import { type Studio, studio } from "#test/studio.ts";

let database: TestDatabase;
let here: Studio;
let writer: Headers;
let reader: Headers;
beforeAll(async () => {
  database = await freshDatabase();
  here = await studio(2);
  const owner = await person(here, "owner");
  writer = await key(owner, ["read", "write"], [here.projects[0] ?? ""]);
  reader = await key(owner, ["read"], [here.projects[0] ?? ""]);
  const [chats, deals] = [await raw(here, 0, "chatwoot"), await raw(here, 0, "attio")];
  await deals.put(
    "attio_accounts_raw",
    Array.from({ length: 5 }, (_, n) => ({ external_id: `c${n}`, name: `Client ${n}`, domains: [`client${n}.example`] })),
  );
  await deals.put(
    "attio_opportunities_raw",
    Array.from({ length: 5 }, (_, n) => ({
      external_id: `d${n}`,
      account_external_id: `c${n}`,
      title: `Deal ${n}`,
      stage: n ? "Qualified" : "Won",
    })),
  );
  await chats.put(
    "cw_contacts",
    Array.from({ length: 5 }, (_, n) => ({ contact_id: n + 1, name: `Contact ${n}`, email: `somebody@client${n}.example` })),
  );
  await mirror(here.scope(0), new Date("2026-03-02T10:00:00Z"));
});
afterAll(() => database.close());

const pages = async (door: typeof crm, path: string, list: string) => {
  const seen: { id: string }[] = [];
  let cursor: string | null = "";
  for (let page = 0; cursor !== null && page < 10; page++) {
    const { status, body } = await call(
      door,
      "GET",
      `${path}${path.includes("?") ? "&" : "?"}limit=2${cursor ? `&cursor=${cursor}` : ""}`,
      reader,
    );
    expect(status, JSON.stringify(body)).toBe(200);
    seen.push(...body[list]);
    cursor = body.next_cursor;
  }
  return seen;
};

test("lists are paged by cursor, each row once", async () => {
  expect(new Set((await pages(crm, "/crm/accounts", "accounts")).map((row) => row.id)).size).toBe(5);
  expect(await pages(crm, "/crm/opportunities", "opportunities")).toHaveLength(5);
  expect(await pages(crm, "/crm/opportunities?stage=won", "opportunities")).toHaveLength(1);
  expect((await call(identity, "POST", "/identity/suggestions/preview", writer)).body).toMatchObject({ ok: true, written: 5, left: 0 });
  expect(new Set((await pages(identity, "/identity/suggestions", "suggestions")).map((row) => row.id)).size).toBe(5);
});

test("a deal is made, moved, edited and given back over the wire", async () => {
  const [account] = await pages(crm, "/crm/accounts", "accounts");
  const made = await call(crm, "POST", "/crm/opportunities", writer, {
    account_id: account?.id,
    title: "By hand %_'\"",
    next_step: "Call",
    expected_close_date: "2026-05-01",
  });
  expect(made).toMatchObject({
    status: 201,
    body: { opportunity: { stage: "discovery", probability: 0.1, expected_close_date: "2026-05-01", edited_fields: { next_step: {} } } },
  });
  const [deal] = (await pages(crm, "/crm/opportunities?stage=won", "opportunities")) as { id: string }[];
  const moved = await call(crm, "POST", `/crm/opportunities/${deal?.id}/stage`, writer, { stage: "lost", reason: "Budget" });
  expect(moved.body.opportunity).toMatchObject({ stage: "lost", edited_fields: { stage: { by: "key:a key" } } });
  const history = await call(crm, "GET", `/crm/opportunities/${deal?.id}/stage-events`, reader);
  expect(history.body.stage_events).toMatchObject([
    { from_stage: "won", to_stage: "lost", reason: "Budget" },
    { from_stage: null, to_stage: "won" },
  ]);
  const edited = await call(crm, "PATCH", `/crm/opportunities/${deal?.id}`, writer, { amount_estimate: 12.5, owner_username: null });
  expect(Object.keys(edited.body.opportunity.edited_fields).toSorted()).toEqual(["amount_estimate", "owner_username", "stage"]);
  const back = await call(crm, "POST", `/crm/opportunities/${deal?.id}/follow`, writer, { fields: ["stage", "amount_estimate"] });
  expect(back.body.opportunity).toMatchObject({ stage: "won", amount_estimate: 0 });
  expect((await call(crm, "POST", `/crm/opportunities/${deal?.id}/follow`, writer, { fields: ["id"] })).status).toBe(400);
  expect((await call(crm, "POST", `/crm/opportunities/${made.body.opportunity.id}/follow`, writer, { fields: ["stage"] })).status).toBe(
    400,
  );
  expect((await call(crm, "GET", "/crm/overview", reader)).body.overview).toMatchObject({ accounts: 5, open: 5, won: 1 });
  expect((await call(crm, "GET", "/crm/coverage", reader)).body.coverage).toMatchObject({
    mirrored_opportunities: 5,
    opportunities_unmapped_to_crm_account: 0,
  });
});

test("an account is made once, edited, and its domain is read however it is written", async () => {
  const draft = { name: "Sever", domain: "https://WWW.Sever.example/about?x=1" };
  const made = await call(crm, "POST", "/crm/accounts", writer, draft);
  expect(made).toMatchObject({ status: 201, body: { account: { domain: "sever.example", source_system: "manual" } } });
  expect((await call(crm, "POST", "/crm/accounts", writer, draft)).status).toBe(409);
  const changed = await call(crm, "PATCH", `/crm/accounts/${made.body.account.id}`, writer, { stage: "active", domain: null });
  expect(changed.body.account).toMatchObject({ stage: "active", domain: null, name: "Sever" });
  for (const body of [{ name: "" }, { name: "x".repeat(301) }, { name: "a\0b" }, { nome: "x" }])
    expect((await call(crm, "POST", "/crm/accounts", writer, body)).status).toBe(400);
});

test("a suggestion is decided, linked and unlinked", async () => {
  const { body } = await call(identity, "GET", "/identity/suggestions", reader);
  const [first, second] = body.suggestions;
  expect(first).toMatchObject({
    left_name: expect.stringMatching(/^Contact/),
    right_name: expect.stringMatching(/^Client/),
    reason: "email_domain",
    confidence: 0.95,
  });
  expect((await call(identity, "POST", `/identity/suggestions/${first.id}/apply`, writer)).body.suggestion.status).toBe("applied");
  expect((await call(identity, "POST", `/identity/suggestions/${second.id}/dismiss`, writer)).body.suggestion.status).toBe("dismissed");
  expect((await call(identity, "POST", `/identity/suggestions/${second.id}/apply`, reader)).status).toBe(403);
  const links = await call(identity, "GET", "/identity/links", reader);
  expect(links.body.links).toMatchObject([{ left_entity_id: first.left_entity_id, created_by: "key:a key" }]);
  expect((await call(identity, "DELETE", `/identity/links/${links.body.links[0].id}`, writer)).status).toBe(200);
  expect((await call(identity, "GET", "/identity/suggestions?status=dismissed", reader)).body.suggestions).toHaveLength(2);
});
