import * as Api from "#core/connectors/chatwoot/api.ts";
import * as Contacts from "#core/connectors/chatwoot/contacts.ts";
import * as Page from "#core/connectors/chatwoot/page.ts";
import * as Transform from "#core/connectors/chatwoot/transform.ts";
import type { Reading, SetAside, Written } from "#core/connectors/connector.ts";

const NOTHING: Written = { rows: 0, events: 0 };

/**
 * Reads one record again: `conversation:ID` with its contact and all its messages, `message:CONVERSATION:ID`, `contact:ID`, `inbox:ID`. What is gone
 * upstream by now is no longer in error; its row is the crawl's.
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
    const mine = setAside.filter((aside) => aside.recordRef === `message:${id}:${second}`);
    return { write: () => Page.write(reading, items), setAside: kind === "message" ? mine : setAside };
  }
  if (kind === "contact") {
    const raw = await Api.contact(reading, id);
    if (!raw) return { write: async () => NOTHING, setAside: [] };
    try {
      const contact = Transform.contact(raw);
      const routed = await Contacts.route(reading, [contact]);
      return { write: () => Contacts.upsert(reading, routed), setAside: [] };
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
