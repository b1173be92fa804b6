-- Scope: studios, projects, and the guard every table with a project_id or an account_scope_id wears.

create extension if not exists pgcrypto;
create extension if not exists pg_trgm;
create extension if not exists vector;

-- Roles are cluster-wide: another database, or a migration running beside this one, may have made them already.
do $$
declare
  name text;
begin
  foreach name in array array['bellwether_app', 'bellwether_system'] loop
    begin
      execute format('create role %I nologin', name);
    exception when duplicate_object or unique_violation then null;
    end;
    if not pg_has_role(session_user, name, 'member') then
      begin
        execute format('grant %I to %I', name, session_user);
      exception when unique_violation then null;
      end;
    end if;
  end loop;
end $$;

create table account_scopes (
  id uuid primary key default gen_random_uuid(),
  scope_key text not null unique,
  name text not null,
  created_at timestamptz not null default now()
);

create table projects (
  id uuid primary key default gen_random_uuid(),
  account_scope_id uuid not null references account_scopes (id) on delete restrict,
  name text not null check (length(name) between 1 and 160),
  status text not null default 'active' check (status in ('active', 'paused', 'archived')),
  time_zone text not null default 'UTC',
  language text not null default 'ru' check (language in ('ru', 'en')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (id, account_scope_id)
);

-- Fills a missing account scope; refuses a null project, an unknown one and a mismatch. Definer: the writer may not see the project it names.
create function enforce_project_scope_match() returns trigger language plpgsql security definer as $$
declare
  expected uuid;
begin
  if new.project_id is null then
    if tg_argv[0] = 'optional' then return new; end if;
    raise exception '%: a row needs a project_id', tg_table_name using errcode = 'not_null_violation', constraint = tg_name;
  end if;
  select p.account_scope_id into expected from public.projects p where p.id = new.project_id;
  if expected is null then
    raise exception '%: unknown project %', tg_table_name, new.project_id using errcode = 'foreign_key_violation', constraint = tg_name;
  end if;
  if new.account_scope_id is null then
    new.account_scope_id := expected;
  elsif new.account_scope_id <> expected then
    raise exception '%: project % belongs to account scope %, not %', tg_table_name, new.project_id, expected, new.account_scope_id
      using errcode = 'check_violation', constraint = tg_name;
  end if;
  return new;
end $$;

-- Puts a table under the guard (policies read the settings once a statement, not once a row): trigger, foreign key to (project, account scope), row-level security for both roles. Grants stay with the table.
-- `project`: 'required' | 'optional' (the act may concern no project) | 'none' (the row belongs to the studio).
create procedure guard_table(target regclass, project text default 'required') language plpgsql as $$
declare
  short text := (select relname from pg_class where oid = target);
  in_project constant text := $q$project_id = any ((select nullif(current_setting('app.project_ids', true), '')::uuid[])::uuid[])$q$;
  in_account constant text := $q$account_scope_id = (select nullif(current_setting('app.account_scope_id', true), '')::uuid)$q$;
  seen text := case project
    when 'none' then in_account
    when 'optional' then format('(%s) or (project_id is null and %s)', in_project, in_account)
    else in_project end;
begin
  if project <> 'none' then
    execute format('create trigger %I before insert or update of project_id, account_scope_id on %s for each row execute function enforce_project_scope_match(%s)',
      short || '_scope_guard', target, case when project = 'optional' then '''optional''' else '' end);
    execute format('alter table %s add constraint %I foreign key (project_id, account_scope_id) references projects (id, account_scope_id) on update cascade on delete cascade',
      target, short || '_project_fkey');
  else
    execute format('alter table %s add constraint %I foreign key (account_scope_id) references account_scopes (id) on delete cascade', target, short || '_account_fkey');
  end if;
  execute format('alter table %s enable row level security', target);
  execute format('create policy app on %s to bellwether_app using (%s) with check (%s)', target, seen, seen);
  execute format('create policy system on %s to bellwether_system using (true) with check (true)', target);
end $$;

alter table projects enable row level security;
create policy app on projects to bellwether_app
  using (id = any (nullif(current_setting('app.project_ids', true), '')::uuid[]))
  with check (id = any (nullif(current_setting('app.project_ids', true), '')::uuid[])
    and account_scope_id = nullif(current_setting('app.account_scope_id', true), '')::uuid);
create policy system on projects to bellwether_system using (true) with check (true);
grant select, insert, update on projects to bellwether_app;
grant select, insert, update, delete on projects to bellwether_system;

alter table account_scopes enable row level security;
create policy app on account_scopes to bellwether_app using (id = nullif(current_setting('app.account_scope_id', true), '')::uuid);
create policy system on account_scopes to bellwether_system using (true) with check (true);
grant select on account_scopes to bellwether_app;
grant select, insert, update, delete on account_scopes to bellwether_system;
