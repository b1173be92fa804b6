import * as Payload from "#core/connectors/payload.ts";
import { hmac, isHex, isSame } from "#core/connectors/signature.ts";
import type { Receiver } from "#core/connectors/webhook.ts";

const FRESH_SECONDS = 5 * 60;

/**
 * Chatwoot since 4.12 signs `{timestamp}.{raw body}` (lib/webhooks/trigger.rb). An older server signs nothing: then the address carries the secret as its
 * token, and nothing tells how old a delivery is.
 */
export const receiver: Receiver = {
  isSigned: ({ headers, body, token }, secret) => {
    const signature = headers.get("x-chatwoot-signature");
    if (signature === null) return token !== undefined && isSame(token, secret);
    if (!signature.startsWith("sha256=")) return false;
    return isHex(signature.slice(7), hmac(secret, `${headers.get("x-chatwoot-timestamp") ?? ""}.`, body));
  },
  isFresh: ({ headers }, _payload, now) => {
    if (headers.get("x-chatwoot-signature") === null) return true;
    const at = headers.get("x-chatwoot-timestamp") ?? "";
    return /^\d{1,12}$/.test(at) && Math.abs(now.getTime() / 1_000 - Number(at)) <= FRESH_SECONDS;
  },
  idOf: ({ headers }) => headers.get("x-chatwoot-delivery") ?? headers.get("x-chatwoot-signature"),
  read: (payload) => {
    const event = Payload.word(payload.event);
    return { event, names: names(event, payload) };
  },
};

function names(event: string, payload: Payload.Payload) {
  switch (event) {
    case "message_created":
    case "message_updated":
      return named("conversation", Payload.record(payload.conversation).id);
    case "conversation_created":
    case "conversation_updated":
    case "conversation_status_changed":
      return named("conversation", payload.id);
    case "contact_created":
    case "contact_updated":
      return named("contact", payload.id);
    case "inbox_created":
    case "inbox_updated":
      return named("inbox", payload.id);
    default:
      return [];
  }
}

const STREAMS = { conversation: "conversations", contact: "contacts", inbox: "inboxes" } as const;

const named = (kind: keyof typeof STREAMS, id: unknown) =>
  typeof id === "number" && Number.isSafeInteger(id) && id > 0 ? [{ stream: STREAMS[kind], recordRef: `${kind}:${id}` }] : [];
