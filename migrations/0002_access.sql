-- Access: who may sign in, with what, to which projects; what they did.

create table app_users (
  id uuid primary key default gen_random_uuid(),
  account_scope_id uuid not null,
  username text not null,
  email text,
  password_hash text not null,
  role text not null default 'pm' check (role in ('owner', 'pm', 'viewer')),
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (id, account_scope_id)
);
create unique index app_users_username on app_users (lower(username));
create unique index app_users_email on app_users (lower(email)) where email is not null;
call guard_table('app_users', 'none');
grant select, insert, update, delete on app_users to bellwether_app;
grant select, insert, update, delete on app_users to bellwether_system;

create table project_assignments (
  project_id uuid not null,
  account_scope_id uuid not null,
  user_id uuid not null,
  assigned_at timestamptz not null default now(),
  assigned_by text not null,
  primary key (project_id, user_id),
  foreign key (user_id, account_scope_id) references app_users (id, account_scope_id) on delete cascade
);
create index project_assignments_user on project_assignments (user_id);
call guard_table('project_assignments');
grant select, insert, update, delete on project_assignments to bellwether_app;
grant select, insert, update, delete on project_assignments to bellwether_system;

-- The cookie holds the session's id; here lies only its SHA-256.
create table sessions (
  id_hash text primary key,
  account_scope_id uuid not null,
  user_id uuid not null,
  csrf_token text not null,
  active_project_id uuid references projects (id) on delete set null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  foreign key (user_id, account_scope_id) references app_users (id, account_scope_id) on delete cascade
);
create index sessions_user on sessions (user_id);
create index sessions_expires on sessions (expires_at);
call guard_table('sessions', 'none');
-- A change of password or role ends the person's sessions in its own transaction.
grant select (user_id, account_scope_id), delete on sessions to bellwether_app;
grant select, insert, update, delete on sessions to bellwether_system;

create table api_keys (
  id uuid primary key default gen_random_uuid(),
  account_scope_id uuid not null,
  name text not null,
  key_hash text not null unique,
  key_prefix text not null,
  scopes text[] not null check (scopes <@ array['read', 'write', 'admin'] and cardinality(scopes) > 0),
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  unique (id, account_scope_id)
);
call guard_table('api_keys', 'none');
grant select, insert, update, delete on api_keys to bellwether_app;
grant select, insert, update, delete on api_keys to bellwether_system;

create table api_key_projects (
  api_key_id uuid not null,
  project_id uuid not null,
  account_scope_id uuid not null,
  primary key (api_key_id, project_id),
  foreign key (api_key_id, account_scope_id) references api_keys (id, account_scope_id) on delete cascade
);
call guard_table('api_key_projects');
grant select, insert, update, delete on api_key_projects to bellwether_app;
grant select, insert, update, delete on api_key_projects to bellwether_system;

create table login_attempts (
  id bigint generated always as identity primary key,
  username text not null,
  address text not null,
  attempted_at timestamptz not null
);
create index login_attempts_pair on login_attempts (username, address, attempted_at desc);
create index login_attempts_address on login_attempts (address, attempted_at desc);
create index login_attempts_age on login_attempts (attempted_at);
grant select, insert, delete on login_attempts to bellwether_system;

create table audit_events (
  id bigint generated always as identity primary key,
  project_id uuid,
  account_scope_id uuid not null,
  actor text not null,
  actor_kind text not null check (actor_kind in ('user', 'api_key', 'job', 'webhook', 'nobody')),
  actor_id text,
  action text not null,
  entity_type text,
  entity_id text,
  status text not null default 'ok' check (status in ('ok', 'refused', 'failed', 'warning')),
  request_id text,
  payload jsonb not null default '{}',
  evidence_refs jsonb not null default '[]',
  created_at timestamptz not null
);
create index audit_events_project on audit_events (project_id, id desc);
create index audit_events_account on audit_events (account_scope_id, id desc);
create index audit_events_created on audit_events (created_at);
call guard_table('audit_events', 'optional');
grant select, insert on audit_events to bellwether_app;
grant select, insert, delete on audit_events to bellwether_system;

-- One row per (caller, method, path, key): the request's fingerprint and, once it is done, its answer. `claim` names the request that is answering, so
-- that one which was given up on cannot write over its successor. The path carries the project when the address does not.
create table idempotency_keys (
  account_scope_id uuid not null,
  project_id uuid,
  caller text not null,
  method text not null,
  path text not null,
  key text not null check (length(key) between 1 and 256),
  body_hash text not null,
  claim uuid not null,
  status_code int,
  response_body text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (caller, method, path, key)
);
create index idempotency_keys_expires on idempotency_keys (expires_at);
call guard_table('idempotency_keys', 'optional');
grant select, insert, update, delete on idempotency_keys to bellwether_system;
