import * as Payload from "#core/connectors/payload.ts";
import { hmac, isHex } from "#core/connectors/signature.ts";
import type { Receiver } from "#core/connectors/webhook.ts";

const KINDS = { companies: "company", people: "person", deals: "deal" } as const;

/**
 * Attio signs the raw body in hex, without any time (docs.attio.com/rest-api/guides/webhooks): a replay is known by its Idempotency-Key alone. The body
 * holds ids only, several events at once.
 */
export const receiver: Receiver = {
  isSigned: ({ headers, body }, secret) => isHex(headers.get("attio-signature") ?? headers.get("x-attio-signature"), hmac(secret, body)),
  isFresh: () => true,
  // Two changes of one record have the same body, so its signature names no delivery.
  idOf: ({ headers }) => headers.get("idempotency-key"),
  read: (payload, known) => {
    const events = (Array.isArray(payload.events) ? payload.events : []).map(Payload.record);
    return { event: Payload.word(events[0]?.event_type), names: events.flatMap((event) => names(event, known)) };
  },
};

function names(event: Payload.Payload, known: Payload.Payload) {
  const given = Payload.record(event.id);
  switch (Payload.word(event.event_type).split(".")[0]) {
    case "record":
      return [
        ...recordOf(given.object_id, given.record_id, known),
        ...recordOf(event.duplicate_object_id, event.duplicate_record_id, known),
      ];
    case "list-entry":
      return [...recordOf(event.parent_object_id, event.parent_record_id, known), ...entryOf(given.list_id, given.entry_id)];
    case "note":
    case "note-content":
      return named("notes_sweep", `note:${Payload.id(given.note_id)}`, given.note_id);
    case "task":
      return named("tasks_sweep", `task:${Payload.id(given.task_id)}`, given.task_id);
    default:
      return [];
  }
}

/** A record by its object: `known` is what the workspace stream remembers (`object:ID` to slug). Of an unknown object it may be any kind. */
function recordOf(object: unknown, record: unknown, known: Payload.Payload) {
  const slug =
    known[`object:${Payload.id(object)}`] ??
    (Payload.id(object) !== undefined && Object.hasOwn(KINDS, object as string) ? object : undefined);
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  const fitting = slug === undefined ? kinds : kinds.filter((kind) => kind === slug);
  return fitting.flatMap((kind) => named(`${kind}_sweep`, `${KINDS[kind]}:${Payload.id(record)}`, record));
}

const entryOf = (list: unknown, entry: unknown) =>
  Payload.id(list) ? named("lists", `entry:${Payload.id(list)}:${Payload.id(entry)}`, entry) : [];

const named = (stream: string, recordRef: string, id: unknown) => (Payload.id(id) ? [{ stream, recordRef }] : []);
