import { type Operation, op } from "#core/api/operation.ts";

/** Jobs and their runs. */
export const operations = {
  jobs_scheduler: op("GET", "/jobs/scheduler", "jobs", "Every job of a project: status, reason, when it runs next.", "viewer", "project"),
  jobs_tick: op("POST", "/jobs/scheduler/tick", "jobs", "Queues what is due in a project now.", "pm", "project"),
  jobs_status: op("GET", "/jobs/status", "jobs", "The latest run of each job, and what is stored.", "viewer", "project"),
  runs_list: op("GET", "/jobs/runs", "jobs", "Lists runs, newest first.", "viewer", "project"),
  runs_get: op("GET", "/jobs/runs/:id", "jobs", "A run with its attempts.", "viewer", "project"),
  runs_cancel: op(
    "POST",
    "/jobs/runs/:id/cancel",
    "jobs",
    "Cancels a queued run; asks a running one to stop at its next checkpoint.",
    "pm",
    "project",
  ),
  runs_redrive: op("POST", "/jobs/runs/:id/redrive", "jobs", "Runs a dead-lettered run again.", "pm", "project"),
  jobs_embeddings_run: op("POST", "/jobs/embeddings/run", "jobs", "Embeds new texts now (earlier name).", "pm", "project"),
  jobs_run: op("POST", "/jobs/:name/run", "jobs", "Runs a job now.", "pm", "project"),
  jobs_pause: op("POST", "/jobs/:name/pause", "jobs", "Pauses a job for a project.", "pm", "project"),
  jobs_resume: op("POST", "/jobs/:name/resume", "jobs", "Resumes a paused job.", "pm", "project"),
  jobs_chatwoot_sync: op("POST", "/jobs/chatwoot/sync", "jobs", "Runs the sync cycle now (earlier name).", "pm", "project"),
  jobs_linear_sync: op("POST", "/jobs/linear/sync", "jobs", "Runs the sync cycle now (earlier name).", "pm", "project"),
  jobs_attio_sync: op("POST", "/jobs/attio/sync", "jobs", "Runs the sync cycle now (earlier name).", "pm", "project"),
} satisfies Record<string, Operation>;
