-- The Linear mirror. One upstream record may live in several projects, so every key starts with the project. External ids are Linear's UUIDs.
-- `created_at`, `updated_at`, `archived_at` are upstream's; `first_seen_at`, `changed_at` and `deleted_at` are when we saw it. `absent_passes` counts
-- consecutive complete crawls without the record: at two it is deleted, and its text goes. `sanitized`: a NUL or lone surrogate became U+FFFD.

create table linear_teams_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  key text,
  name text not null,
  updated_at timestamptz,
  archived_at timestamptz,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
call guard_table('linear_teams_raw');

create table linear_users_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  name text,
  display_name text,
  email text,
  active boolean not null default true,
  guest boolean not null default false,
  updated_at timestamptz,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
call guard_table('linear_users_raw');

create table linear_states_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  team_external_id text,
  name text not null,
  type text,
  position double precision,
  updated_at timestamptz,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
call guard_table('linear_states_raw');

create table linear_cycles_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  team_external_id text,
  number int,
  name text,
  starts_at timestamptz,
  ends_at timestamptz,
  completed_at timestamptz,
  progress double precision,
  created_at timestamptz,
  updated_at timestamptz,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
call guard_table('linear_cycles_raw');

create table linear_projects_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  slug_id text,
  name text not null,
  description text,
  content text,
  state text,
  state_type text,
  health text,
  progress double precision,
  lead_external_id text,
  lead_name text,
  team_external_ids text[] not null default '{}',
  start_date date,
  target_date date,
  url text,
  created_at timestamptz,
  updated_at timestamptz,
  archived_at timestamptz,
  completed_at timestamptz,
  canceled_at timestamptz,
  trashed boolean not null default false,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  sanitized boolean not null default false,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
call guard_table('linear_projects_raw');

create table linear_issues_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  identifier text not null,
  number int,
  title text not null,
  description text,
  team_external_id text,
  team_key text,
  linear_project_external_id text,
  cycle_external_id text,
  cycle_name text,
  parent_external_id text,
  state text,
  state_external_id text,
  state_type text,
  priority int,
  estimate double precision,
  due_date date,
  labels text[] not null default '{}',
  assignee_external_id text,
  assignee_name text,
  creator_external_id text,
  creator_name text,
  url text,
  created_at timestamptz,
  updated_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  canceled_at timestamptz,
  archived_at timestamptz,
  trashed boolean not null default false,
  -- External ids of the open issues that block it; `blocked` while there is one.
  blocked_by text[] not null default '{}',
  blocked_by_count int not null default 0,
  blocked boolean not null default false,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  sanitized boolean not null default false,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
create index linear_issues_raw_external on linear_issues_raw (external_id, connection_id, project_id);
call guard_table('linear_issues_raw');

create table linear_comments_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  issue_external_id text not null,
  parent_external_id text,
  body text,
  author_type text check (author_type in ('user', 'bot', 'external')),
  author_external_id text,
  author_name text,
  url text,
  created_at timestamptz,
  updated_at timestamptz,
  edited_at timestamptz,
  archived_at timestamptz,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  sanitized boolean not null default false,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (project_id, connection_id, issue_external_id) references linear_issues_raw (project_id, connection_id, external_id) on delete cascade
);
create index linear_comments_raw_issue on linear_comments_raw (issue_external_id, connection_id, project_id);
call guard_table('linear_comments_raw');

create table linear_documents_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  linear_project_external_id text,
  issue_external_id text,
  title text not null,
  content text,
  creator_external_id text,
  creator_name text,
  url text,
  created_at timestamptz,
  updated_at timestamptz,
  archived_at timestamptz,
  trashed boolean not null default false,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  sanitized boolean not null default false,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, external_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
call guard_table('linear_documents_raw');

do $$
declare
  name text;
begin
  foreach name in array array['linear_teams_raw', 'linear_users_raw', 'linear_states_raw', 'linear_cycles_raw', 'linear_projects_raw', 'linear_issues_raw',
    'linear_comments_raw', 'linear_documents_raw'] loop
    execute format('grant select, insert, update, delete on %I to bellwether_app', name);
  end loop;
end $$;
