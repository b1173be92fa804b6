import { randomBytes } from "node:crypto";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import * as Payload from "#core/connectors/payload.ts";
import { hmac, isSame } from "#core/connectors/signature.ts";
import { transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Audience from "#core/outbound/loops/audience.ts";
import * as OptOut from "#core/outbound/loops/opt-out.ts";

const FRESH_SECONDS = 5 * 60;
/** After these nobody is to be written to any more. */
const LEAVING = ["contact.unsubscribed", "contact.deleted", "email.hardBounced", "email.spamReported"];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const nobodys = randomBytes(32).toString("base64");

/**
 * Takes a webhook of Loops for a studio: whoever left there is opted out here. What says so twice says the same. Throws `webhook_refused` for what is not
 * signed as Standard Webhooks has it, not fresh, or of no studio.
 */
export async function receive(accountScopeId: string, headers: Headers, body: Uint8Array): Promise<void> {
  const signed = isSigned(config.LOOPS_WEBHOOK_SECRET ?? `whsec_${nobodys}`, headers, body);
  const at = Number(headers.get("webhook-timestamp") ?? Number.NaN);
  const fresh = Math.abs(Clock.now().getTime() / 1_000 - at) <= FRESH_SECONDS;
  if (!signed || !fresh || !UUID.test(accountScopeId)) throw new Refused("webhook_refused");
  const scope = await Audience.studio(accountScopeId);
  if (scope.projects.length === 0) throw new Refused("webhook_refused");
  const payload = Payload.parse(body);
  const email = Payload.record(payload.contactIdentity).email;
  if (typeof email !== "string" || email.includes("\0") || !LEAVING.includes(Payload.word(payload.eventName))) return;
  await transaction(scope, () => OptOut.note([email.toWellFormed()]));
}

/** HMAC-SHA256 of `{id}.{timestamp}.{body}` with the decoded part of the secret behind its "_"; any of the signatures may be the one. */
function isSigned(secret: string, headers: Headers, body: Uint8Array): boolean {
  const key = Buffer.from(secret.slice(secret.indexOf("_") + 1), "base64");
  const expected = hmac(key, `${headers.get("webhook-id") ?? ""}.${headers.get("webhook-timestamp") ?? ""}.`, body).toString("base64");
  const given = (headers.get("webhook-signature") ?? "").split(" ").slice(0, 10);
  return given.some((one) => isSame(one, `v1,${expected}`));
}
