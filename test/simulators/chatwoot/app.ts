import { Hono } from "hono";
import { BEHAVIOUR, ERRORS } from "#test/simulators/chatwoot/behaviour.ts";
import { type Call, fields, type Handler, json, jsonText, notFound, pass, userOf } from "#test/simulators/chatwoot/doorway.ts";
import { conversationMatcher, InvalidFilter } from "#test/simulators/chatwoot/filter.ts";
import { directoryRoutes } from "#test/simulators/chatwoot/lists.ts";
import * as Query from "#test/simulators/chatwoot/query.ts";
import * as Render from "#test/simulators/chatwoot/render.ts";
import type { Conversation, Message } from "#test/simulators/chatwoot/rows.ts";
import { INCOMING, OUTGOING } from "#test/simulators/chatwoot/rows.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import type { World } from "#test/simulators/chatwoot/world.ts";
import * as RequestLog from "#test/simulators/log.ts";

export function chatwootApp(world: World): Hono {
  const { store } = world;
  const app = new Hono();
  const route = (name: string, handler: Handler) => {
    const [method, pattern] = name.split(" ") as [string, string];
    app.on(method, `/api/v1/accounts/:account/${pattern}`, (c) => pass(world, name, c, handler));
  };
  const withConversation = (work: (call: Call, row: Conversation) => Response): Handler => {
    return (call) => {
      const row = store.conversations.get(Query.toI(call.c.req.param("id")));
      if (!row) return notFound();
      const viewer = userOf(call);
      return viewer && !Query.sees(viewer, row) ? json(ERRORS.notAuthorized, 401) : work(call, row);
    };
  };
  const page = (rows: readonly Conversation[]) => `[${rows.map((row) => Render.conversationJson(store, row)).join(",")}]`;

  route("GET conversations", (call) => {
    const viewer = userOf(call);
    if (!viewer) return notFound();
    const labels = call.c.req.queries("labels[]") ?? call.c.req.queries("labels") ?? [];
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
      const viewer = userOf(call);
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
      const by = userOf(call)?.id;
      const given = Array.isArray(labels) ? labels.filter((one): one is string => typeof one === "string") : [];
      Verbs.label(store, { id: row.id, labels: given, ...(by === undefined ? {} : { by }) });
      return json({ payload: row.labels });
    }),
  );

  route(
    "POST conversations/:id/toggle_status",
    withConversation((call, row) => {
      const { status, snoozed_until } = fields(call.body);
      const by = userOf(call)?.id;
      const next = typeof status === "string" ? status : row.status === "open" ? "resolved" : "open";
      const until = typeof snoozed_until === "number" ? { snoozedUntil: snoozed_until } : {};
      Verbs.setStatus(store, { id: row.id, status: next, ...until, ...(by === undefined ? {} : { by }) });
      return json({ meta: {}, payload: { success: true, conversation_id: row.id, current_status: row.status, snoozed_until: null } });
    }),
  );

  directoryRoutes(store, route);

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
