-- More than one source: jobs on demand, bindings of every kind, deletions that wait for a person, reconciliation, breakers.

-- No next run for a job that only runs when it is asked for.
alter table scheduled_jobs alter column next_run_at drop not null;
alter table job_runs drop constraint job_runs_trigger_check,
  add constraint job_runs_trigger_check check (trigger in ('schedule', 'manual', 'cascade', 'retry', 'redrive', 'webhook'));

-- The zone, or UTC for a name this Postgres does not know: zone tables differ between versions, and one project's must not fail a statement over all.
create function known_zone(zone text) returns text language plpgsql stable as $$
begin
  perform now() at time zone zone;
  return zone;
exception when invalid_parameter_value then
  return 'UTC';
end $$;

create or replace function next_grid_point(every_seconds int, at_hour int, at_weekday int, zone text, moment timestamptz) returns timestamptz
language sql stable as $$
  select case
    when at_hour is null then to_timestamp((floor(extract(epoch from moment) / every_seconds) + 1) * every_seconds)
    else (
      select min(day_start at time zone z.name)
      from (select known_zone(zone) as name offset 0) z
      cross join lateral (select (moment at time zone z.name)::date + n + make_interval(hours => at_hour) as day_start from generate_series(0, 8) n) days
      where day_start at time zone z.name > moment and (at_weekday is null or extract(isodow from day_start) = at_weekday))
    end
$$;

-- The lease is held while the attempt's own is, so the run alone does not name its holder.
alter table connections drop constraint connections_source_check, add constraint connections_source_check check (source in ('chatwoot', 'linear', 'attio')),
  add column lease_token uuid;

-- Chatwoot: inbox_ids, labels, companies (names). Linear: team_ids, linear_project_ids, labels. Attio: list_ids, companies (record ids or domains), deal_ids.
alter table project_sources
  add column team_ids text[] not null default '{}',
  add column linear_project_ids text[] not null default '{}',
  add column list_ids text[] not null default '{}',
  add column deal_ids text[] not null default '{}';
drop index project_sources_distinct;
create unique index project_sources_distinct on project_sources
  (project_id, connection_id, inbox_ids, labels, companies, team_ids, linear_project_ids, list_ids, deal_ids) where removed_at is null;

-- Deletions that a pass found too many to believe, and how many of them a person has approved since.
alter table connector_sync_state
  add column withheld_deletions int not null default 0,
  add column approved_deletions int,
  add column approved_by text,
  add column approved_at timestamptz;
alter table connector_crawl_seen alter column record_id type text;

-- No connection for the project as a whole.
alter table sync_reconciliation_metrics alter column connection_id drop not null,
  add constraint sync_reconciliation_metrics_connector_check check (connector in ('chatwoot', 'linear', 'attio', 'portfolio'));

-- Which records a complete crawl found wrong, and mended.
create table sync_reconciliation_diffs (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  connector text not null,
  run_id uuid not null,
  stream text not null,
  record_ref text not null,
  why text not null check (why in ('missing', 'stale', 'extra', 'duplicate')),
  captured_at timestamptz not null
);
create index sync_reconciliation_diffs_age on sync_reconciliation_diffs (captured_at);
create index sync_reconciliation_diffs_project on sync_reconciliation_diffs (project_id, id desc);
call guard_table('sync_reconciliation_diffs');
grant select, insert on sync_reconciliation_diffs to bellwether_app;
grant select, delete on sync_reconciliation_diffs to bellwether_system;

-- The cursors as the earlier system's readers know them.
create view sync_watermarks with (security_invoker = true) as
  select s.connection_id, s.account_scope_id, c.source || ':' || c.external_account as source, s.stream, s.known_until as cursor_ts, s.cursor as meta, s.updated_at
  from connector_sync_state s join connections c on c.id = s.connection_id;
grant select on sync_watermarks to bellwether_app, bellwether_system;

-- Which hosts do not answer: shared by every function that talks to them. A host is no project's, so there is no scope.
create table connector_breakers (
  host text primary key,
  failures int not null,
  open_until timestamptz,
  updated_at timestamptz not null
);
grant select, insert, update, delete on connector_breakers to bellwether_system;
