import * as z from "zod";
import { api } from "#core/api/api.ts";
import { next, nextCursor, pageBy } from "#core/api/cursor.ts";
import { instant } from "#core/api/instant.ts";
import { route } from "#core/api/route.ts";
import * as Stored from "#core/chats/stored.ts";
import type { Source } from "#core/connectors/connection.ts";
import * as Report from "#core/connectors/report.ts";
import { Asked, redrive, runNow } from "#core/jobs/await.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import { dispatchProject } from "#core/jobs/dispatch.ts";
import * as Request from "#core/jobs/request.ts";
import * as Runs from "#core/jobs/runs.ts";
import { onHttp } from "#functions/door.ts";

const Name = z.object({ name: z.enum(Object.keys(jobs) as [keyof typeof jobs, ...(keyof typeof jobs)[]]) });
const Id = z.object({ id: z.uuid() });
const Done = z.object({ job: z.string(), paused: z.boolean() });
const Page = z.object({ job: z.string().optional(), status: z.string().optional(), ...pageBy(z.tuple([instant, z.uuid()])) });

/** The cycle reads all sources of a project; by the name of one it is asked for where there is that one. */
const sync = (source: Source) =>
  route<"project", typeof Asked>(Asked, async (context) => {
    await Report.refuseUnlessFedBy(context.scope, source);
    return runNow(context, "connectors_sync_cycle");
  });

export const app = api("jobs", {
  jobs_scheduler: route({ answer: z.object({ jobs: z.array(Runs.Scheduled) }) }, async ({ scope }) => ({
    jobs: await Runs.scheduler(jobs, scope),
  })),
  jobs_tick: route({ status: 202, answer: z.object({ queued: z.number() }) }, async ({ scope }) => ({
    queued: await dispatchProject(jobs, scope),
  })),
  jobs_status: route({ answer: z.object({ latest: z.array(Runs.Info), stored: Stored.Info }) }, async ({ scope }) => ({
    latest: await Runs.latest(scope),
    stored: await Stored.count(scope),
  })),
  runs_list: route({ query: Page, answer: z.object({ runs: z.array(Runs.Info), nextCursor }) }, async ({ scope, query }) => {
    const { job, status, limit, cursor } = query;
    const runs = await Runs.list(scope, { job, status, limit, before: cursor && { at: cursor[0], id: cursor[1] } });
    return { runs, nextCursor: next(runs, limit, (run) => [run.askedAt, run.id]) };
  }),
  runs_get: route(
    { params: Id, answer: z.object({ jobRun: Runs.Info.extend({ tries: z.array(Runs.Attempt) }) }) },
    async ({ scope, params }) => ({
      jobRun: await Runs.get(scope, params.id),
    }),
  ),
  runs_cancel: route({ params: Id, answer: z.object({ jobRun: Runs.Info }) }, async ({ actor, scope, params }) => {
    await Request.cancel(jobs, scope, params.id, actor);
    return { jobRun: await Runs.get(scope, params.id) };
  }),
  runs_redrive: route({ ...Asked, params: Id }, (context) => redrive(context, context.params.id)),
  // Before the route that would take "embeddings" for the name of a job.
  jobs_embeddings_run: route(Asked, (context) => runNow(context, "embeddings_run")),
  jobs_run: route({ ...Asked, params: Name }, (context) => runNow(context, context.params.name)),
  jobs_pause: route({ params: Name, answer: Done }, async ({ actor, scope, params }) => {
    await Request.pause(jobs, scope, params.name, true, actor);
    return { job: params.name, paused: true };
  }),
  jobs_resume: route({ params: Name, answer: Done }, async ({ actor, scope, params }) => {
    await Request.pause(jobs, scope, params.name, false, actor);
    return { job: params.name, paused: false };
  }),
  jobs_chatwoot_sync: sync("chatwoot"),
  jobs_linear_sync: sync("linear"),
  jobs_attio_sync: sync("attio"),
});
export const handler = onHttp(app);
