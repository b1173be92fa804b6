-- What of the studio's connections looks like one client's: an inbox, a Linear project, a company in Attio. For a person to accept or to dismiss.

create table binding_proposals (
  id uuid primary key default gen_random_uuid(),
  account_scope_id uuid not null,
  client text not null,
  confidence numeric(5, 4) not null check (confidence between 0 and 1),
  -- Bindings, as they would be added, each with its name and why it is thought to belong.
  parts jsonb not null,
  evidence_refs text[] not null default '{}',
  status text not null default 'proposed' check (status in ('proposed', 'accepted', 'dismissed')),
  accepted_project_id uuid,
  dedupe_key text not null,
  decided_by text,
  decided_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (account_scope_id, dedupe_key),
  foreign key (accepted_project_id, account_scope_id) references projects (id, account_scope_id) on delete set null (accepted_project_id)
);
create index binding_proposals_confident on binding_proposals (account_scope_id, status, confidence desc, id desc);
call guard_table('binding_proposals', 'none');
grant select, insert, update, delete on binding_proposals to bellwether_app;
