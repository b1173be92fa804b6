import * as z from "zod";
import type { Caller } from "#core/actor.ts";
import { api } from "#core/api/api.ts";
import { next, nextCursor, pageBy } from "#core/api/cursor.ts";
import { instant } from "#core/api/instant.ts";
import { route } from "#core/api/route.ts";
import { SOURCES } from "#core/connectors/connection.ts";
import * as Deletions from "#core/connectors/deletions.ts";
import * as Metrics from "#core/connectors/metrics.ts";
import * as Report from "#core/connectors/report.ts";
import { Asked, runNow } from "#core/jobs/await.ts";
import type { ProjectScope } from "#core/scope.ts";
import { onHttp } from "#functions/door.ts";

const page = pageBy(z.number().int());
const Errors = z.object({ errors: z.array(Report.ErrorInfo), nextCursor });
const STATUSES = ["pending", "retrying", "resolved", "dead_letter"] as const;

const asker = ({ actor, scope }: { actor: Caller; scope: ProjectScope }): Report.Asker => ({
  ...scope,
  wholeStudio: actor.kind === "user" && actor.role === "owner",
});

async function errors(asking: Report.Asker, status: string | undefined, { limit, cursor }: { limit: number; cursor?: number | undefined }) {
  const rows = await Report.errors(asking, { status, limit, before: cursor });
  return { errors: rows, nextCursor: next(rows, limit, (row) => row.id) };
}

export const app = api("connectors", {
  connectors_state: route({ answer: z.object({ streams: z.array(Report.StreamState) }) }, async ({ scope }) => ({
    streams: await Report.state(scope),
  })),
  connectors_errors: route({ query: z.object({ status: z.enum(STATUSES).optional(), ...page }), answer: Errors }, (context) =>
    errors(asker(context), context.query.status, context.query),
  ),
  connectors_dead_letters: route({ query: z.object(page), answer: Errors }, (context) =>
    errors(asker(context), "dead_letter", context.query),
  ),
  connectors_errors_retry: route(Asked, (context) => runNow(context, "connector_errors_retry")),
  connectors_dead_letter_retry: route(
    {
      params: z.object({ id: z.coerce.number().int().positive() }),
      answer: z.object({ error: Report.ErrorInfo, runId: z.uuid().nullable() }),
    },
    (context) => Report.revive(context.actor, asker(context), context.params.id),
  ),
  connectors_reconciliation: route(
    { query: z.object({ since: instant.optional(), ...page }), answer: z.object({ metrics: z.array(Metrics.Info), nextCursor }) },
    async ({ scope, query }) => {
      const metrics = await Metrics.list(scope, { since: query.since, limit: query.limit, before: query.cursor });
      return { metrics, nextCursor: next(metrics, query.limit, (row) => row.id) };
    },
  ),
  connectors_reconciliation_diff: route(
    {
      query: z.object({ connector: z.enum(SOURCES).optional(), ...page }),
      answer: z.object({ differences: z.array(Metrics.Difference), nextCursor }),
    },
    async ({ scope, query }) => {
      const differences = await Metrics.differences(scope, { connector: query.connector, limit: query.limit, before: query.cursor });
      return { differences, nextCursor: next(differences, query.limit, (row) => row.id) };
    },
  ),
  connectors_reconciliation_run: route(Asked, (context) => runNow(context, "connectors_reconciliation_daily")),
  connectors_deletions_approve: route({ body: Deletions.Approval, answer: z.object({}) }, async ({ actor, scope, body }) => {
    await Deletions.approve(actor, scope, body);
    return {};
  }),
  connectors_sync: route(Asked, (context) => runNow(context, "connectors_sync_cycle")),
  connectors_sync_one: route({ ...Asked, params: z.object({ name: z.enum(SOURCES) }) }, async (context) => {
    await Report.refuseUnlessFedBy(context.scope, context.params.name);
    return runNow(context, "connectors_sync_cycle");
  }),
});
export const handler = onHttp(app);
