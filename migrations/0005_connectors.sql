-- Connections (one upstream account each), bindings that route parts of them to projects, stream state, errors, completeness.

create table connections (
  id uuid primary key default gen_random_uuid(),
  account_scope_id uuid not null,
  source text not null check (source in ('chatwoot')),
  name text not null,
  base_url text not null,
  external_account text not null,
  credentials text not null,
  simulated boolean not null default false,
  -- The run that is reading it; the lease is held while that run's own lease is.
  lease_run_id uuid,
  last_read_run_id uuid,
  last_read_started_at timestamptz,
  last_read_ended_at timestamptz,
  last_read_status text check (last_read_status in ('ok', 'partial', 'failed')),
  last_read_reason jsonb,
  retry_at timestamptz,
  failures int not null default 0,
  bindings_changed_at timestamptz,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (account_scope_id, source, base_url, external_account),
  unique (id, account_scope_id)
);
call guard_table('connections', 'none');
grant select, insert, update, delete on connections to bellwether_app;
grant select, insert, update, delete on connections to bellwether_system;

-- What of a connection feeds a project. An empty list of a kind does not narrow; a row is covered when it passes every kind that is given.
create table project_sources (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  inbox_ids bigint[] not null default '{}',
  labels text[] not null default '{}',
  companies text[] not null default '{}',
  created_by text not null,
  created_at timestamptz not null,
  -- Covers nothing from then on; the row goes when what it brought is gone.
  removed_at timestamptz,
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
create unique index project_sources_distinct on project_sources (project_id, connection_id, inbox_ids, labels, companies) where removed_at is null;
create index project_sources_connection on project_sources (connection_id);
call guard_table('project_sources');
grant select, insert, update, delete on project_sources to bellwether_app;
grant select, insert, update, delete on project_sources to bellwether_system;

-- How many bindings a connection still has, in whatever project: its owner may not see them all. Definer for that count alone.
create function count_bindings(connection uuid) returns bigint language sql stable security definer as $$
  select count(*) from public.project_sources s join public.connections c on c.id = s.connection_id
  where s.connection_id = connection and c.account_scope_id = nullif(current_setting('app.account_scope_id', true), '')::uuid
$$;

create table connector_sync_state (
  connection_id uuid not null,
  account_scope_id uuid not null,
  stream text not null,
  cursor jsonb,
  status text not null default 'idle' check (status in ('idle', 'running', 'ok', 'failed')),
  run_id uuid,
  -- The pass under way, and when each run that worked on the latest one began.
  pass_started_at timestamptz,
  pass_runs timestamptz[] not null default '{}',
  complete_passes int not null default 0,
  known_until timestamptz,
  last_attempt_at timestamptz,
  last_success_at timestamptz,
  retry_at timestamptz,
  failures int not null default 0,
  reason jsonb,
  updated_at timestamptz not null,
  primary key (connection_id, stream),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id) on delete cascade
);
call guard_table('connector_sync_state', 'none');
grant select, insert, update, delete on connector_sync_state to bellwether_app;
grant select, insert, update, delete on connector_sync_state to bellwether_system;

-- What the crawl in progress has seen: part of its cursor, emptied when the pass ends.
create table connector_crawl_seen (
  connection_id uuid not null,
  account_scope_id uuid not null,
  stream text not null,
  record_id bigint not null,
  primary key (connection_id, stream, record_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id) on delete cascade
);
call guard_table('connector_crawl_seen', 'none');
grant select, insert, delete on connector_crawl_seen to bellwether_app;

create table connector_errors (
  id bigint generated always as identity primary key,
  connection_id uuid not null,
  account_scope_id uuid not null,
  stream text not null,
  record_ref text,
  kind text not null check (kind in ('auth', 'rate_limited', 'upstream', 'network', 'invalid_data', 'bug')),
  message text not null,
  payload jsonb,
  attempts int not null default 1,
  status text not null default 'pending' check (status in ('pending', 'retrying', 'resolved', 'dead_letter')),
  next_retry_at timestamptz,
  dedupe_key text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  resolved_at timestamptz,
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id) on delete cascade
);
create unique index connector_errors_live on connector_errors (connection_id, dedupe_key) where status in ('pending', 'retrying');
create index connector_errors_due on connector_errors (status, next_retry_at);
call guard_table('connector_errors', 'none');
grant select, insert, update, delete on connector_errors to bellwether_app;
grant select, insert, update, delete on connector_errors to bellwether_system;

create table sync_reconciliation_metrics (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  connector text not null,
  source text not null check (source in ('manual', 'sync_cycle', 'daily_job')),
  run_id uuid not null,
  total_count bigint not null,
  missing_count bigint not null,
  stale_count bigint not null,
  extra_count bigint not null,
  duplicate_count bigint not null,
  completeness_pct numeric(6, 2) not null check (completeness_pct between 0 and 100),
  captured_at timestamptz not null
);
create index sync_reconciliation_metrics_recent on sync_reconciliation_metrics (project_id, connector, captured_at desc);
create index sync_reconciliation_metrics_age on sync_reconciliation_metrics (captured_at);
call guard_table('sync_reconciliation_metrics');
grant select, insert, update on sync_reconciliation_metrics to bellwether_app;
grant select, delete on sync_reconciliation_metrics to bellwether_system;
