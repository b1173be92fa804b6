import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import * as Binding from "#core/connectors/binding.ts";
import * as Metrics from "#core/connectors/metrics.ts";
import * as Opportunity from "#core/crm/opportunity.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import * as Suggestion from "#core/identity/suggestion.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { person } from "#test/people.ts";
import { startAgency } from "#test/simulators/agency.ts";
import * as Records from "#test/simulators/attio/records.ts";
import * as ChatVerbs from "#test/simulators/chatwoot/verbs.ts";
import { arm } from "#test/simulators/faults.ts";
import * as LinearVerbs from "#test/simulators/linear/verbs.ts";
import { clear, faulty } from "#test/simulators/log.ts";
import { connect, fingerprint, pass, type World, world } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";

type Agency = Awaited<ReturnType<typeof startAgency>>;
let database: TestDatabase;
let w: World;
let agency: Agency;

beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  w = await world(4);
  agency = await startAgency({ size: "small", now: () => Clock.now(), filledAt: new Date(), validate: true, rateLimit: false });
  const connections = new Map<string, string>();
  for (const { close: _, ...source } of agency.sources) connections.set(source.source, (await connect(w, source)).connectionId);
  for (const [n, { parts }] of agency.clients.entries()) {
    const drafts = parts.map(({ source, ...part }) => ({ ...Binding.whole(connections.get(source) ?? ""), ...part }));
    await transaction(w.scope(n), () => Binding.replace(w.scope(n), drafts, "test"));
  }
});
afterEach(async () => {
  Clock.reset();
  for (const sim of [agency.chatwoot, agency.linear, agency.attio]) expect(faulty(sim.log)).toEqual([]);
  await Promise.all([w.sim.close(), ...agency.sources.map((source) => source.close())]);
});
afterAll(() => database.close());

type Held = { conversations: number; issues: number; deals: number };
const held = async (n: number): Promise<Held | undefined> => {
  const [row] = await transaction(
    w.scope(n),
    () => sql<Held[]>`
    select (select count(*) from cw_conversations where deleted_at is null) as conversations, (select count(*) from linear_issues_raw where deleted_at is null) as issues,
      (select count(*) from attio_opportunities_raw where deleted_at is null) as deals`,
  );
  return row && { ...row };
};
/** What the three stores hold of a client. */
function wanted(n: number): Held {
  const { client } = agency.clients[n] as Agency["clients"][number];
  const inbox = [...agency.chatwoot.store.inboxes.values()].find((one) => one.name === client.inbox)?.id;
  const project = [...agency.linear.store.projects.values()].find((one) => one.name === client.project)?.id;
  const company = [...agency.attio.store.records.values()].find((row) =>
    row.values.domains?.some((value) => value.domain === client.domain),
  )?.id;
  return {
    conversations: [...agency.chatwoot.store.conversations.values()].filter((row) => row.inboxId === inbox).length,
    issues: [...agency.linear.store.issues.values()].filter((row) => row.projectId === project).length,
    deals: [...agency.attio.store.records.values()].filter((row) =>
      row.values.associated_company?.some((value) => value.target_record_id === company),
    ).length,
  };
}

test("each client's project holds its chats, tasks and deals and nothing else; a quiet cycle of all three writes nothing and asks little", async () => {
  await w.run(CYCLE);
  for (const n of agency.clients.keys()) {
    if (n > 0) await w.run(CYCLE, n);
    expect(await held(n)).toEqual(wanted(n));
  }
  expect(wanted(0)).toMatchObject({ issues: expect.any(Number), deals: 2 });
  const before = await fingerprint();
  pass(900);
  for (const sim of [agency.chatwoot, agency.linear, agency.attio]) clear(sim.log);
  const { counters } = await w.run(CYCLE);
  expect(await fingerprint()).toEqual(before);
  expect((counters.requests ?? 99) - (counters.sweep_requests ?? 0)).toBeLessThanOrEqual(12);
});

test("a source that is broken holds up neither the others nor what they set off", async () => {
  arm(agency.linear.faults, { kind: "status", status: 500, times: 0 });
  const run = await w.run(CYCLE);
  expect(run).toMatchObject({ status: "queued", reason: { params: { code: expect.stringMatching(/^(upstream|circuit_open)$/) } } });
  expect(await held(0)).toEqual({ ...wanted(0), issues: 0 });
  const mirrored = await systemSql`select from job_runs where job = 'crm_mirror' and status = 'ok' and project_id = ${w.projects[0] ?? ""}`;
  expect(mirrored).toHaveLength(1);
  expect((await Opportunity.list(w.scope(0), { stage: undefined, before: undefined, limit: 10 })).length).toBe(wanted(0).deals);
});

test("rows deleted, changed and doubled behind its back are named and healed, and completeness tells before and after", async () => {
  await w.run(CYCLE);
  const [message] = await inFirst<{
    id: number;
  }>`select message_id as id from cw_messages where message_type <> 'activity' order by message_id limit 1`;
  const [issue] = await inFirst<{ id: string }>`select external_id as id from linear_issues_raw order by external_id limit 1`;
  const [deal] = await inFirst<{ id: string }>`select external_id as id from attio_opportunities_raw order by external_id limit 1`;
  await asOwner(async () => {
    await sql`delete from cw_messages where message_id = ${message?.id ?? 0}`;
    await sql`update linear_issues_raw set title = 'changed behind our back' where external_id = ${issue?.id ?? ""}`;
    await sql`update attio_opportunities_raw set amount = 1 where external_id = ${deal?.id ?? ""}`;
    await sql`
      insert into linear_issues_raw (project_id, account_scope_id, connection_id, external_id, identifier, title, linear_project_external_id, first_seen_at, changed_at, updated_at, created_at)
      select project_id, account_scope_id, connection_id, 'doubled', identifier, title, linear_project_external_id, first_seen_at, changed_at, updated_at, created_at
      from linear_issues_raw where external_id <> ${issue?.id ?? ""} and project_id = ${w.projects[0] ?? ""} limit 1`;
  });
  pass(3_600);
  expect(await w.run(CRAWL, 0, "manual")).toMatchObject({ status: "ok" });
  const found = await Metrics.differences(w.scope(0), { connector: undefined, before: undefined, limit: 50 });
  const named = found.map(({ connector, why }) => `${connector} ${why}`);
  expect(found.map((one) => one.recordRef)).toEqual(
    expect.arrayContaining([`message:${message?.id}`, `issue:${issue?.id}`, `deal:${deal?.id}`]),
  );
  expect(named).toEqual(expect.arrayContaining(["chatwoot missing", "linear stale", "attio stale"]));
  expect(found.find((one) => one.recordRef.endsWith("doubled"))?.why).toMatch(/extra|duplicate/);
  const completeness = async () => {
    const metrics = await Metrics.list(w.scope(0), { before: undefined, limit: 50, since: undefined });
    return metrics
      .filter((one) => one.source === "manual")
      .slice(0, 4)
      .map((one) => one.completenessPct);
  };
  expect(Math.max(...(await completeness()))).toBeLessThan(100);
  pass(86_400);
  await w.run(CRAWL, 0, "manual");
  expect(await completeness()).toEqual([100, 100, 100, 100]);
  expect(await held(0)).toEqual(wanted(0));
});

test("a stage set by hand and a dismissed suggestion last through ten syncs while the sources move", async () => {
  const owner = await person(w, "owner");
  await w.run(CYCLE);
  const scope = w.scope(0);
  const [deal] = (await Opportunity.list(scope, { stage: undefined, before: undefined, limit: 10 })).filter(
    (one) => one.title === "Oakline gift cards",
  );
  expect(deal?.stage).toBe("negotiation");
  await Opportunity.change(owner, scope, deal?.id ?? "", { stage: "won", reason: "signed on paper" });
  const proposed = await Suggestion.list(scope, { status: "proposed", after: undefined, limit: 50 });
  const dismissed = proposed[0];
  await Suggestion.dismiss(owner, scope, dismissed?.id ?? "");
  const row = [...agency.attio.store.records.values()].find((one) =>
    one.values.name?.some((value) => value.value === "Oakline gift cards"),
  );
  const conversation = [...agency.chatwoot.store.conversations.values()].find((one) => one.inboxId === 1);
  const issue = [...agency.linear.store.issues.values()][0];
  for (let n = 0; n < 10; n++) {
    Records.moveStage(agency.attio.store, { id: row?.id ?? "", stage: n % 2 ? "Proposal" : "Negotiation" });
    ChatVerbs.addMessage(agency.chatwoot.store, {
      conversationId: conversation?.id ?? 0,
      content: `again ${n}`,
      type: 0,
      from: { type: "Contact", id: conversation?.contactId ?? 0 },
    });
    LinearVerbs.editIssue(agency.linear.store, { id: issue?.id ?? "", title: `again ${n}` });
    pass(900);
    expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
  }
  expect(await Opportunity.get(scope, deal?.id ?? "")).toMatchObject({ stage: "won" });
  const after = await Suggestion.list(scope, { status: "all", after: undefined, limit: 100 });
  expect(after.filter((one) => one.status === "dismissed").map((one) => one.id)).toEqual([dismissed?.id]);
  const again = (one: Suggestion.Info) => one.leftEntityId === dismissed?.leftEntityId && one.rightEntityId === dismissed?.rightEntityId;
  expect(after.filter(again)).toHaveLength(1);
});

/** Rows of the first project. */
function inFirst<T extends object>(strings: TemplateStringsArray, ...values: string[]): Promise<T[]> {
  return transaction(w.scope(0), async () => [...(await sql<T[]>(strings, ...values))]);
}
