import * as z from "zod";

/** What a job's queue carries: a schedule's tick, or one run. `dead` marks a message that was put into the dead letters, so that a redrive is known as one. */
export const Tick = z.object({ type: z.string(), trigger: z.literal("schedule"), carried: z.boolean().optional() });
export const RunMessage = z.object({ type: z.string(), run_id: z.uuid(), project_id: z.uuid(), dead: z.boolean().optional() });
export const Message = z.union([RunMessage, Tick]);
export type Message = z.infer<typeof Message>;
export type RunMessage = z.infer<typeof RunMessage>;

export const tick = (job: string, carried = false): string =>
  JSON.stringify({ type: job, trigger: "schedule", ...(carried ? { carried } : {}) });
export const forRun = (job: string, run: { id: string; projectId: string }): string =>
  JSON.stringify({ type: job, run_id: run.id, project_id: run.projectId });
/** The message of a run as the dead letters keep it. */
export const dead = (job: string, run: { id: string; projectId: string }): string =>
  JSON.stringify({ type: job, run_id: run.id, project_id: run.projectId, dead: true });
