import { computed } from "#test/simulators/linear/computed.ts";
import { one, type Row } from "#test/simulators/linear/graph.ts";
import { instant, type Store } from "#test/simulators/linear/store.ts";

/** Children that a payload carries along, and the fields of each (the schema's *ChildWebhookPayload types). */
const CHILDREN: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Issue: {
    team: ["id", "key", "name"],
    state: ["id", "name", "type", "color"],
    project: ["id", "name", "url"],
    cycle: ["id", "number", "name", "startsAt", "endsAt"],
    assignee: ["id", "name", "email", "url"],
    creator: ["id", "name", "email", "url"],
  },
  Comment: { issue: ["id", "title", "identifier", "url", "teamId"], user: ["id", "name", "email", "url"], parent: ["id", "body"] },
  Project: { status: ["id", "name", "type", "color"], lead: ["id", "name", "email", "url"] },
  Document: { project: ["id", "name", "url"] },
};
/** What follows from a row and is told with it. */
const DERIVED: Readonly<Record<string, readonly string[]>> = {
  Issue: ["identifier", "url", "priorityLabel", "sortOrder", "prioritySortOrder"],
  Project: ["url", "state"],
  Document: ["url"],
  Comment: [],
};
const INSTANTS = /At$/;

/** Tells whoever listens. Without webhooks nothing is rendered: filling a big workspace must not cost what its webhooks would. */
export function announce(
  store: Store,
  action: "create" | "update" | "remove",
  type: string,
  row: Row,
  actorId: string | null,
  before?: Readonly<Record<string, unknown>>,
): void {
  if (store.webhooks.size === 0) return;
  const data = payload(store, type, row);
  const updatedFrom = before && dated(before);
  const url = typeof data.url === "string" ? data.url : null;
  for (const listener of store.listeners) listener({ action, type, data, ...(updatedFrom ? { updatedFrom } : {}), actorId, url });
}

function payload(store: Store, type: string, row: Row): Record<string, unknown> {
  const derived = (DERIVED[type] ?? []).map((key) => [key, derive(store, type, row, key)]);
  const children = Object.entries(CHILDREN[type] ?? {}).flatMap(([key, fields]) => {
    const [target, find] = one(type, key) ?? [];
    const found = find?.(store, row as never);
    if (!found || !target) return [];
    const values = fields.map((field) => [field, derive(store, target, found, field)]);
    return [[key, shown(Object.fromEntries(values))]];
  });
  const { labelIds } = row as unknown as { labelIds?: string[] };
  const labels = labelIds
    ?.flatMap((id) => store.issueLabels.get(id) ?? [])
    .map(({ id, name, color, parentId }) => ({ id, name, color, parentId }));
  return {
    ...shown(row),
    ...Object.fromEntries(derived),
    ...Object.fromEntries(children),
    ...(labels && type === "Issue" ? { labels } : {}),
  };
}

function derive(store: Store, type: string, row: Row, key: string): unknown {
  // Nobody is looking: what depends on the viewer is in no payload.
  const read = computed(type, key);
  return read ? read(row as never, store, undefined as never) : row[key as keyof Row];
}

/** Without what is absent. */
function shown(row: Readonly<Record<string, unknown>> | Row): Record<string, unknown> {
  return dated(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
}

function dated(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = (key: string, value: unknown) => (INSTANTS.test(key) && typeof value === "number" ? new Date(value).toISOString() : value);
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, text(key, value)]));
}

/** The envelope of every delivery: EntityWebhookPayload of the schema. */
export function envelope(store: Store, webhookId: string, notice: Parameters<Parameters<Store["listeners"]["add"]>[0]>[0]) {
  const actor = notice.actorId === null ? undefined : store.users.get(notice.actorId);
  const now = instant(store);
  return {
    action: notice.action,
    type: notice.type,
    createdAt: new Date(now).toISOString(),
    organizationId: store.organization.id,
    webhookId,
    webhookTimestamp: now,
    data: notice.data,
    ...(notice.updatedFrom ? { updatedFrom: notice.updatedFrom } : {}),
    ...(notice.url ? { url: notice.url } : {}),
    ...(actor ? { actor: { id: actor.id, type: "user", name: actor.name, email: actor.email } } : {}),
  };
}
