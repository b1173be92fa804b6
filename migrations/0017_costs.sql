-- What models cost, and how much they may: a row for each call, and the limits that are set beside the configuration's own.

alter table projects
  -- Paid jobs run less often and do less at a time, and no model words an answer.
  add column economy_mode boolean not null default true,
  -- US dollars; null: as configured.
  add column budget_usd_day numeric(12, 4) check (budget_usd_day >= 0),
  add column budget_usd_run numeric(12, 4) check (budget_usd_run >= 0);
alter table account_scopes add column budget_usd_day numeric(12, 4) check (budget_usd_day >= 0);
grant update (budget_usd_day) on account_scopes to bellwether_app;

create table cost_ledger (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  account_scope_id uuid not null,
  at timestamptz not null,
  purpose text not null,
  provider text not null,
  model text not null,
  -- A run of a job, or whoever asked: a name, `key:NAME`.
  job text,
  run_id uuid,
  asked_by text not null,
  -- How many texts or prompts the call was about.
  texts int not null,
  input_tokens int not null,
  output_tokens int not null default 0,
  price_usd numeric(18, 12) not null,
  -- Answered from what had been paid for before: nothing was sent.
  cached boolean not null default false,
  -- Until the answer is here, tokens and price are what it may come to at most; a row whose process died stays so.
  settled boolean not null default true
);
create index cost_ledger_project on cost_ledger (project_id, at);
create index cost_ledger_studio on cost_ledger (account_scope_id, at);
create index cost_ledger_run on cost_ledger (run_id) where run_id is not null;
call guard_table('cost_ledger');
grant select on cost_ledger to bellwether_app;
grant select, insert, update, delete on cost_ledger to bellwether_system;

-- A key that was refused, or whose rate is limited, rests until then, in every project: `credential` is a hash of address and key, so that another key begins afresh.
create table model_rests (
  credential text primary key,
  reason jsonb not null,
  until timestamptz not null
);
grant select, insert, update, delete on model_rests to bellwether_system;

-- What is to be embedded again because its vectors are another model's.
create index rag_chunks_embedded on rag_chunks (project_id, embedding_model, occurred_at desc) where embedding_status = 'ready';
