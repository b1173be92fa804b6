import { BEHAVIOUR, WEBHOOK_EVENTS } from "#test/simulators/chatwoot/behaviour.ts";
import * as Directory from "#test/simulators/chatwoot/directory.ts";
import { type Call, fields, type Handler, json, notFound, userOf } from "#test/simulators/chatwoot/doorway.ts";
import { contactMatcher, InvalidFilter } from "#test/simulators/chatwoot/filter.ts";
import * as Query from "#test/simulators/chatwoot/query.ts";
import type { Contact, Webhook } from "#test/simulators/chatwoot/rows.ts";
import type { Store } from "#test/simulators/chatwoot/store.ts";

type Route = (name: string, handler: Handler) => void;

/** Everything that is not a conversation: contacts, the account's lists, webhooks. */
export function directoryRoutes(store: Store, route: Route): void {
  const contactPage = (call: Call, name: string, wanted: (row: Contact) => boolean) => {
    const rows = Query.contacts(store, name, wanted, call.query.sort);
    const shown = Query.slice(rows, Query.pageOf(call.query), BEHAVIOUR.contactsPerPage);
    const inboxes = call.query.include_contact_inboxes === "false" ? undefined : Query.inboxesOf(store);
    return { rows, payload: shown.map((row) => Directory.contact(row, inboxes && (inboxes.get(row.id) ?? []))) };
  };

  route("GET contacts", (call) => {
    const labels = call.c.req.queries("labels[]") ?? [];
    const { rows, payload } = contactPage(call, "resolved", (row) => Query.resolved(row) && labels.length === 0);
    return json({ meta: { count: rows.length, current_page: call.query.page ?? 1 }, payload });
  });

  route("GET contacts/search", (call) => {
    const words = call.query.q?.trim().toLowerCase() ?? "";
    if (words === "") return json({ error: "Specify search string with parameter q" }, 422);
    const hit = (row: Contact) => [row.name, row.email, row.phone_number, row.identifier].some((one) => one?.toLowerCase().includes(words));
    const { rows, payload } = contactPage(call, `search:${words}`, hit);
    const more = rows.length > Query.pageOf(call.query) * BEHAVIOUR.contactsPerPage;
    return json({ meta: { count: payload.length, current_page: call.query.page ?? 1, has_more: more }, payload });
  });

  route("POST contacts/filter", (call) => {
    try {
      const matches = contactMatcher(call.body);
      const { rows, payload } = contactPage(call, `filter:${JSON.stringify(call.body)}`, (row) => Query.resolved(row) && matches(row));
      return json({ meta: { count: rows.length, current_page: call.query.page ?? 1 }, payload });
    } catch (error) {
      if (error instanceof InvalidFilter) return json({ error: error.message }, 422);
      throw error;
    }
  });

  route("GET contacts/:id", (call) => {
    const row = store.contacts.get(Query.toI(call.c.req.param("id")));
    return row ? json({ payload: Directory.contact(row, Query.inboxesOf(store).get(row.id) ?? []) }) : notFound();
  });

  route("GET inboxes", (call) => {
    const viewer = userOf(call);
    const rows = [...store.inboxes.values()].filter((row) => viewer?.role === "administrator" || viewer?.inboxIds.includes(row.id));
    return json({ payload: rows.map(Directory.inbox) });
  });
  route("GET labels", () => json({ payload: store.labels.map((row) => ({ ...row, show_on_sidebar: true })) }));
  route("GET agents", () => json([...store.agents.values()].map((row) => Directory.agent(store, row))));
  route("GET teams", (call) => json([...store.teams.values()].map((row) => Directory.team(store, row, userOf(call)))));
  route("GET custom_attribute_definitions", (call) => {
    const model = { "0": "conversation_attribute", "1": "contact_attribute" }[call.query.attribute_model ?? ""];
    return json(store.customAttributes.filter((row) => model === undefined || row.model === model).map(Directory.customAttribute));
  });

  const webhook = (row: Webhook) => ({ ...row, account_id: store.accountId });
  const hook = (call: Call) => store.webhooks.get(Query.toI(call.c.req.param("id")));
  const unfit = ({ url, subscriptions }: Readonly<Record<string, unknown>>, known?: Webhook): Response | undefined => {
    const taken = [...store.webhooks.values()].some((row) => row.url === url && row !== known);
    if (taken) return json({ message: "Url has already been taken", attributes: ["url"] }, 422);
    if (!URL.canParse(String(url ?? known?.url))) return json({ message: "Url is invalid", attributes: ["url"] }, 422);
    const events: readonly unknown[] = Array.isArray(subscriptions) ? subscriptions : (known?.subscriptions ?? []);
    const fine = events.length > 0 && events.every((one) => WEBHOOK_EVENTS.some((event) => event === one));
    return fine ? undefined : json({ message: "Subscriptions Invalid events", attributes: ["subscriptions"] }, 422);
  };
  route("GET webhooks", () => json({ payload: { webhooks: [...store.webhooks.values()].map(webhook) } }));
  route("POST webhooks", (call) => {
    const given = fields(call.body);
    const refused = unfit(given);
    if (refused) return refused;
    const id = store.next.webhook++;
    const row = {
      id,
      url: String(given.url),
      name: String(given.name ?? ""),
      subscriptions: given.subscriptions as string[],
      secret: `whsec_${id}`,
    };
    store.webhooks.set(id, row);
    return json({ payload: { webhook: webhook(row) } });
  });
  route("PATCH webhooks/:id", (call) => {
    const row = hook(call);
    if (!row) return notFound();
    const given = fields(call.body);
    const refused = unfit(given, row);
    if (refused) return refused;
    if (typeof given.url === "string") row.url = given.url;
    if (typeof given.name === "string") row.name = given.name;
    if (Array.isArray(given.subscriptions)) row.subscriptions = given.subscriptions;
    return json({ payload: { webhook: webhook(row) } });
  });
  route("DELETE webhooks/:id", (call) => {
    const row = hook(call);
    if (!row) return notFound();
    store.webhooks.delete(row.id);
    return new Response(null, { status: 200 });
  });
}
