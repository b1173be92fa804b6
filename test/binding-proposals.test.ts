import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as Binding from "#core/connectors/binding.ts";
import { mirror } from "#core/crm/mirror.ts";
import { transaction } from "#core/db.ts";
import * as BindingProposal from "#core/identity/binding-proposal.ts";
import { propose } from "#core/identity/propose.ts";
import { queueLimits } from "#core/jobs/catalogue.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { audited, type Person, person } from "#test/people.ts";
import { type Raw, raw, written } from "#test/raw.ts";
import { CLIENTS, STUDIO, TEAM } from "#test/simulators/cast.ts";
import { type Studio, studio } from "#test/studio.ts";

const NOW = new Date("2026-03-02T10:00:00Z");
let database: TestDatabase;
let here: Studio;
let owner: Person;
let chats: Raw;
let tasks: Raw;
let deals: Raw;
beforeAll(async () => {
  database = await freshDatabase();
  Queue.use(embeddedQueue(queueLimits));
});
afterAll(async () => {
  Queue.use(undefined);
  await database.close();
});

/** The demo's cast, all read into one project; of one client the chats come from an inbox whose name says nothing. */
beforeEach(async () => {
  here = await studio(2);
  owner = await person(here, "owner");
  [chats, tasks, deals] = [await raw(here, 0, "chatwoot"), await raw(here, 0, "linear"), await raw(here, 0, "attio")];
  await chats.put("cw_inboxes_raw", [
    ...CLIENTS.map(({ key, inbox }, n) => ({ inbox_id: n + 1, name: key === "brightpier" ? "Support" : inbox })),
    { inbox_id: 9, name: "General" },
  ]);
  const people = CLIENTS.flatMap((client, n) => client.contacts.map((contact) => ({ ...contact, inbox: n + 1 })));
  await chats.put(
    "cw_contacts",
    people.map(({ name, email }, n) => ({ contact_id: n + 1, name, email })),
  );
  const talk = { status: "open", created_at: NOW };
  await chats.put("cw_conversations", [
    ...people.map(({ inbox }, n) => ({ ...talk, conversation_id: n + 1, inbox_id: inbox, contact_id: n + 1 })),
    ...people.map((_, n) => ({ ...talk, conversation_id: 100 + n, inbox_id: 9, contact_id: n + 1 })),
  ]);
  await tasks.put("linear_projects_raw", [
    ...CLIENTS.map(({ key, project }) => ({ external_id: key, name: project })),
    { external_id: "own", name: "Foxglove website" },
  ]);
  await deals.put(
    "attio_members_raw",
    TEAM.map(({ name, email }, n) => ({ external_id: `m${n}`, name, email })),
  );
  await deals.put("attio_accounts_raw", [
    ...CLIENTS.map(({ key, company, domain }) => ({ external_id: key, name: company, domains: [domain] })),
    { external_id: "studio", name: STUDIO.name, domains: [STUDIO.domain] },
  ]);
  await mirror(here.scope(0), NOW);
});

const all = (status: BindingProposal.Filter["status"] = "proposed") =>
  BindingProposal.list({ accountScopeId: here.accountScopeId }, { status, after: undefined, limit: 50 });
const of = async (client: string) => {
  const found = (await all()).find((one) => one.client === client);
  if (!found) throw new Error(`nothing is proposed for ${client}`);
  return found;
};

test("each client's inbox, Linear project and company are found, in both alphabets, and the studio's own are nobody's", async () => {
  expect(await propose(owner, NOW)).toEqual({ written: CLIENTS.length, removed: 0 });
  const told = (await all()).map(({ client, parts }) => [client, parts.map((part) => `${part.kind} ${part.id}`)]);
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(
      CLIENTS.map(({ key, company }, n) => [company, [`attio_company ${key}`, `inbox ${n + 1}`, `linear_project ${key}`]]),
    ),
  );
  expect((await of("Brightpier Finance")).parts.find((part) => part.kind === "inbox")).toMatchObject({
    name: "Support",
    reason: "email_domain",
    boundTo: null,
  });
  const before = await written(here, ["binding_proposals", "identity_entities"]);
  expect(await propose(owner, new Date(NOW.getTime() + 60_000))).toEqual({ written: 0, removed: 0 });
  expect(await written(here, ["binding_proposals", "identity_entities"])).toEqual(before);
});

test("an accepted one is bound beside what feeds the project, and a dismissed one does not return", async () => {
  const [, second = ""] = here.projects;
  const target = here.scope(1);
  await transaction(target, () =>
    Binding.replace(target, [Binding.Draft.parse({ connectionId: chats.connectionId, labels: ["vip"] })], "test"),
  );
  await propose(owner, NOW);
  const { id } = await of("Северный чай");
  const accepted = await BindingProposal.accept(owner, id, second);
  expect(accepted.proposal).toMatchObject({ status: "accepted", acceptedProjectId: second, decidedBy: owner.username });
  expect(accepted.runId).not.toBeNull();
  const bindings = await Binding.all(target);
  expect(bindings).toHaveLength(4);
  expect(bindings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ connectionId: chats.connectionId, labels: ["vip"], inboxIds: [] }),
      expect.objectContaining({ connectionId: chats.connectionId, inboxIds: [2], labels: [] }),
      expect.objectContaining({ connectionId: tasks.connectionId, linearProjectIds: ["sevchai"] }),
      expect.objectContaining({ connectionId: deals.connectionId, companies: ["sevchai"] }),
    ]),
  );
  await expect(BindingProposal.accept(owner, id, second)).rejects.toThrow("exists already");
  const dismissed = await BindingProposal.dismiss(owner, (await of("Oakline Interiors")).id);
  await tasks.put("linear_projects_raw", [{ external_id: "more", name: "Oakline Interiors" }]);
  for (let run = 0; run < 10; run++) await propose(owner, new Date(NOW.getTime() + run * 60_000));
  expect((await all()).map((one) => one.client).toSorted()).toEqual(["Brightpier Finance", "Тулпар Логистика"]);
  expect((await all("dismissed")).map((one) => one.id)).toEqual([dismissed.id]);
  expect(await audited(here.accountScopeId)).toEqual(["binding_proposal_accepted", "binding_proposal_dismissed"]);
});

test("what is no longer so is taken back; another studio sees and decides nothing of it", async () => {
  await propose(owner, NOW);
  const { id } = await of("Тулпар Логистика");
  const elsewhere = await studio(1);
  const stranger = await person(elsewhere, "owner");
  await expect(BindingProposal.dismiss(stranger, id)).rejects.toThrow("no such proposal");
  await expect(BindingProposal.accept(stranger, id, elsewhere.projects[0] ?? "")).rejects.toThrow("no such proposal");
  await expect(BindingProposal.accept(owner, id, elsewhere.projects[0] ?? "")).rejects.toThrow("no such project");
  expect(await propose(stranger, NOW)).toEqual({ written: 0, removed: 0 });
  await deals.set("attio_accounts_raw", "tulpar", { deleted_at: NOW });
  await mirror(here.scope(0), NOW);
  expect(await propose(owner, NOW)).toEqual({ written: 0, removed: 1 });
  expect(await all()).toHaveLength(CLIENTS.length - 1);
});
