import type { Raw } from "#core/connectors/chatwoot/api.ts";
import * as Contacts from "#core/connectors/chatwoot/contacts.ts";
import * as Conversations from "#core/connectors/chatwoot/conversations.ts";
import { covers, coversContact, routes } from "#core/connectors/chatwoot/coverage.ts";
import * as Transform from "#core/connectors/chatwoot/transform.ts";
import type { Named, Reading } from "#core/connectors/connector.ts";
import { record } from "#core/connectors/payload.ts";

type Known = { conversations: ReadonlyMap<number, string[]>; contacts: ReadonlyMap<number, string[]> };

/**
 * The projects that each of these records goes to, as far as can be told of one that cannot be read: where a binding covers what is legible of it, and
 * where it is held already; a message goes with its conversation. Inside a transaction of the reading's scope.
 */
export async function whose(reading: Reading, named: readonly Named[]): Promise<string[][]> {
  const ids = (...kinds: string[]) => named.flatMap(({ recordRef }) => (kinds.includes(kindOf(recordRef)) ? idOf(recordRef) : []));
  const marks = await Conversations.marks(reading, ids("conversation", "message"));
  const known = {
    conversations: new Map(
      [...Map.groupBy(marks, (mark) => mark.conversationId)].map(([id, own]) => [id, own.map((mark) => mark.projectId)]),
    ),
    contacts: await Contacts.known(reading, ids("contact")),
  };
  return named.map((one) => goesTo(reading, one, known));
}

function goesTo({ bindings }: Reading, { recordRef, payload }: Named, { conversations, contacts }: Known): string[] {
  const raw = record(payload) as Raw;
  const [id = 0] = idOf(recordRef);
  switch (kindOf(recordRef)) {
    case "conversation":
      return [...routes(bindings, (binding) => covers(binding, Transform.coverable(raw))), ...(conversations.get(id) ?? [])];
    case "message":
      return conversations.get(id) ?? [];
    case "contact":
      return [...routes(bindings, (binding) => coversContact(binding, Transform.companyOf(raw))), ...(contacts.get(id) ?? [])];
    default:
      return routes(bindings, (binding) => binding.inboxIds.includes(id));
  }
}

const kindOf = (recordRef: string): string => recordRef.split(":")[0] ?? "";
const idOf = (recordRef: string): number[] => {
  const id = Number(recordRef.split(":")[1]);
  return Number.isSafeInteger(id) ? [id] : [];
};
