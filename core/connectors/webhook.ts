import { randomBytes, randomUUID } from "node:crypto";
import * as Clock from "#core/clock.ts";
import { receiver as attio } from "#core/connectors/attio/webhook.ts";
import { receiver as chatwoot } from "#core/connectors/chatwoot/webhook.ts";
import type { Source } from "#core/connectors/connection.ts";
import * as Hints from "#core/connectors/hints.ts";
import { receiver as linear } from "#core/connectors/linear/webhook.ts";
import * as Payload from "#core/connectors/payload.ts";
import * as Secret from "#core/connectors/secret.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import * as Request from "#core/jobs/request.ts";
import { log } from "#core/log.ts";

/** A request as it came in. `token` is from its address, for servers that do not sign. */
export type Delivery = { headers: Headers; body: Uint8Array; token: string | undefined };
/** A vendor's side of webhooks, pure: whether a delivery is the vendor's own and fresh, and what it names. */
export type Receiver = {
  isSigned(delivery: Delivery, secret: string): boolean;
  isFresh(delivery: Delivery, payload: Payload.Payload, now: Date): boolean;
  /** The same for every attempt of one delivery; null when nothing tells attempts apart. */
  idOf(delivery: Delivery): string | null;
  /** `known`: what the source's workspace stream remembers. No names: nothing of it is mirrored. */
  read(payload: Payload.Payload, known: Payload.Payload): { event: string; names: Hints.Draft[] };
};
export type Outcome = "hinted" | "ignored" | "replayed";

const NARROW = "connectors_narrow_sync";
const receivers: Readonly<Record<Source, Receiver>> = { chatwoot, linear, attio };
// Weighed in place of a secret that is not there: refusing takes as long as believing.
const nobodys = randomBytes(32).toString("hex");

/**
 * Takes a delivery: what it names is asked for from the source itself, in one narrow run; what it says is neither kept nor believed. Throws
 * `webhook_refused` alike for a connection that is not there, one of another source, one without a secret, and a delivery that is not signed with it.
 */
export async function receive(source: Source, connectionId: string, delivery: Delivery): Promise<Outcome> {
  const connection = await find(source, connectionId);
  const receiver = receivers[source];
  const signed = receiver.isSigned(delivery, connection?.secret ?? nobodys);
  if (!connection || !signed) throw new Refused("webhook_refused");
  const now = Clock.now();
  const payload = Payload.parse(delivery.body);
  if (!receiver.isFresh(delivery, payload, now)) throw new Refused("webhook_refused");
  const { event, names } = receiver.read(payload, connection.known ?? {});
  const { id, accountScopeId, projectId } = connection;
  const outcome = names.length > 0 && projectId ? "hinted" : "ignored";
  const deliveryId = (receiver.idOf(delivery) ?? randomUUID()).slice(0, 200);
  return transaction({ projects: projectId ? [projectId] : [], accountScopeId }, async () => {
    const fresh = await sql`
      insert into webhook_deliveries (connection_id, account_scope_id, delivery_id, source, event, outcome, received_at)
      values (${id}, ${accountScopeId}, ${deliveryId}, ${source}, ${event}, ${outcome}, ${now}) on conflict do nothing`;
    if (fresh.count === 0) return "replayed";
    if (outcome === "hinted" && projectId) await ask(connection, projectId, names, `webhook:${source}`);
    return outcome;
  });
}

/** A project that stands still is read when it is resumed. */
async function ask(connection: Found, projectId: string, names: readonly Hints.Draft[], by: string): Promise<void> {
  await Hints.add(connection, names, "webhook");
  const { accountScopeId } = connection;
  await Request.ask(jobs, { projects: [projectId], accountScopeId }, NARROW, { trigger: "webhook", by }).catch((refused: unknown) => {
    if (!(refused instanceof Refused)) throw refused;
  });
}

type Found = { id: string; accountScopeId: string; projectId: string | null; secret: string; known: Payload.Payload | null };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NONE = "00000000-0000-0000-0000-000000000000";

/** The connection, with one living project that it feeds: the run that is asked for there serves all of them. */
async function find(source: Source, connectionId: string): Promise<Found | undefined> {
  const [row] = await systemSql<(Omit<Found, "secret"> & { webhookSecret: string })[]>`
    select c.id, c.account_scope_id, c.webhook_secret,
      (select t.cursor from connector_sync_state t where t.connection_id = c.id and t.stream = 'workspace') as known,
      (select p.id from project_sources s join projects p on p.id = s.project_id
        where s.connection_id = c.id and s.removed_at is null and p.status = 'active'
          and not exists (select from scheduled_jobs j where j.project_id = p.id and j.job = ${NARROW} and j.paused)
        order by p.created_at, p.id limit 1) as project_id
    from connections c where c.id = ${UUID.test(connectionId) ? connectionId : NONE} and c.source = ${source} and c.webhook_secret is not null`;
  if (!row) return undefined;
  try {
    return { ...row, secret: Secret.unseal(row.webhookSecret, Secret.forWebhooks(row.id)) };
  } catch (error) {
    log.error("a webhook secret cannot be opened with this BELLWETHER_SECRET_KEY", { connection: row.id, error });
    return undefined;
  }
}
