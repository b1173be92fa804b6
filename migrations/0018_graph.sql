-- The graph: who and what the sources speak of, told from their own fields, and which texts mention them.
--   kag_nodes            people, clients, deals, tasks, conversations, documents, Linear projects; agreements that a model found
--   kag_aliases          what a node is called: names as they sound, e-mails, domains, identifiers
--   kag_mentions         which chunk speaks of which node
--   kag_edges            facts: a relation to another node or a value, from when until when
--   kag_provenance_refs  what a fact rests on; a fact of a model goes with its last evidence
--   kag_unread           chunks in which mentions have still to be looked for
--   kag_extractions      which parts of which threads a model has read, by hash; never their text
-- Secondary indexes lead with their own column, as those of the mirrors do and for the same reason.

create table kag_nodes (
  project_id uuid not null,
  account_scope_id uuid not null,
  -- Told from the project and the key, so that a record which comes back is the node it was.
  id uuid not null,
  node_type text not null check (node_type in ('person', 'client', 'deal', 'task', 'conversation', 'agreement', 'document', 'project')),
  -- The record as the rest of the product names it; of an agreement, what tells it from others.
  node_key text not null,
  title text,
  status text,
  payload jsonb not null default '{}',
  -- What its aliases and facts are made from, and a hash of all that was read of the record: the same means that nothing changed.
  basis jsonb not null default '{}',
  fingerprint text not null,
  -- Whether its aliases and facts are those of its basis; the keys its facts name that are no node yet.
  settled boolean not null default false,
  waits_for text[] not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, id),
  unique (node_key, project_id)
);
create index kag_nodes_type on kag_nodes (node_type, project_id, updated_at desc, id desc);
create index kag_nodes_unsettled on kag_nodes (project_id, id) where not settled;
create index kag_nodes_waiting on kag_nodes (project_id, id) where waits_for <> '{}';
call guard_table('kag_nodes');

create table kag_aliases (
  project_id uuid not null,
  account_scope_id uuid not null,
  -- A name as fold_name has it, in whatever script it is written; an e-mail, a domain and an identifier in lower case.
  alias text not null,
  node_id uuid not null,
  source text not null check (source in ('name', 'name_part', 'company', 'title', 'email', 'domain', 'identifier')),
  confidence numeric(5, 4) not null check (confidence between 0 and 1),
  -- Whether it may mean somebody else as well: such a name mentions nobody.
  ambiguous boolean not null default false,
  primary key (project_id, alias, node_id),
  foreign key (project_id, node_id) references kag_nodes (project_id, id) on delete cascade
);
create index kag_aliases_node on kag_aliases (node_id, project_id);
call guard_table('kag_aliases');

create table kag_mentions (
  project_id uuid not null,
  account_scope_id uuid not null,
  node_id uuid not null,
  chunk_no bigint not null,
  -- The surest of: who wrote it, an identifier, an e-mail or domain, a name.
  method text not null check (method in ('author', 'identifier', 'email', 'name')),
  primary key (project_id, node_id, chunk_no),
  foreign key (project_id, node_id) references kag_nodes (project_id, id) on delete cascade,
  foreign key (project_id, chunk_no) references rag_chunks (project_id, chunk_no) on delete cascade
);
create index kag_mentions_chunk on kag_mentions (chunk_no, project_id, node_id);
call guard_table('kag_mentions');

create table kag_edges (
  project_id uuid not null,
  account_scope_id uuid not null,
  id uuid not null,
  from_node_id uuid not null,
  relation_type text not null,
  to_node_id uuid,
  value text,
  -- Of a model's fact: the day it names.
  due date,
  -- Of a model's fact: the part of a thread in which it was read, by its hash, and the chunks of it, whose words it may have.
  part_hash text,
  read_with bigint[],
  -- What the fact is about: of one key only one fact holds at a time, unless the relation may have many.
  fact_key text not null,
  valid_from timestamptz not null,
  valid_to timestamptz,
  recorded_at timestamptz not null,
  -- When it was found that it never held.
  retracted_at timestamptz,
  confidence numeric(5, 4) not null default 1 check (confidence between 0 and 1),
  extractor text not null check (extractor in ('source', 'model')),
  check (num_nonnulls(to_node_id, value) <= 1),
  check (valid_to >= valid_from),
  primary key (project_id, id),
  foreign key (project_id, from_node_id) references kag_nodes (project_id, id) on delete cascade,
  foreign key (project_id, to_node_id) references kag_nodes (project_id, id) on delete cascade
);
create index kag_edges_from on kag_edges (from_node_id, project_id, relation_type);
create index kag_edges_to on kag_edges (to_node_id, project_id, relation_type);
create index kag_edges_model on kag_edges (fact_key, project_id, valid_from) where extractor = 'model';
call guard_table('kag_edges');

create table kag_provenance_refs (
  project_id uuid not null,
  account_scope_id uuid not null,
  id bigint generated always as identity,
  object_kind text not null check (object_kind in ('node', 'edge')),
  object_id uuid not null,
  node_id uuid generated always as (case when object_kind = 'node' then object_id end) stored,
  edge_id uuid generated always as (case when object_kind = 'edge' then object_id end) stored,
  source_kind text not null check (source_kind in ('chatwoot', 'linear', 'attio', 'crm', 'identity')),
  source_ref text not null,
  -- Of a model's fact: where it is said. The offsets count characters of the chunk's text.
  chunk_no bigint,
  quote text,
  start_offset int,
  end_offset int,
  created_at timestamptz not null,
  primary key (project_id, id),
  foreign key (project_id, node_id) references kag_nodes (project_id, id) on delete cascade,
  foreign key (project_id, edge_id) references kag_edges (project_id, id) on delete cascade,
  foreign key (project_id, chunk_no) references rag_chunks (project_id, chunk_no) on delete cascade
);
create index kag_provenance_refs_node on kag_provenance_refs (node_id, project_id) where node_id is not null;
create index kag_provenance_refs_edge on kag_provenance_refs (edge_id, project_id) where edge_id is not null;
create index kag_provenance_refs_chunk on kag_provenance_refs (chunk_no, project_id) where chunk_no is not null;
call guard_table('kag_provenance_refs');

create table kag_unread (
  project_id uuid not null,
  account_scope_id uuid not null,
  chunk_no bigint not null,
  primary key (project_id, chunk_no)
);
call guard_table('kag_unread');
-- A row for each new chunk, in the transaction that reads it: checked one by one it took twice as long as the chunk itself.
call guard_by_statement('kag_unread');

create table kag_extractions (
  project_id uuid not null,
  account_scope_id uuid not null,
  thread_ref text not null,
  -- Of the chunks of the part, whose texts never change, and of who said each.
  content_hash text not null,
  facts int not null,
  refused int not null,
  -- Why it could not be read; it is asked again when it changes, when a person wants it, and of what passes by itself from `again_at` on.
  error jsonb,
  again_at timestamptz,
  extracted_at timestamptz not null,
  primary key (project_id, content_hash)
);
call guard_table('kag_extractions');

do $$
declare
  name text;
begin
  foreach name in array array['kag_nodes', 'kag_aliases', 'kag_mentions', 'kag_edges', 'kag_provenance_refs', 'kag_unread', 'kag_extractions'] loop
    execute format('grant select, insert, update, delete on %I to bellwether_app', name);
  end loop;
end $$;

-- Definer, all of these: whoever writes a chunk or a source's row, the graph follows in the same transaction.
create function kag_note_chunks() returns trigger language plpgsql security definer set search_path = public as $$
begin
  if tg_op = 'INSERT' then
    insert into kag_unread (project_id, account_scope_id, chunk_no) select project_id, account_scope_id, chunk_no from added;
  else
    delete from kag_unread u using lost l where u.project_id = l.project_id and u.chunk_no = l.chunk_no;
  end if;
  return null;
end $$;
create trigger kag_note_chunks after insert on rag_chunks referencing new table as added for each statement execute function kag_note_chunks();
create trigger kag_note_lost_chunks after delete on rag_chunks referencing old table as lost for each statement execute function kag_note_chunks();

create function kag_drop_unfounded() returns trigger language plpgsql security definer set search_path = public as $$
begin
  delete from kag_edges e using lost l
  where e.project_id = l.project_id and e.id = l.edge_id
    and not exists (select from kag_provenance_refs p where p.project_id = e.project_id and p.edge_id = e.id);
  delete from kag_nodes n using lost l
  where n.project_id = l.project_id and n.id = l.node_id
    and not exists (select from kag_provenance_refs p where p.project_id = n.project_id and p.node_id = n.id);
  return null;
end $$;
create trigger kag_drop_unfounded after delete on kag_provenance_refs referencing old table as lost for each statement execute function kag_drop_unfounded();

-- A part whose facts went with their node or their evidence was not read: it is read again when it is there.
create function kag_unread_parts() returns trigger language plpgsql security definer set search_path = public as $$
begin
  delete from kag_extractions x using lost l where x.project_id = l.project_id and x.content_hash = l.part_hash;
  return null;
end $$;
create trigger kag_unread_parts after delete on kag_edges referencing old table as lost for each statement execute function kag_unread_parts();

-- Whoever had a fact about a node that is gone has it again when that node comes back.
create function kag_unsettle() returns trigger language plpgsql security definer set search_path = public as $$
begin
  update kag_nodes n set settled = false from lost l
  where n.project_id = l.project_id and n.id = l.from_node_id and n.settled and l.to_node_id is not null
    and not exists (select from kag_nodes t where t.project_id = l.project_id and t.id = l.to_node_id);
  return null;
end $$;
create trigger kag_unsettle after delete on kag_edges referencing old table as lost for each statement execute function kag_unsettle();

-- fold_name's own steps, over a text of any length.
create function fold_text(words text) returns text language plpgsql immutable strict parallel safe as $$
declare
  t text := regexp_replace(normalize(words, NFKD), '[\u0300-\u036f''’ʼ`]', '', 'g');
begin
  t := translate(lower(t collate "C"), 'АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯІЄҐӘҒҚҢӨҰҮҺ', 'абвгдежзиклмнопрстуфхцчшщъыьэюяієґәғқңөұүһ');
  t := translate(t, 'абвгдезиклмнопрстуфхыэієґәғқңөұүһьъ', 'abvgdeziklmnoprstufhieiegagknouuh');
  t := replace(replace(replace(replace(replace(replace(replace(t, 'щ', 'sh'), 'ш', 'sh'), 'ч', 'ch'), 'ц', 'ts'), 'ж', 'zh'), 'ю', 'iu'), 'я', 'ia');
  -- Latin spellings of one sound.
  t := replace(replace(replace(replace(replace(t, 'shch', 'sh'), 'sch', 'sh'), 'tch', 'ch'), 'kh', 'h'), 'ph', 'f');
  t := replace(replace(replace(translate(t, 'yjwq', 'iivk'), 'x', 'ks'), 'tz', 'ts'), 'ck', 'k');
  t := regexp_replace(t, 'c(?!h)', 'k', 'g');
  -- What follows takes the cube of a word's length.
  t := regexp_replace(t, '([a-z]{30})(?=[a-z])', '\1 ', 'g');
  t := regexp_replace(t, '([a-z])\1+', '\1', 'g');
  t := regexp_replace(t, 'i[eo]', 'e', 'g');
  return btrim(regexp_replace(t, '[^a-z0-9\u0370-\u1fff\u2c00-\u2dff\u3040-\ud7ff]+', ' ', 'g'));
end $$;

create or replace function fold_name(name text) returns text language plpgsql immutable strict parallel safe as $$
begin
  return fold_text(left(name, 200));
end $$;

-- E-mails, identifiers such as ABC-123 and domains in a text, in lower case and once each; of an e-mail its domain too.
create function exact_names(words text) returns text[] language sql immutable strict parallel safe as $$
  select coalesce(array_agg(distinct name), '{}')
  from regexp_matches(lower(words collate "C"), '[a-z0-9][a-z0-9._%+@-]*[a-z0-9]', 'g') m
  cross join lateral (values (regexp_replace(m[1], '^www\.', '')), (nullif(split_part(m[1], '@', 2), ''))) v (name)
  where name ~ '^([a-z0-9._%+-]+@)?([a-z0-9-]+\.)+[a-z]{2,}$' or name ~ '^[a-z][a-z0-9]{0,9}-[0-9]{1,7}$'
$$;
