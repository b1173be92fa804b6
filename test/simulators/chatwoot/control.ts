import type { Hono } from "hono";
import * as People from "#test/simulators/chatwoot/people.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import type { World } from "#test/simulators/chatwoot/world.ts";
import type { Clock } from "#test/simulators/clock.ts";
import { planeApp } from "#test/simulators/plane.ts";

type Verb = (store: Store.Store, args: never) => unknown;
const VERBS: Readonly<Record<string, Verb>> = {
  createConversation: Verbs.createConversation,
  addMessage: Verbs.addMessage,
  importOldMessages: Verbs.importOldMessages,
  editMessage: Verbs.editMessage,
  deleteMessage: Verbs.deleteMessage,
  setStatus: Verbs.setStatus,
  label: Verbs.label,
  assign: Verbs.assign,
  editConversation: Verbs.editConversation,
  deleteConversation: Verbs.deleteConversation,
  addInbox: People.addInbox,
  addAgent: People.addAgent,
  createContact: People.createContact,
  editContact: People.editContact,
  mergeContacts: People.mergeContacts,
  deleteContact: People.deleteContact,
};

export function mutate(store: Store.Store, verb: string, args: unknown): unknown {
  const run = VERBS[verb];
  if (!run) throw new Error(`no such verb: ${verb}; there are ${Object.keys(VERBS).join(", ")}`);
  return run(store, args as never);
}

/** What a test or the demo does to the simulator from outside, on a port of its own. `reset` fills the store anew. */
export function controlApp(world: World, clock: Clock, reset: () => void): Hono {
  const { store, log, faults } = world;
  return planeApp({
    log,
    faults,
    clock,
    reset,
    mutate: (verb, args) => bare(mutate(store, verb, args)),
    counts: () => Store.counts(store),
  });
}

/** A row without what it carries along for itself. */
function bare(row: unknown): unknown {
  if (Array.isArray(row)) return row.map(bare);
  if (typeof row !== "object" || row === null) return row ?? null;
  const { json: _, byTime: __, messages: ___, ...rest } = row as Record<string, unknown>;
  return rest;
}
