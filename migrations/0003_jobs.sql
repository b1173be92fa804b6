-- Jobs: one row per project and job, one per asked-for run, one per attempt; and the embedded queue.

create table scheduled_jobs (
  project_id uuid not null,
  account_scope_id uuid not null,
  job text not null,
  status text not null default 'idle' check (status in ('idle', 'queued', 'running', 'ok', 'failed', 'paused', 'cancelled', 'dead_letter')),
  paused boolean not null default false,
  next_run_at timestamptz not null,
  last_run_id uuid,
  last_run_at timestamptz,
  last_success_at timestamptz,
  processed bigint not null default 0,
  failure_count int not null default 0,
  reason jsonb,
  updated_at timestamptz not null,
  primary key (project_id, job)
);
create index scheduled_jobs_due on scheduled_jobs (job, next_run_at);
call guard_table('scheduled_jobs');
grant select, insert, update on scheduled_jobs to bellwether_app;
grant select, insert, update, delete on scheduled_jobs to bellwether_system;

-- `due_at` is when the run may start: when it was asked for, or when its backoff ends. `reason` is {code, params}; a queued row with attempts > 0
-- is waiting for its next attempt. The lease is the database's clock; all other instants are the product's.
create table job_runs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null,
  account_scope_id uuid not null,
  job text not null,
  trigger text not null check (trigger in ('schedule', 'manual', 'cascade', 'retry', 'redrive')),
  asked_by text not null,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  cause_run_id uuid,
  status text not null default 'queued' check (status in ('queued', 'running', 'ok', 'failed', 'cancelled', 'dead_letter')),
  attempts int not null default 0,
  max_attempts int not null,
  cancel_requested boolean not null default false,
  lease_token uuid,
  lease_until timestamptz,
  sent_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  processed bigint not null default 0,
  counters jsonb not null default '{}',
  cost_usd numeric(12, 6) not null default 0,
  reason jsonb,
  unique (project_id, id)
);
create unique index job_runs_one_running on job_runs (project_id, job) where status = 'running';
create unique index job_runs_one_queued on job_runs (project_id, job) where status = 'queued';
create index job_runs_open on job_runs (status, due_at) where status in ('queued', 'running');
create index job_runs_recent on job_runs (project_id, asked_at desc, id desc);
create index job_runs_finished on job_runs (finished_at);
call guard_table('job_runs');
grant select, insert, update on job_runs to bellwether_app;
grant select, insert, update, delete on job_runs to bellwether_system;

create table worker_runs (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  account_scope_id uuid not null,
  run_id uuid not null,
  job text not null,
  attempt int not null,
  status text not null default 'running' check (status in ('running', 'ok', 'failed', 'lost', 'deferred', 'cancelled')),
  message_id text,
  receive_count int,
  worker text,
  lease_token uuid not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  error jsonb,
  foreign key (project_id, run_id) references job_runs (project_id, id) on delete cascade
);
create index worker_runs_run on worker_runs (run_id, id);
create index worker_runs_token on worker_runs (lease_token);
create index worker_runs_finished on worker_runs (finished_at);
call guard_table('worker_runs');
grant select on worker_runs to bellwether_app;
grant select, insert, update, delete on worker_runs to bellwether_system;

-- Renews a run's lease and answers whether to go on: 'held', 'cancelled' (someone asked) or 'lost'. A transaction that commits a run's work
-- calls it last: the row lock it takes keeps every other worker from claiming the run until that commit.
create function hold_lease(run uuid, token uuid, seconds int) returns text language sql security definer as $$
  with held as (
    update public.job_runs set lease_until = clock_timestamp() + make_interval(secs => seconds)
    where id = run and lease_token = token and status = 'running' and lease_until > clock_timestamp()
    returning cancel_requested)
  select coalesce((select case when cancel_requested then 'cancelled' else 'held' end from held), 'lost')
$$;

-- Whether a run, of whatever project, is in a living worker's hands. Definer for that answer alone.
create function lease_lives(run uuid) returns boolean language sql stable security definer as $$
  select exists (select from public.job_runs where id = run and status = 'running' and lease_until > clock_timestamp())
$$;

-- The next instant of a job's fixed grid after `moment`: every N seconds from the epoch, or at an hour (and weekday, Monday = 1) of the project's own day.
create function next_grid_point(every_seconds int, at_hour int, at_weekday int, zone text, moment timestamptz) returns timestamptz language sql stable as $$
  select case
    when at_hour is null then to_timestamp((floor(extract(epoch from moment) / every_seconds) + 1) * every_seconds)
    else (
      select min(day_start at time zone zone)
      from (select (moment at time zone zone)::date + n + make_interval(hours => at_hour) as day_start from generate_series(0, 8) n) days
      where day_start at time zone zone > moment and (at_weekday is null or extract(isodow from day_start) = at_weekday))
    end
$$;

create table queue_messages (
  id uuid primary key default gen_random_uuid(),
  queue text not null,
  body text not null,
  visible_at timestamptz not null default clock_timestamp(),
  receive_count int not null default 0,
  receipt uuid,
  dead boolean not null default false,
  dead_reason text,
  sent_at timestamptz not null default clock_timestamp(),
  seq bigint generated always as identity
);
create index queue_messages_visible on queue_messages (queue, visible_at, seq) where not dead;
create index queue_messages_dead on queue_messages (queue, seq) where dead;
grant select, insert, update, delete on queue_messages to bellwether_system;
