import { randomUUID } from "node:crypto";
import * as Clock from "#core/clock.ts";
import * as Binding from "#core/connectors/binding.ts";
import * as Connection from "#core/connectors/connection.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { app } from "#functions/api/webhooks.ts";
import { start } from "#test/chat.ts";
import { asOwner } from "#test/database.ts";
import { call } from "#test/people.ts";
import type { World } from "#test/world.ts";

export const SECRET = "a secret of this connection's webhooks";
export const OTHER = "a secret of another connection's webhooks";

/** HMAC-SHA256 in hex by the web's own cryptography, which the product does not use. */
export async function hex(secret: string, text: string): Promise<string> {
  const bytes = (plain: string) => new TextEncoder().encode(plain);
  const key = await crypto.subtle.importKey("raw", bytes(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return Buffer.from(await crypto.subtle.sign("HMAC", key, bytes(text))).toString("hex");
}

export type Sent = { secret?: string; at?: number; id?: string; body?: unknown; drop?: string; connection?: string };
export type Source = "chatwoot" | "linear" | "attio";
export const seconds = () => Math.floor(Clock.now().getTime() / 1_000);
export const SAMPLE: Record<Source, object> = {
  chatwoot: { event: "message_created", id: 9, content: "Добрый день 👋", conversation: { id: 5 } },
  linear: { type: "Issue", action: "update", data: { id: "3c5a8d2e-issue", title: "Не грузится каталог" } },
  attio: { webhook_id: "w", events: [{ event_type: "note.created", id: { workspace_id: "w", note_id: "n-1" }, actor: {} }] },
};

/** Sends a delivery as the vendor would, or as `sent` has it otherwise. */
export async function send(source: Source, connection: string, sent: Sent = {}) {
  const { secret = SECRET, at = seconds(), id = randomUUID() } = sent;
  const given = sent.body ?? SAMPLE[source];
  const timed = source === "linear" && typeof given === "object" ? { ...given, webhookTimestamp: at * 1_000 } : given;
  const body = typeof timed === "string" ? timed : JSON.stringify(timed);
  const headers = await signed(source, secret, at, id, body);
  if (sent.drop) delete headers[sent.drop];
  return call(app, "POST", `/webhooks/${source}/${sent.connection ?? connection}`, headers, body);
}

async function signed(source: Source, secret: string, at: number, id: string, body: string): Promise<Record<string, string>> {
  if (source === "linear") return { "linear-signature": await hex(secret, body), "linear-delivery": id, "linear-timestamp": "1" };
  if (source === "attio") return { "attio-signature": await hex(secret, body), "idempotency-key": id };
  const signature = `sha256=${await hex(secret, `${at}.${body}`)}`;
  return { "x-chatwoot-timestamp": String(at), "x-chatwoot-signature": signature, "x-chatwoot-delivery": id };
}

export async function connect(w: World, source: Source, webhookSecret: string | undefined = SECRET): Promise<string> {
  const given = { source, name: source, baseUrl: w.sim.baseUrl, externalAccount: String(w.sim.accountId), apiToken: w.sim.tokens.admin };
  const draft = Connection.Draft.parse({ ...given, webhookSecret });
  const { accountScopeId } = w;
  const { id } = await transaction({ accountScopeId }, () => Connection.create({ accountScopeId }, draft, "test", true));
  return id;
}

/** A world whose project is fed by a connection of the source, which signs its webhooks. */
export async function receiving(source: Source): Promise<{ w: World; id: string }> {
  const w = await start(1);
  const id = await connect(w, source);
  await transaction(w.scope(0), () => Binding.replace(w.scope(0), [Binding.whole(id)], "test"));
  return { w, id };
}

export const hints = () =>
  asOwner(() => sql<{ stream: string; recordRef: string }[]>`select stream, record_ref from connector_hints order by stream, record_ref`);
export const deliveries = () =>
  systemSql<{ event: string; outcome: string }[]>`select event, outcome from webhook_deliveries order by received_at, event`;
export const runs = () =>
  systemSql<{ status: string; trigger: string }[]>`select status, trigger from job_runs where job = 'connectors_narrow_sync'`;

export const SOURCES: Source[] = ["chatwoot", "linear", "attio"];
