import { Hono } from "hono";
import { BEHAVIOUR, ERRORS, WEBHOOK_EVENTS } from "#test/simulators/chatwoot/behaviour.ts";
import { type Call, type Handler, json, jsonText, pass } from "#test/simulators/chatwoot/doorway.ts";
import { contactMatcher, conversationMatcher, InvalidFilter } from "#test/simulators/chatwoot/filter.ts";
import * as Query from "#test/simulators/chatwoot/query.ts";
import * as Render from "#test/simulators/chatwoot/render.ts";
import type { Contact, Conversation, Message, Webhook } from "#test/simulators/chatwoot/rows.ts";
import { INCOMING, OUTGOING } from "#test/simulators/chatwoot/rows.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import type { World } from "#test/simulators/chatwoot/world.ts";
import * as RequestLog from "#test/simulators/log.ts";

type Fields = Record<string, unknown>;
const notFound = () => json(ERRORS.notFound, 404);
const fields = (body: unknown): Fields => (typeof body === "object" && body !== null ? (body as Fields) : {});

export function chatwootApp(world: World): Hono {
  const { store } = world;
  const app = new Hono();
  const route = (name: string, handler: Handler) => {
    const [method, pattern] = name.split(" ") as [string, string];
    app.on(method, `/api/v1/accounts/:account/${pattern}`, (c) => pass(world, name, c, handler));
  };
  const viewerOf = (call: Call) => (call.viewer.kind === "user" ? call.viewer.agent : undefined);
  const withConversation = (work: (call: Call, row: Conversation) => Response): Handler => {
    return (call) => {
      const row = store.conversations.get(Query.toI(call.c.req.param("id")));
      if (!row) return notFound();
      const viewer = viewerOf(call);
      return viewer && !Query.sees(viewer, row) ? json(ERRORS.notAuthorized, 401) : work(call, row);
    };
  };
  const page = (rows: readonly Conversation[]) => `[${rows.map((row) => Render.conversationJson(store, row)).join(",")}]`;

  route("GET conversations", (call) => {
    const viewer = viewerOf(call);
    if (!viewer) return notFound();
    const labels = call.c.req.queries("labels[]") ?? [];
    const { rows, counts } = Query.conversations(store, viewer, call.query, labels);
    const within = Query.toI(call.query.updated_within);
    const shown = call.query.updated_within
      ? rows.filter((row) => row.updated_at > store.now() - within)
      : Query.slice(rows, Query.pageOf(call.query), world.pageSize);
    const { mine, assigned, unassigned, all } = counts;
    const meta = JSON.stringify({ mine_count: mine, assigned_count: assigned, unassigned_count: unassigned, all_count: all });
    return jsonText(`{"data":{"meta":${meta},"payload":${page(shown)}}}`);
  });

  route("POST conversations/filter", (call) => {
    try {
      const matches = conversationMatcher(call.body, store);
      const viewer = viewerOf(call);
      const rows = Query.sorted(
        [...store.conversations.values()].filter((row) => viewer && Query.sees(viewer, row) && matches(row)),
        undefined,
      );
      const mine = rows.filter((row) => row.assigneeId === viewer?.id).length;
      const unassigned = rows.filter((row) => row.assigneeId === null).length;
      const meta = { mine_count: mine, assigned_count: rows.length - unassigned, unassigned_count: unassigned, all_count: rows.length };
      const shown = Query.slice(rows, Query.pageOf(call.query), world.pageSize);
      return jsonText(`{"meta":${JSON.stringify(meta)},"payload":${page(shown)}}`);
    } catch (error) {
      if (error instanceof InvalidFilter) return json({ error: error.message }, 422);
      throw error;
    }
  });

  route(
    "GET conversations/:id",
    withConversation((_, row) => jsonText(Render.conversationJson(store, row))),
  );

  route(
    "DELETE conversations/:id",
    withConversation((_, row) => {
      Verbs.deleteConversation(store, { id: row.id });
      return new Response(null, { status: 200 });
    }),
  );

  route(
    "GET conversations/:id/messages",
    withConversation((call, row) => {
      const rows = Query.messages(row, call.query);
      const payload = rows.map((one) => Render.messageJson(store, one)).join(",");
      return jsonText(`{"meta":${JSON.stringify(Render.messagesMeta(store, row))},"payload":[${payload}]}`);
    }),
  );

  route(
    "POST conversations/:id/messages",
    withConversation((call, row) => {
      const given = fields(call.body);
      const content = typeof given.content === "string" ? given.content : null;
      if (content !== null && content.length > BEHAVIOUR.contentMax)
        return json({ message: "Content is too long (maximum is 150000 characters)", attributes: ["content"] }, 422);
      const from =
        call.viewer.kind === "bot"
          ? { type: "AgentBot" as const, id: call.viewer.id }
          : { type: "User" as const, id: call.viewer.agent.id };
      const incoming = given.message_type === "incoming";
      const made = Verbs.addMessage(store, {
        conversationId: row.id,
        content,
        type: incoming ? INCOMING : OUTGOING,
        ...(incoming ? {} : { from }),
        private: given.private === true || given.private === "true",
        contentAttributes: fields(given.content_attributes),
        sourceId: typeof given.source_id === "string" ? given.source_id : null,
      });
      const echo = typeof given.echo_id === "string" ? { echo_id: given.echo_id } : {};
      return json({ ...Render.message(store, made), ...echo });
    }),
  );

  route(
    "DELETE conversations/:id/messages/:message",
    withConversation((call, row) => {
      const found = store.messages.get(Query.toI(call.c.req.param("message")));
      if (!found || found.conversationId !== row.id) return notFound();
      return json(Render.message(store, Verbs.deleteMessage(store, { id: found.id })));
    }),
  );

  route(
    "GET conversations/:id/attachments",
    withConversation((call, row) => {
      const all = row.messages.toReversed().flatMap((one: Message) => one.attachments.map((file) => ({ one, file })));
      const shown = Query.slice(all, Query.pageOf(call.query), BEHAVIOUR.attachmentsPerPage);
      const payload = shown.map(({ one, file }) => {
        const { sender } = Render.message(store, one);
        return { ...Render.attachment(store, file), created_at: Math.trunc(one.created_at), ...(sender ? { sender } : {}) };
      });
      return json({ meta: { total_count: all.length }, payload });
    }),
  );

  route(
    "GET conversations/:id/labels",
    withConversation((_, row) => json({ payload: row.labels })),
  );

  route(
    "POST conversations/:id/labels",
    withConversation((call, row) => {
      const { labels } = fields(call.body);
      const by = viewerOf(call)?.id;
      const given = Array.isArray(labels) ? labels.filter((one): one is string => typeof one === "string") : [];
      Verbs.label(store, { id: row.id, labels: given, ...(by === undefined ? {} : { by }) });
      return json({ payload: row.labels });
    }),
  );

  route(
    "POST conversations/:id/toggle_status",
    withConversation((call, row) => {
      const { status, snoozed_until } = fields(call.body);
      const by = viewerOf(call)?.id;
      const next = typeof status === "string" ? status : row.status === "open" ? "resolved" : "open";
      const until = typeof snoozed_until === "number" ? { snoozedUntil: snoozed_until } : {};
      Verbs.setStatus(store, { id: row.id, status: next, ...until, ...(by === undefined ? {} : { by }) });
      return json({ meta: {}, payload: { success: true, conversation_id: row.id, current_status: row.status, snoozed_until: null } });
    }),
  );

  const contactPage = (call: Call, name: string, wanted: (row: Contact) => boolean) => {
    const rows = Query.contacts(store, name, wanted, call.query.sort);
    const shown = Query.slice(rows, Query.pageOf(call.query), BEHAVIOUR.contactsPerPage);
    const inboxes = call.query.include_contact_inboxes === "false" ? undefined : Query.inboxesOf(store);
    return { rows, payload: shown.map((row) => Render.contact(row, inboxes && (inboxes.get(row.id) ?? []))) };
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
    return row ? json({ payload: Render.contact(row, Query.inboxesOf(store).get(row.id) ?? []) }) : notFound();
  });

  route("GET inboxes", (call) => {
    const viewer = viewerOf(call);
    const rows = [...store.inboxes.values()].filter((row) => viewer?.role === "administrator" || viewer?.inboxIds.includes(row.id));
    return json({ payload: rows.map(Render.inbox) });
  });
  route("GET labels", () => json({ payload: store.labels.map((row) => ({ ...row, show_on_sidebar: true })) }));
  route("GET agents", () => json([...store.agents.values()].map((row) => Render.agent(store, row))));
  route("GET teams", (call) => json([...store.teams.values()].map((row) => Render.team(store, row, viewerOf(call)))));
  route("GET custom_attribute_definitions", (call) => {
    const model = { "0": "conversation_attribute", "1": "contact_attribute" }[call.query.attribute_model ?? ""];
    return json(store.customAttributes.filter((row) => model === undefined || row.model === model).map(Render.customAttribute));
  });

  const webhook = (row: Webhook) => ({ ...row, account_id: store.accountId });
  const hook = (call: Call) => store.webhooks.get(Query.toI(call.c.req.param("id")));
  const unfit = ({ url, subscriptions }: Fields, known?: Webhook): Response | undefined => {
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

  app.notFound((c) => {
    const note = { at: store.now(), method: c.req.method, path: c.req.path, query: c.req.query(), route: "none", fault: undefined };
    RequestLog.write(world.log, { ...note, status: 404, verdict: "invalid", problems: [`no such route: ${c.req.method} ${c.req.path}`] });
    return new Response("<!DOCTYPE html><title>The page you were looking for doesn't exist (404)</title>", {
      status: 404,
      headers: { "content-type": "text/html" },
    });
  });
  return app;
}
