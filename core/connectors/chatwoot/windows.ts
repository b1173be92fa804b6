import * as Api from "#core/connectors/chatwoot/api.ts";
import type { Reading } from "#core/connectors/connector.ts";

/** Past every id there can be: the last message a conversation's row shows is its latest in time, and an import may have given higher ids to older ones. */
const END = Number.MAX_SAFE_INTEGER;

/**
 * Every message of a conversation with id >= from. A full window may hide rows (Chatwoot cuts it by time, not by id), so it is halved at the middle of
 * the ids it showed until each part has room to spare.
 */
export async function messages(reading: Reading, conversationId: number, from: number, before = END): Promise<Api.Raw[]> {
  const rows = await Api.messages(reading, conversationId, from, before);
  if (rows.length < Api.WINDOW) return rows;
  const ids = rows
    .map((row) => Number(row?.id))
    .filter(Number.isSafeInteger)
    .toSorted((a, b) => a - b);
  const middle = ids[Math.floor(ids.length / 2)] ?? from;
  if (middle <= from) return rows;
  return [...(await messages(reading, conversationId, from, middle)), ...(await messages(reading, conversationId, middle, before))];
}

/** Runs `work` over the items, at most `width` at once, keeping their order. The first failure ends it. */
export async function atOnce<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let n = next++; n < items.length; n = next++) results[n] = await work(items[n] as T);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return results;
}
