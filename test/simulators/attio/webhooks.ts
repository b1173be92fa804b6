import { createHmac } from "node:crypto";
import { BEHAVIOUR } from "#test/simulators/attio/behaviour.ts";
import type { Filter, Subscription } from "#test/simulators/attio/rows.ts";
import { type Notice, newId, type Store } from "#test/simulators/attio/store.ts";
import * as Postman from "#test/simulators/postman.ts";

/** docs.attio.com/rest-api/guides/webhooks: HMAC-SHA256 of the raw body in hex. The time is not signed. */
export const sign = (secret: string, body: string): string => createHmac("sha256", secret).update(body).digest("hex");

/** At least once: an answer other than 2xx is tried again, with the same Idempotency-Key. */
export function sendWebhooks(store: Store): Postman.Postman {
  const postman = Postman.postman({
    now: store.now,
    id: () => newId(store, "delivery"),
    seal: ({ body }, raw, id) => {
      const signature = sign(store.webhooks.get(String(body.webhook_id))?.secret ?? "", raw);
      return { "attio-signature": signature, "x-attio-signature": signature, "idempotency-key": id };
    },
    unknown: (body) => ({ ...body, events: [{ event_type: "galaxy.discovered", id: { workspace_id: store.workspaceId } }] }),
    timeoutMs: BEHAVIOUR.webhookTimeoutMs,
    attempts: BEHAVIOUR.webhookAttempts,
    retryMs: BEHAVIOUR.webhookRetryMs,
  });
  store.listeners.add((notice) => {
    for (const { id, url, subscriptions } of store.webhooks.values())
      if (subscriptions.some((one) => wants(one, notice))) Postman.send(postman, { url, body: { webhook_id: id, events: [notice] } });
  });
  return postman;
}

function wants({ event_type, filter }: Subscription, notice: Notice): boolean {
  if (event_type !== notice.event_type) return false;
  if (filter === null) return true;
  const holds = ({ field, operator, value }: { field: string; operator: string; value: string }) => {
    const found = field.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], notice);
    return (found === value) === (operator === "equals");
  };
  return "$or" in filter ? filter.$or.some(holds) : (filter as Extract<Filter, { $and: unknown }>).$and.every(holds);
}
