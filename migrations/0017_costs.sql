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

-- A key that was refused rests until then, in every project, as does a model that it may not use or whose rate is limited: `credential` is a hash of address,
-- key and, of a model, its name, so that another key begins afresh.
create table model_rests (
  credential text primary key,
  reason jsonb not null,
  until timestamptz not null
);
grant select, insert, update, delete on model_rests to bellwether_system;

-- What is to be embedded again because its vectors are another model's.
create index rag_chunks_embedded on rag_chunks (project_id, embedding_model, occurred_at desc) where embedding_status = 'ready';

-- A row without an embedding is being asked for by a run until then, by the database's clock: whoever else wants the same text waits for it instead of paying too.
alter table embedding_cache alter column embedding drop not null, add column asked_by uuid, add column asked_until timestamptz;

-- What was said before a text is in its window: when that comes, goes or changes, the next two texts of the thread that may show it are embedded again. What did not change of them is in the cache.
create function forget_windows() returns trigger language plpgsql security definer set search_path = public as $$
begin
  -- Where nothing has been embedded, as in a first reading, there is nothing to look for.
  if not exists (
    select from (select distinct project_id from changed) p
    where exists (select from rag_chunks r where r.project_id = p.project_id and r.embedding_status = 'ready')) then
    return null;
  end if;
  update rag_chunks f set embedding_status = 'pending', embedding_attempts = 0
  from changed c cross join lateral (
    -- Whatever came before is in the window of a private text; a public one's passes over what is private.
    (select n.chunk_no from rag_chunks n
      where n.project_id = c.project_id and n.thread_ref = c.thread_ref and (n.ord, n.chunk_index) > (c.ord, c.chunk_index)
      order by n.ord, n.chunk_index limit 2)
    union
    (select n.chunk_no from rag_chunks n
      where n.project_id = c.project_id and n.thread_ref = c.thread_ref and (n.ord, n.chunk_index) > (c.ord, c.chunk_index) and not c.private and not n.private
      order by n.ord, n.chunk_index limit 2)) next
  where f.project_id = c.project_id and f.chunk_no = next.chunk_no and f.source_kind in ('message', 'comment', 'note') and (f.private or not c.private)
    and f.embedding_status <> 'pending';
  return null;
end $$;
create trigger rag_chunks_windows_in after insert on rag_chunks referencing new table as changed for each statement execute function forget_windows();
create trigger rag_chunks_windows_out after delete on rag_chunks referencing old table as changed for each statement execute function forget_windows();
