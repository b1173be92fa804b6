-- Accounts and deals as the studio works with them: mirrored from Attio, or made by hand. `edited_fields` holds the fields a person has set, with who
-- and when: the mirror leaves those alone until they are given back. `source_deleted_at`: gone upstream; the row stays, out of every sum.

create table crm_accounts (
  project_id uuid not null,
  account_scope_id uuid not null,
  id uuid not null default gen_random_uuid(),
  name text not null check (length(name) between 1 and 300),
  domain text,
  stage text not null default 'prospect' check (stage in ('active', 'inactive', 'prospect')),
  owner_username text,
  source_system text not null check (source_system in ('manual', 'attio')),
  connection_id uuid,
  external_ref text,
  edited_fields jsonb not null default '{}',
  source_deleted_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, id),
  unique (project_id, connection_id, external_ref),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id) on delete set null (connection_id)
);
create index crm_accounts_created on crm_accounts (project_id, created_at desc, id desc);
create index crm_accounts_connection on crm_accounts (connection_id);
call guard_table('crm_accounts');

create table crm_account_contacts (
  project_id uuid not null,
  account_scope_id uuid not null,
  account_id uuid not null,
  entity_type text not null check (entity_type in ('contact', 'person')),
  entity_id text not null,
  role text,
  created_at timestamptz not null,
  primary key (project_id, account_id, entity_type, entity_id),
  foreign key (project_id, account_id) references crm_accounts (project_id, id) on delete cascade
);
call guard_table('crm_account_contacts');

create table crm_opportunities (
  project_id uuid not null,
  account_scope_id uuid not null,
  id uuid not null default gen_random_uuid(),
  account_id uuid not null,
  title text not null check (length(title) between 1 and 300),
  stage text not null default 'discovery' check (stage in ('discovery', 'qualified', 'proposal', 'negotiation', 'won', 'lost')),
  amount_estimate numeric(14, 2) not null default 0,
  currency text,
  probability numeric(5, 4) not null default 0.1 check (probability between 0 and 1),
  expected_close_date date,
  next_step text not null,
  owner_username text,
  source_system text not null check (source_system in ('manual', 'attio')),
  connection_id uuid,
  external_ref text,
  edited_fields jsonb not null default '{}',
  evidence_refs text[] not null default '{}',
  source_deleted_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, id),
  unique (project_id, connection_id, external_ref),
  foreign key (project_id, account_id) references crm_accounts (project_id, id) on delete cascade,
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id) on delete set null (connection_id)
);
create index crm_opportunities_created on crm_opportunities (project_id, created_at desc, id desc);
create index crm_opportunities_account on crm_opportunities (account_id, project_id);
create index crm_opportunities_connection on crm_opportunities (connection_id);
call guard_table('crm_opportunities');

create table crm_opportunity_stage_events (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  account_scope_id uuid not null,
  opportunity_id uuid not null,
  from_stage text,
  to_stage text not null,
  reason text,
  actor_username text not null,
  evidence_refs text[] not null default '{}',
  occurred_at timestamptz not null,
  created_at timestamptz not null,
  foreign key (project_id, opportunity_id) references crm_opportunities (project_id, id) on delete cascade
);
create index crm_opportunity_stage_events_opportunity on crm_opportunity_stage_events (opportunity_id, project_id, id);
call guard_table('crm_opportunity_stage_events');

-- An id told from a name, the same every time.
create function named_uuid(name text) returns uuid language sql immutable strict as $$
  select overlay(overlay(md5(name) placing '8' from 13 for 1) placing '8' from 17 for 1)::uuid
$$;

-- What two spellings of a stage have in common: "Closed Won", "closed_won" and "Won 🎉" lose what is no letter or digit. The same in core/crm/stage.ts.
create function stage_key(stage text) returns text language sql immutable as $$
  select btrim(regexp_replace(lower(stage collate "C"), '[^a-z0-9\u00c0-\u1fff\u2c00-\ud7ff]+', '-', 'g'), '-')
$$;

do $$
declare
  name text;
begin
  foreach name in array array['crm_accounts', 'crm_account_contacts', 'crm_opportunities', 'crm_opportunity_stage_events'] loop
    execute format('grant select, insert, update, delete on %I to bellwether_app', name);
  end loop;
end $$;
