-- The Attio mirror. Keys start with the project; external ids are Attio's record_id, note_id and task_id. `created_at` is upstream's; Attio has no change
-- stamp, so `changed_upstream_at` is the newest `active_from` among a record's values, and a change is a difference in the columns or in `data` (the record's
-- values as read, without what moves by itself). `first_seen_at`, `changed_at` and `deleted_at` are when we saw it; `absent_passes` and `sanitized` as in
-- the other mirrors.

create table attio_members_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  name text,
  email text,
  access_level text,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
call guard_table('attio_members_raw');

create table attio_accounts_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  name text,
  domain text,
  domains text[] not null default '{}',
  description text,
  stage text,
  annual_revenue numeric(20, 2),
  data jsonb not null default '{}',
  created_at timestamptz,
  changed_upstream_at timestamptz,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  sanitized boolean not null default false,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
create index attio_accounts_raw_external on attio_accounts_raw (external_id, connection_id, project_id);
call guard_table('attio_accounts_raw');

create table attio_people_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  account_external_id text,
  full_name text,
  email text,
  emails text[] not null default '{}',
  phones text[] not null default '{}',
  role text,
  data jsonb not null default '{}',
  created_at timestamptz,
  changed_upstream_at timestamptz,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  sanitized boolean not null default false,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
create index attio_people_raw_external on attio_people_raw (external_id, connection_id, project_id);
call guard_table('attio_people_raw');

create table attio_opportunities_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  account_external_id text,
  people_external_ids text[] not null default '{}',
  title text,
  stage text,
  stage_changed_at timestamptz,
  amount numeric(20, 2),
  currency text,
  probability numeric(5, 4) check (probability between 0 and 1),
  expected_close_date date,
  next_step text,
  owner_external_id text,
  data jsonb not null default '{}',
  created_at timestamptz,
  changed_upstream_at timestamptz,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  sanitized boolean not null default false,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
create index attio_opportunities_raw_external on attio_opportunities_raw (external_id, connection_id, project_id);
create index attio_opportunities_raw_account on attio_opportunities_raw (account_external_id, connection_id, project_id);
call guard_table('attio_opportunities_raw');

-- Which records a list that a binding names holds.
create table attio_entries_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  list_id text not null,
  external_id text not null,
  record_object text not null,
  record_external_id text not null,
  created_at timestamptz,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (project_id, connection_id, list_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
create index attio_entries_raw_record on attio_entries_raw (record_external_id, connection_id, project_id);
call guard_table('attio_entries_raw');

-- Notes and tasks.
create table attio_activities_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  activity_type text not null check (activity_type in ('note', 'task')),
  record_object text,
  record_external_id text,
  -- Every record it hangs on: one for a note, any number for a task.
  linked_external_ids text[] not null default '{}',
  title text,
  note text,
  actor_external_id text,
  actor_name text,
  occurred_at timestamptz,
  due_at timestamptz,
  completed_at timestamptz,
  is_completed boolean,
  assignee_external_ids text[] not null default '{}',
  data jsonb not null default '{}',
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  sanitized boolean not null default false,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
create index attio_activities_raw_record on attio_activities_raw (record_external_id, connection_id, project_id);
call guard_table('attio_activities_raw');

do $$
declare
  name text;
begin
  foreach name in array array['attio_members_raw', 'attio_accounts_raw', 'attio_people_raw', 'attio_opportunities_raw', 'attio_entries_raw',
    'attio_activities_raw'] loop
    execute format('grant select, insert, update, delete on %I to bellwether_app', name);
  end loop;
end $$;
