import * as z from "zod";
import { api } from "#core/api/api.ts";
import { route } from "#core/api/route.ts";
import * as Budget from "#core/cost/budget.ts";
import * as Report from "#core/cost/report.ts";
import { onHttp } from "#functions/door.ts";

export const app = api("costs", {
  costs_project: route(
    { query: Report.Asked, answer: z.object({ costs: z.array(Report.Row), budget: Budget.OfProject }) },
    async ({ scope, query }) => ({ costs: await Report.ofProject(scope, query), budget: await Budget.ofProject(scope) }),
  ),
  costs_studio: route(
    { query: Report.Asked, answer: z.object({ costs: z.array(Report.Row), budget: Budget.OfStudio }) },
    async ({ scope, query }) => ({ costs: await Report.ofStudio(scope, query), budget: await Budget.ofStudio(scope) }),
  ),
  budget_project: route(
    { params: z.object({ id: z.uuid() }), body: Budget.OfProject, answer: z.object({ budget: Budget.OfProject }) },
    async ({ actor, scope, body }) => ({ budget: await Budget.setProject(actor, scope, body) }),
  ),
  budget_studio: route({ body: Budget.OfStudio, answer: z.object({ budget: Budget.OfStudio }) }, async ({ actor, scope, body }) => ({
    budget: await Budget.setStudio(actor, scope, body),
  })),
});
export const handler = onHttp(app);
