import type { Actor, Shape } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";

type Id = Record<string, string>;

/** docs.attio.com/rest-api/webhook-reference: ids and an actor; who wants the values reads the record again. */
export function announce(store: Store.Store, event: string, id: Id, actor: Actor, more: Id = {}): void {
  for (const listener of store.listeners) listener({ event_type: event, id, ...more, actor });
}

/** One event for each attribute that changed. */
export function announceChange(store: Store.Store, event: string, shape: Shape, slugs: readonly string[], id: Id, actor: Actor, more?: Id) {
  for (const slug of slugs) {
    const attribute = Store.must(Store.attribute(shape, slug), `attribute ${slug}`);
    announce(store, event, { ...id, attribute_id: attribute.id }, actor, more);
  }
}
