import * as Api from "#core/connectors/chatwoot/api.ts";
import * as Contacts from "#core/connectors/chatwoot/contacts.ts";
import { coversContact, routes } from "#core/connectors/chatwoot/coverage.ts";
import * as Page from "#core/connectors/chatwoot/page.ts";
import * as Transform from "#core/connectors/chatwoot/transform.ts";
import type { Reading, SetAside, Written } from "#core/connectors/connector.ts";

const NOTHING: Written = { rows: 0, events: 0 };

/**
 * Reads one record that was set aside again: `conversation:ID`, `message:CONVERSATION:ID`, `contact:ID`, `inbox:ID`. What is gone upstream by now is
 * no longer in error.
 */
export async function retry(
  reading: Reading,
  recordRef: string,
): Promise<{ write: () => Promise<Written>; setAside: readonly SetAside[] }> {
  const [kind, first = "", second = ""] = recordRef.split(":");
  const id = Number(first);
  if (!Number.isSafeInteger(id)) return unreadableYet(recordRef, "it has no id to ask for");
  if (kind === "conversation" || kind === "message") {
    const raw = await Api.conversation(reading, id);
    if (!raw) return { write: async () => NOTHING, setAside: [] };
    const { items, setAside } = await Page.take(reading, [raw], "all");
    const mine = kind === "message" ? `message:${id}:${second}` : recordRef;
    return { write: () => Page.write(reading, items), setAside: setAside.filter((aside) => aside.recordRef === mine) };
  }
  if (kind === "contact") {
    const raw = await Api.contact(reading, id);
    if (!raw) return { write: async () => NOTHING, setAside: [] };
    try {
      const contact = Transform.contact(raw);
      const projects = routes(reading.bindings, (binding) => coversContact(binding, contact.company));
      return { write: () => Contacts.upsert(reading, projects.length > 0 ? [{ contact, projects }] : []), setAside: [] };
    } catch (error) {
      return { write: async () => NOTHING, setAside: [Page.unreadable(error, recordRef, raw)] };
    }
  }
  const inboxes = (await Api.inboxes(reading)).map(Transform.inbox);
  return { write: () => Contacts.upsertInboxes(reading, inboxes), setAside: [] };
}

function unreadableYet(recordRef: string, problem: string): { write: () => Promise<Written>; setAside: SetAside[] } {
  return { write: async () => NOTHING, setAside: [{ recordRef, kind: "invalid_data", message: problem, payload: null }] };
}
