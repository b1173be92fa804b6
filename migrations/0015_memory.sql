-- Memory: what the sources' texts are cut into, the words and vectors by which they are found, and what they cost.
--   rag_chunks    a message, an issue, a comment, a note, a deal, a person, a section of a document: what an answer may cite
--   rag_postings  which words are in which chunk
--   rag_vectors   a chunk's vectors, a row for each model: those of two models are never compared
--   embedding_cache  what a studio has already paid for, by the hash of the text; never the text

create table rag_chunks (
  project_id uuid not null,
  account_scope_id uuid not null,
  chunk_no bigint generated always as identity,
  id uuid not null default gen_random_uuid(),
  connection_id uuid not null,
  source_kind text not null check (source_kind in ('message', 'issue', 'comment', 'document', 'project', 'note', 'task', 'deal', 'person', 'account')),
  -- The record as the rest of the product names it: cwmsg:CONNECTION:ID, linissue:…, lincomment:…, lindoc:…, linproject:…, attioact:…, attiodeal:…, attioperson:…, attioacct:…
  source_ref text not null,
  chunk_index int not null default 0,
  -- What it is read in: its conversation, issue, document, or the record that a note hangs on; and its place there.
  thread_ref text not null,
  ord bigint not null,
  author_ref text,
  author_side text check (author_side in ('client', 'team', 'system')),
  title text,
  text text not null,
  text_hash text not null,
  language text not null check (language in ('ru', 'en', 'other')),
  -- What the client was not meant to read: private notes, and all that was not said to them.
  private boolean not null default false,
  content_tokens int not null,
  occurred_at timestamptz not null,
  words tsvector,
  indexed_at timestamptz,
  embedding_status text not null default 'pending' check (embedding_status in ('pending', 'processing', 'ready', 'failed')),
  embedding_model text,
  embedding_attempts int not null default 0,
  embedding_error jsonb,
  claimed_at timestamptz,
  last_embedded_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, chunk_no),
  unique (project_id, id),
  -- Of the connection: that it is there, its source row has to say; a foreign key here would be checked once more for each chunk.
  unique (source_ref, project_id, chunk_index)
);
-- As in the mirrors, what does not serve a whole project leads with its own column.
create index rag_chunks_thread on rag_chunks (thread_ref, project_id, ord, chunk_index);
create index rag_chunks_unindexed on rag_chunks (project_id, chunk_no) where indexed_at is null;
create index rag_chunks_unembedded on rag_chunks (project_id, embedding_status, occurred_at desc) where embedding_status <> 'ready';
create index rag_chunks_author on rag_chunks (author_ref, project_id, occurred_at desc);
call guard_table('rag_chunks');

create table rag_postings (
  project_id uuid not null,
  account_scope_id uuid not null,
  term text collate "C" not null,
  chunk_no bigint not null,
  -- How often the word is in the chunk, and how many words the chunk has.
  tf smallint not null,
  dl smallint not null,
  primary key (project_id, term, chunk_no) include (tf, dl)
);
call guard_table('rag_postings');

-- For tables that are filled by the thousand in one statement, where guard and foreign key row by row take longer than the writing: they are checked by the
-- statement, and what the foreign key would have done is done for a project at once.
create function enforce_scope_of_rows() returns trigger language plpgsql security definer set search_path = public as $$
declare
  wrong record;
begin
  select n.project_id, p.id as known into wrong from (select distinct project_id, account_scope_id from now_rows) n left join projects p on p.id = n.project_id
  where p.account_scope_id is distinct from n.account_scope_id limit 1;
  if found then
    raise exception '%: project % is unknown, or of another account scope', tg_table_name, wrong.project_id
      using errcode = case when wrong.known is null then 'foreign_key_violation' else 'check_violation' end, constraint = tg_table_name || '_scope_guard';
  end if;
  return null;
end $$;
create function rows_follow_project() returns trigger language plpgsql security definer set search_path = public as $$
begin
  if tg_op = 'DELETE' then
    execute format('delete from %I where project_id = $1', tg_argv[0]) using old.id;
  else
    execute format('update %I set account_scope_id = $1 where project_id = $2', tg_argv[0]) using new.account_scope_id, new.id;
  end if;
  return null;
end $$;
create procedure guard_by_statement(target text) language plpgsql as $$
declare
  op text;
begin
  execute format('drop trigger %I on %I', target || '_scope_guard', target);
  execute format('alter table %I drop constraint %I', target, target || '_project_fkey');
  foreach op in array array['insert', 'update'] loop
    execute format('create trigger %I after %s on %I referencing new table as now_rows for each statement execute function enforce_scope_of_rows()',
      target || '_scope_' || op, op, target);
  end loop;
  execute format('create trigger %I after delete on projects for each row execute function rows_follow_project(%L)', target || '_deleted', target);
  execute format('create trigger %I after update of account_scope_id on projects for each row when (old.account_scope_id <> new.account_scope_id)
    execute function rows_follow_project(%L)', target || '_moved', target);
end $$;
call guard_by_statement('rag_postings');

create table rag_vectors (
  project_id uuid not null,
  account_scope_id uuid not null,
  model text not null,
  -- The chunk's own text, or the text with what was said before it.
  part text not null check (part in ('turn', 'window')),
  chunk_no bigint not null,
  dims smallint not null,
  embedding halfvec not null,
  -- In a project so large that the index wins over reading all of it.
  ann boolean not null default false,
  primary key (project_id, model, part, chunk_no),
  foreign key (project_id, chunk_no) references rag_chunks (project_id, chunk_no) on delete cascade
);
-- A vector of the usual 1,536 numbers would be kept apart from its row, and reading all of a project's takes almost twice as long then.
alter table rag_vectors alter column embedding set storage plain;
create index rag_vectors_chunk on rag_vectors (project_id, chunk_no);
call guard_table('rag_vectors');

create table embedding_cache (
  account_scope_id uuid not null,
  model text not null,
  text_hash text not null,
  dims smallint not null,
  embedding halfvec not null,
  used_at timestamptz not null,
  primary key (account_scope_id, model, dims, text_hash)
);
create index embedding_cache_age on embedding_cache (used_at);
call guard_table('embedding_cache', 'none');

do $$
declare
  name text;
begin
  foreach name in array array['rag_chunks', 'rag_postings', 'rag_vectors', 'embedding_cache'] loop
    execute format('grant select, insert, update, delete on %I to bellwether_app', name);
  end loop;
end $$;
grant select, delete on embedding_cache to bellwether_system;

-- With a chunk go its postings, by their key: a second index on them would cost more than the words kept with the chunk.
create function forget_postings() returns trigger language plpgsql security definer set search_path = public as $$
begin
  if tg_op = 'TRUNCATE' then
    truncate rag_postings;
    return null;
  end if;
  delete from rag_postings p using (
    select o.project_id, o.chunk_no, w.lexeme from was_rows o cross join lateral unnest(o.words) w) gone
  where p.project_id = gone.project_id and p.term = gone.lexeme and p.chunk_no = gone.chunk_no;
  return null;
end $$;
create trigger rag_chunks_forget_postings after delete on rag_chunks referencing old table as was_rows for each statement execute function forget_postings();
create trigger rag_chunks_forget_all_postings after truncate on rag_chunks for each statement execute function forget_postings();

-- A text in parts of at most 1,200 characters, each found in it letter by letter: cut after paragraphs, else lines, sentences, words, and only then anywhere.
create function memory_cut(given text) returns setof text language plpgsql immutable strict parallel safe rows 5 as $$
declare
  room constant int := 1200;
  blank constant text := E' \t\r\n';
  rest text := btrim(given, blank);
  head text;
  edge text;
  cut int;
begin
  while length(rest) > room loop
    head := left(rest, room);
    foreach edge in array array['^.*\n[ \t\r]*\n', '^.*\n', '^.*[.!?…]["»”)]*\s', '^.*\s'] loop
      cut := coalesce(length(substring(head from edge)), 0);
      -- A part shorter than a third says too little.
      exit when cut > room / 3;
    end loop;
    if cut <= room / 3 then cut := room; end if;
    return next btrim(left(rest, cut), blank);
    rest := ltrim(substr(rest, cut + 1), blank);
  end loop;
  if rest <> '' then return next rest; end if;
end $$;

-- A long text, or a document, under its Markdown headings: the path to each ("Plan › Dates") and what is below it, cut. A heading with nothing below it
-- is its own text.
create function memory_pieces(given text) returns table (heading text, piece text) language plpgsql immutable strict parallel safe rows 5 as $$
declare
  path text[] := '{}';
  section record;
begin
  for section in
    with lines as (
      select n, line, count(*) filter (where line ~ '^\s*(```|~~~)') over (order by n) % 2 = 0 and line ~ '^#{1,6}\s+\S' as heads
      from regexp_split_to_table(given, '\n') with ordinality as l (line, n)),
    numbered as (select *, count(*) filter (where heads) over (order by n) as part from lines)
    select part, max(line) filter (where heads) as head, coalesce(string_agg(line, E'\n' order by n) filter (where not heads), '') as body,
      lead(max(length(substring(line from '^#+'))) filter (where heads)) over (order by part) as next_level
    from numbered group by part order by part
  loop
    if section.head is not null then
      path := path[1:length(substring(section.head from '^#+')) - 1] || btrim(section.head, E'# \t\r');
    end if;
    heading := array_to_string(path, ' › ');
    if section.body ~ '\S' then
      for piece in select memory_cut(section.body) loop return next; end loop;
    elsif section.head is not null and coalesce(section.next_level <= length(substring(section.head from '^#+')), true) then
      piece := left(path[cardinality(path)], 1200);
      return next;
    end if;
  end loop;
end $$;

-- Russian where Cyrillic letters dominate, English for Latin ones. In UTF-8 a Cyrillic letter has one byte more than a Latin one, which is much the cheapest
-- way to count them.
create function memory_language(given text) returns text language sql immutable parallel safe as $$
  select case
    when given ~ '[\u0400-\u04ff]' then
      case when octet_length(given) - length(given) >= length(given) - length(translate(lower(given), 'abcdefghijklmnopqrstuvwxyz', '')) then 'ru' else 'en' end
    when given ~ '[A-Za-z]' then 'en'
    else 'other' end
$$;

create function epoch_ms(moment timestamptz) returns bigint language sql immutable strict parallel safe as $$
  select floor(extract(epoch from moment) * 1000)::bigint
$$;
