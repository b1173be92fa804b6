import { choice } from "#test/simulators/attio/attributes.ts";
import { announce } from "#test/simulators/attio/notices.ts";
import type { Choice, Member, Webhook } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";
import { uuid } from "#test/simulators/uuid.ts";

/** What changes the workspace itself rather than a record in it. */
type Account = Store.Store;

export function addMember(store: Account, given: { name: string; email: string; admin?: boolean }): Member {
  const [first = "", ...rest] = given.name.split(" ");
  const id = uuid(`member:${given.email}`);
  const access = given.admin ? "admin" : "member";
  const member: Member = { id, first, last: rest.join(" "), email: given.email, access, created_at: Store.stampNow(store) };
  store.members.set(id, member);
  announce(store, "workspace-member.created", { workspace_id: store.workspaceId, workspace_member_id: id }, Store.by(id));
  return member;
}

export function suspendMember(store: Account, given: { id: string }): Member {
  const member = Store.must(store.members.get(given.id), `member ${given.id}`);
  member.access = "suspended";
  return member;
}

/** A workspace may do without deals: the object is then not listed, and asking for it is a 404. */
export function switchObject(store: Account, given: { object: string; on: boolean }): void {
  Store.must(store.objects.get(given.object), `object ${given.object}`).off = !given.on;
}

/** A new status of a deal, or a new option of a select: a value no reader has seen before. */
export function addChoice(store: Account, given: { object: string; attribute: string; title: string }): Choice {
  const shape = Store.must(store.objects.get(given.object), `object ${given.object}`);
  const attribute = Store.must(Store.attribute(shape, given.attribute), `attribute ${given.attribute}`);
  const made = choice(`${given.object}:${given.attribute}`, given.title);
  attribute.choices.push(made);
  return made;
}

/** The next query without sorts has another order, and so have equals in one with sorts. */
export function reorder(store: Account): { order: number } {
  store.order += 1;
  return { order: store.order };
}

/** Someone takes half of its rights from the token, or gives them back: half of the records are no longer there for it. */
export function narrow(store: Account, given: { on: boolean }): { narrowed: boolean } {
  store.narrowed = given.on;
  return { narrowed: store.narrowed };
}

/** Past the API, which takes https only: a test listens on 127.0.0.1. Without `events` every kind is subscribed to. */
export function addWebhook(store: Account, given: { url: string; subscriptions: Webhook["subscriptions"] }): Webhook {
  const id = Store.newId(store, "webhook");
  const webhook: Webhook = {
    id,
    url: given.url,
    secret: uuid(`secret:${id}`).replaceAll("-", ""),
    subscriptions: given.subscriptions,
    created_at: Store.stampNow(store),
  };
  store.webhooks.set(id, webhook);
  return webhook;
}
