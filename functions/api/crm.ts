import * as z from "zod";
import { api } from "#core/api/api.ts";
import { next, nextCursor, pageBy } from "#core/api/cursor.ts";
import { instant } from "#core/api/instant.ts";
import { route } from "#core/api/route.ts";
import * as Account from "#core/crm/account.ts";
import * as Coverage from "#core/crm/coverage.ts";
import * as Opportunity from "#core/crm/opportunity.ts";
import * as Overview from "#core/crm/overview.ts";
import { DEAL_STAGES } from "#core/crm/stage.ts";
import * as StageEvent from "#core/crm/stage-event.ts";
import { onHttp } from "#functions/door.ts";

const one = z.object({ id: z.uuid() });
const page = pageBy(z.tuple([instant, z.uuid()]));
const before = (cursor: [Date, string] | undefined) => cursor && { at: cursor[0], id: cursor[1] };
const Moved = z.strictObject({ stage: z.enum(DEAL_STAGES), reason: Opportunity.Change.shape.reason });
const fields = <F extends Readonly<Record<string, string>>>(columns: F) =>
  z.strictObject({ fields: z.array(z.enum(Object.values(columns) as [F[keyof F], ...F[keyof F][]])).min(1) });
const AnAccount = z.object({ account: Account.Info });
const ADeal = z.object({ opportunity: Opportunity.Info });

export const app = api("crm", {
  crm_accounts_list: route(
    { query: z.object(page), answer: z.object({ accounts: z.array(Account.Info), nextCursor }) },
    async ({ scope, query: { limit, cursor } }) => {
      const accounts = await Account.list(scope, { limit, before: before(cursor) });
      return { accounts, nextCursor: next(accounts, limit, (row) => [row.createdAt, row.id]) };
    },
  ),
  crm_accounts_create: route({ body: Account.Draft, status: 201, answer: AnAccount }, async ({ actor, scope, body }) => ({
    account: await Account.create(actor, scope, body),
  })),
  crm_accounts_change: route({ params: one, body: Account.Change, answer: AnAccount }, async ({ actor, scope, params, body }) => ({
    account: await Account.change(actor, scope, params.id, body),
  })),
  crm_accounts_follow: route({ params: one, body: fields(Account.FIELDS), answer: AnAccount }, async ({ actor, scope, params, body }) => ({
    account: await Account.follow(actor, scope, params.id, body.fields),
  })),
  crm_opportunities_list: route(
    {
      query: z.object({ stage: z.enum(DEAL_STAGES).optional(), ...page }),
      answer: z.object({ opportunities: z.array(Opportunity.Info), nextCursor }),
    },
    async ({ scope, query: { limit, cursor, stage } }) => {
      const opportunities = await Opportunity.list(scope, { limit, before: before(cursor), stage });
      return { opportunities, nextCursor: next(opportunities, limit, (row) => [row.createdAt, row.id]) };
    },
  ),
  crm_opportunities_create: route({ body: Opportunity.Draft, status: 201, answer: ADeal }, async ({ actor, scope, body }) => ({
    opportunity: await Opportunity.create(actor, scope, body),
  })),
  crm_opportunities_change: route({ params: one, body: Opportunity.Change, answer: ADeal }, async ({ actor, scope, params, body }) => ({
    opportunity: await Opportunity.change(actor, scope, params.id, body),
  })),
  crm_opportunities_stage: route({ params: one, body: Moved, answer: ADeal }, async ({ actor, scope, params, body }) => ({
    opportunity: await Opportunity.change(actor, scope, params.id, body),
  })),
  crm_opportunities_follow: route(
    { params: one, body: fields(Opportunity.FIELDS), answer: ADeal },
    async ({ actor, scope, params, body }) => ({
      opportunity: await Opportunity.follow(actor, scope, params.id, body.fields),
    }),
  ),
  crm_stage_events: route(
    {
      params: one,
      query: z.object(pageBy(z.number().int())),
      answer: z.object({ stageEvents: z.array(StageEvent.Info), nextCursor }),
    },
    async ({ scope, params, query: { limit, cursor } }) => {
      const stageEvents = await StageEvent.list(scope, params.id, { limit, before: cursor });
      return { stageEvents, nextCursor: next(stageEvents, limit, (row) => row.id) };
    },
  ),
  crm_overview: route({ answer: z.object({ overview: Overview.Info }) }, async ({ scope }) => ({
    overview: await Overview.overview(scope),
  })),
  crm_coverage: route({ answer: z.object({ coverage: Coverage.Info }) }, async ({ scope }) => ({
    coverage: await Coverage.coverage(scope),
  })),
});
export const handler = onHttp(app);
