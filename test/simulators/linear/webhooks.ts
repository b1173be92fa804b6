import { createHmac } from "node:crypto";
import { BEHAVIOUR } from "#test/simulators/linear/behaviour.ts";
import { envelope } from "#test/simulators/linear/notices.ts";
import type * as Rows from "#test/simulators/linear/rows.ts";
import { type Notice, newId, type Store } from "#test/simulators/linear/store.ts";
import * as Postman from "#test/simulators/postman.ts";

/** Upstream notes 2.6: HMAC-SHA256 of the raw body in hex, without a prefix. The time is in the body, so it is signed too. */
export const sign = (secret: string, body: string): string => createHmac("sha256", secret).update(body).digest("hex");

export function sendWebhooks(store: Store): Postman.Postman {
  const postman = Postman.postman({
    now: store.now,
    id: () => newId(store, "delivery"),
    date: (body, seconds) => ({ ...body, webhookTimestamp: Math.trunc(seconds * 1_000) }),
    seal: ({ body }, raw, id, seconds) => ({
      "linear-signature": sign(store.webhooks.get(String(body.webhookId))?.secret ?? "", raw),
      "linear-delivery": id,
      "linear-event": String(body.type),
      "linear-timestamp": String(Math.trunc(seconds * 1_000)),
      "user-agent": "Linear-Webhook",
    }),
    unknown: (body) => ({ ...body, type: "Constellation", action: "align" }),
    timeoutMs: BEHAVIOUR.webhookTimeoutMs,
    attempts: BEHAVIOUR.webhookAttempts,
    retryMs: BEHAVIOUR.webhookRetryMs,
  });
  store.listeners.add((notice) => {
    for (const webhook of store.webhooks.values())
      if (wants(webhook, notice)) Postman.send(postman, { url: webhook.url, body: envelope(store, webhook.id, notice) });
  });
  return postman;
}

function wants(webhook: Rows.Webhook, { type, data }: Notice): boolean {
  if (!webhook.enabled || !webhook.resourceTypes.includes(type)) return false;
  const teamId = data.teamId ?? (data.issue as { teamId?: string } | undefined)?.teamId;
  return webhook.teamId === null || teamId === undefined || teamId === webhook.teamId;
}
