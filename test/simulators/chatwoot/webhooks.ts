import { createHmac, randomUUID } from "node:crypto";
import { BEHAVIOUR } from "#test/simulators/chatwoot/behaviour.ts";
import type { Webhook } from "#test/simulators/chatwoot/rows.ts";
import type { Notice, Store } from "#test/simulators/chatwoot/store.ts";

/** lib/webhooks/trigger.rb: sha256=HMAC("{timestamp}.{raw body}"). */
export function sign(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
}

/** Sent once, as to account webhooks: an error, a refusal or a timeout is dropped. */
export function sendWebhooks(store: Store): void {
  const deliver = (notice: Notice) => {
    for (const webhook of store.webhooks.values())
      if (webhook.subscriptions.includes(notice.event)) post(store, webhook, notice).catch(() => undefined);
  };
  store.listeners.add(deliver);
}

async function post(store: Store, webhook: Webhook, notice: Notice): Promise<void> {
  const body = JSON.stringify(notice.payload);
  const timestamp = String(Math.trunc(store.now()));
  await fetch(webhook.url, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-chatwoot-timestamp": timestamp,
      "x-chatwoot-signature": sign(webhook.secret, timestamp, body),
      "x-chatwoot-delivery": randomUUID(),
    },
    signal: AbortSignal.timeout(BEHAVIOUR.webhookTimeoutMs),
  });
}
