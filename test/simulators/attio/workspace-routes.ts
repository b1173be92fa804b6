import type { Route } from "#test/simulators/attio/app.ts";
import { BEHAVIOUR } from "#test/simulators/attio/behaviour.ts";
import * as Query from "#test/simulators/attio/query.ts";
import { notFound, Refusal } from "#test/simulators/attio/refusal.ts";
import * as Render from "#test/simulators/attio/render.ts";
import type { Subscription, Webhook } from "#test/simulators/attio/rows.ts";
import type * as Store from "#test/simulators/attio/store.ts";
import { addWebhook } from "#test/simulators/attio/studio.ts";
import { json } from "#test/simulators/gate.ts";

export function workspaceRoutes(store: Store.Store, route: Route): void {
  route("GET workspace_members", () => json({ data: [...store.members.values()].map((one) => Render.member(store, one)) }));
  route("GET workspace_members/:member", ({ at }) => {
    const member = store.members.get(at("member"));
    if (!member) throw notFound(`Workspace member with ID "${at("member")}"`);
    return json({ data: Render.member(store, member) });
  });

  const webhookOf = (id: string): Webhook => {
    const found = store.webhooks.get(id);
    if (!found) throw new Refusal(404, "not_found", `Webhook with ID "${id}" was not found.`);
    return found;
  };
  route("GET webhooks", ({ query }) => {
    const { limit, offset } = Query.span(query.limit, query.offset, BEHAVIOUR.webhooksLimit, BEHAVIOUR.webhooksMax);
    return json({ data: [...store.webhooks.values()].slice(offset, offset + limit).map((one) => Render.webhook(store, one)) });
  });
  route("POST webhooks", ({ data }) => {
    const made = addWebhook(store, { url: secure(data.target_url), subscriptions: (data.subscriptions ?? []) as Subscription[] });
    return json({ data: Render.webhook(store, made, true) });
  });
  route("GET webhooks/:webhook", ({ at }) => json({ data: Render.webhook(store, webhookOf(at("webhook"))) }));
  route("PATCH webhooks/:webhook", ({ at, data }) => {
    const found = webhookOf(at("webhook"));
    if (data.target_url !== undefined) found.url = secure(data.target_url);
    if (Array.isArray(data.subscriptions)) found.subscriptions = data.subscriptions as Subscription[];
    return json({ data: Render.webhook(store, found) });
  });
  route("DELETE webhooks/:webhook", ({ at }) => {
    store.webhooks.delete(webhookOf(at("webhook")).id);
    return json({});
  });
}

function secure(url: unknown): string {
  if (typeof url !== "string" || !url.startsWith("https://"))
    throw new Refusal(400, "validation_type", "target_url must be an https address.");
  return url;
}
