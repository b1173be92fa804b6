import * as z from "zod";
import { label } from "#core/actor.ts";
import { api } from "#core/api/api.ts";
import { route } from "#core/api/route.ts";
import { Question } from "#core/memory/asked.ts";
import { Answered, query } from "#core/memory/query.ts";
import * as QueryRun from "#core/memory/query-run.ts";
import { Refreshed, refresh } from "#core/memory/refresh.ts";
import { Page, Search, search } from "#core/memory/search.ts";
import * as Status from "#core/memory/status.ts";
import { onHttp } from "#functions/door.ts";

const Wait = z.object({ wait: z.stringbool().default(false) });

export const app = api("lightrag", {
  lightrag_query: route({ body: Question, answer: Answered }, ({ actor, scope, body }) => query(actor, scope, body)),
  search: route({ body: Search, answer: Page }, ({ actor, scope, body }) => search(actor, scope, body)),
  lightrag_feedback: route(
    { body: QueryRun.Feedback, status: 201, answer: z.object({ stored: z.number() }) },
    async ({ actor, scope, body }) => {
      await QueryRun.rate(scope, actor, body);
      return { stored: 1 };
    },
  ),
  lightrag_status: route({ answer: Status.Info }, ({ scope }) => Status.status(scope)),
  lightrag_refresh: route({ status: 202, query: Wait, answer: Refreshed }, ({ actor, scope, query: { wait } }) =>
    refresh(scope, { actor, by: label(actor), wait }),
  ),
});
export const handler = onHttp(app);
