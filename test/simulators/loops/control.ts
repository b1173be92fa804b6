import type { World } from "#test/simulators/loops/app.ts";
import * as Contacts from "#test/simulators/loops/contacts.ts";
import * as Mail from "#test/simulators/loops/mail.ts";
import type { Store } from "#test/simulators/loops/store.ts";
import { addWebhook } from "#test/simulators/loops/webhooks.ts";

type Verb = (store: Store, args: never) => unknown;
const VERBS: Readonly<Record<string, Verb>> = {
  createContact: Contacts.createContact,
  updateContact: Contacts.updateContact,
  deleteContact: Contacts.deleteContact,
  addProperty: Contacts.addProperty,
  addList: Contacts.addList,
  addWebhook,
  unsubscribe: Mail.unsubscribe,
  resubscribe: Mail.resubscribe,
  leaveList: Mail.leaveList,
  hardBounce: Mail.hardBounce,
  softBounce: Mail.softBounce,
  reportSpam: Mail.reportSpam,
};

/** What may be done by name to the audience from the control plane, and between two requests by a fault. */
export function mutate(world: World, verb: string, args: unknown): unknown {
  if (verb === "revokeKey") return world.revoked.add((args as { key: string }).key).size;
  const run = VERBS[verb];
  if (!run) throw new Error(`no such verb: ${verb}; there are ${Object.keys(VERBS).join(", ")}, revokeKey`);
  return run(world.store, args as never);
}
