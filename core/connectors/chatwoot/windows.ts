import * as Api from "#core/connectors/chatwoot/api.ts";
import type { Reading } from "#core/connectors/connector.ts";

/**
 * Every message of a conversation with from <= id < before, in id order. A full window may hide rows (Chatwoot cuts it by time, not by id), so it is
 * halved until each half has room to spare.
 */
export async function messages(reading: Reading, conversationId: number, from: number, before: number): Promise<Api.Raw[]> {
  if (before <= from) return [];
  const rows = await Api.messages(reading, conversationId, from, before);
  if (rows.length < Api.WINDOW || before - from <= 1) return rows;
  const middle = from + Math.ceil((before - from) / 2);
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
