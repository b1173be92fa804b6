import { vouch } from "#core/connectors/clean.ts";
import type { Reading } from "#core/connectors/connector.ts";
import { getJson, isPlain, SourceError } from "#core/connectors/http.ts";

/** Records as Chatwoot sends them: nothing is believed about them until `transform.ts` has read them. */
export type Raw = Readonly<Record<string, unknown>>;
export type ConversationsPage = { rows: Raw[]; total: number | undefined };

/** With both bounds the messages endpoint answers up to this many; a full answer may hide more (message_finder.rb). */
export const WINDOW = 1_000;

/** `status` defaults to open and the page size is the server's own, so the end is an empty page and nothing else. */
export async function conversations(
  reading: Reading,
  sort: "created_at_asc" | "last_activity_at_desc",
  page: number,
): Promise<ConversationsPage> {
  const body = record(await get(reading, `conversations?status=all&sort_by=${sort}&page=${page}`), "conversations");
  const data = record(body.data, "conversations.data");
  const total = record(data.meta ?? {}, "conversations.data.meta").all_count;
  return { rows: rows(data.payload, "conversations.data.payload"), total: typeof total === "number" ? total : undefined };
}

export async function conversation(reading: Reading, id: number): Promise<Raw | undefined> {
  try {
    return record(await get(reading, `conversations/${id}`), "conversation");
  } catch (error) {
    if (error instanceof SourceError && error.status === 404) return undefined;
    throw error;
  }
}

/** Messages with after <= id < before. Only such windows are safe: with one bound the limit goes by time, not by id, and loses imported rows. */
export async function messages(reading: Reading, conversationId: number, after: number, before: number): Promise<Raw[]> {
  const body = record(await get(reading, `conversations/${conversationId}/messages?after=${after}&before=${before}`), "messages");
  return rows(body.payload, "messages.payload");
}

/** Without `sort` contacts come in no order at all. */
export async function contacts(reading: Reading, sort: "-last_activity_at" | "name", page: number): Promise<ConversationsPage> {
  const body = record(await get(reading, `contacts?sort=${sort}&page=${page}`), "contacts");
  const count = record(body.meta ?? {}, "contacts.meta").count;
  return { rows: rows(body.payload, "contacts.payload"), total: typeof count === "number" ? count : undefined };
}

export async function contact(reading: Reading, id: number): Promise<Raw | undefined> {
  try {
    const body = record(await get(reading, `contacts/${id}`), "contact");
    return record(body.payload ?? body, "contact.payload");
  } catch (error) {
    if (error instanceof SourceError && error.status === 404) return undefined;
    throw error;
  }
}

export async function inboxes(reading: Reading): Promise<Raw[]> {
  return rows(record(await get(reading, "inboxes"), "inboxes").payload, "inboxes.payload");
}

async function get(reading: Reading, path: string): Promise<unknown> {
  const { baseUrl, externalAccount } = reading.connection;
  const body = await getJson({
    source: "chatwoot",
    url: `${baseUrl}/api/v1/accounts/${externalAccount}/${path}`,
    // Not Authorization: Chatwoot reads its own header.
    headers: { api_access_token: reading.secret },
    budget: reading.budget,
    breaker: reading.breaker,
  });
  if (isPlain(body)) vouch(listIn(body));
  return body;
}

/** The rows of an answer, wherever it keeps them. */
function listIn(body: unknown): readonly unknown[] {
  const { payload, data } = body as { payload?: unknown; data?: { payload?: unknown } };
  const found = payload ?? data?.payload;
  return Array.isArray(found) ? found : [];
}

function record(value: unknown, where: string): Raw {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Raw;
  throw new SourceError("invalid_data", 200, { source: "chatwoot", problem: `${where} is not an object` });
}

function rows(value: unknown, where: string): Raw[] {
  if (!Array.isArray(value)) throw new SourceError("invalid_data", 200, { source: "chatwoot", problem: `${where} is not a list` });
  return value as Raw[];
}
