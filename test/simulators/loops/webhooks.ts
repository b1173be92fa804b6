import { createHmac } from "node:crypto";
import { BEHAVIOUR } from "#test/simulators/loops/behaviour.ts";
import { newId, type Store, type Webhook } from "#test/simulators/loops/store.ts";
import * as Postman from "#test/simulators/postman.ts";
import { uuid } from "#test/simulators/uuid.ts";

/** Standard Webhooks: HMAC-SHA256 of "{id}.{timestamp}.{body}", keyed with the decoded part of the secret after "_". */
export function sign(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.slice(secret.indexOf("_") + 1), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

/** As one makes it in the vendor's settings page; the API has no call for it. */
export function addWebhook(store: Store, given: { url: string }): Webhook {
  const id = newId(store, "webhook");
  const webhook = { id, url: given.url, secret: `whsec_${Buffer.from(uuid(`secret:${id}`)).toString("base64")}` };
  store.webhooks.set(id, webhook);
  return webhook;
}

export function sendWebhooks(store: Store): Postman.Postman {
  const postman = Postman.postman({
    now: store.now,
    id: () => newId(store, "delivery"),
    seal: ({ url }, raw, id, seconds) => {
      const secret = [...store.webhooks.values()].find((one) => one.url === url)?.secret ?? "";
      const timestamp = String(Math.trunc(seconds));
      return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": sign(secret, id, timestamp, raw) };
    },
    unknown: (body) => ({ ...body, eventName: "galaxy.discovered" }),
    timeoutMs: BEHAVIOUR.webhookTimeoutMs,
    attempts: BEHAVIOUR.webhookAttempts,
    retryMs: BEHAVIOUR.webhookRetryMs,
  });
  store.listeners.add((notice) => {
    for (const { url } of store.webhooks.values()) Postman.send(postman, { url, body: notice });
  });
  return postman;
}
