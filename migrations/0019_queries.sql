-- What was asked of memory, and what people thought of the answers. An answer rests on texts that may yet be deleted, so a run keeps which chunks were
-- found and how well they fitted, and never what they said; the question is the asker's own words.

create table lightrag_query_runs (
  project_id uuid not null,
  account_scope_id uuid not null,
  id uuid not null default gen_random_uuid(),
  query_text text not null check (length(query_text) between 1 and 4000),
  mode text not null check (mode in ('naive', 'local', 'global', 'hybrid', 'mix')),
  audience text not null check (audience in ('team', 'client')),
  top_k int not null,
  filters jsonb not null default '{}',
  chunk_hits int not null,
  source_hits int not null,
  -- The chunks in the order of the ranking: id, record, score, and whether the answer cites it.
  evidence jsonb not null default '[]',
  answered text not null check (answered in ('none', 'extractive', 'model')),
  quality_score numeric(5, 2) not null check (quality_score between 0 and 100),
  source_diversity int not null,
  insufficient_evidence boolean not null,
  partial boolean not null,
  reasons jsonb not null default '[]',
  cost_usd numeric(14, 8) not null default 0,
  duration_ms int not null,
  -- Whose it is, as `kind:id`, and the name beside it.
  asked_by text not null,
  created_by text not null,
  created_at timestamptz not null,
  primary key (project_id, id)
);
create index lightrag_query_runs_recent on lightrag_query_runs (project_id, created_at desc, id);
call guard_table('lightrag_query_runs');

create table lightrag_feedback (
  project_id uuid not null,
  account_scope_id uuid not null,
  query_run_id uuid not null,
  asked_by text not null,
  rating smallint not null check (rating between -1 and 1),
  comment text check (length(comment) <= 2000),
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, query_run_id, asked_by),
  foreign key (project_id, query_run_id) references lightrag_query_runs (project_id, id) on delete cascade
);
call guard_table('lightrag_feedback');

grant select, insert on lightrag_query_runs to bellwether_app;
grant select, insert, update on lightrag_feedback to bellwether_app;
grant select, delete on lightrag_query_runs to bellwether_system;
grant select on lightrag_feedback to bellwether_system;
