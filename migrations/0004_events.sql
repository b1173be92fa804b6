-- The one event log: domain events and process events. Ids, never message text.
create table kag_event_log (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  account_scope_id uuid not null,
  event_type text not null,
  source text not null check (source in ('chatwoot', 'linear', 'attio', 'system')),
  actor text not null check (actor in ('client', 'team', 'system')),
  source_ref text not null,
  occurred_at timestamptz not null,
  observed_at timestamptz not null,
  payload jsonb not null default '{}',
  dedupe_key text not null,
  unique (project_id, dedupe_key)
);
create index kag_event_log_type on kag_event_log (project_id, event_type, id desc);
create index kag_event_log_process_age on kag_event_log (observed_at) where source = 'system';
call guard_table('kag_event_log');
grant select, insert on kag_event_log to bellwether_app;
grant select, insert, delete on kag_event_log to bellwether_system;
