-- What is remembered of the mirrors: rag_chunks follows every raw table by triggers, in the transaction that writes it and whoever does. A view says what
-- the rows of a table say; `remember` makes the chunks agree with it. Definers: the writer of a mirror need not know of memory.

alter table cw_messages add column sender_name text;

-- What one source row says. `gone`: nothing, any more or at all.
create type memory_text as (
  project_id uuid, account_scope_id uuid, connection_id uuid, kind text, source_ref text, thread_ref text, ord bigint, author_ref text, author_side text,
  title text, text text, private boolean, occurred_at timestamptz, seen_at timestamptz, gone boolean);

-- Makes the chunks agree with these source rows: a piece that is as it was stays, whatever else became of its row; any other is replaced, never changed.
create function remember(said memory_text[]) returns void language plpgsql security definer
set search_path = public as $$
begin
  -- Executed, so that it is planned for as many rows as there are: one row or five thousand.
  execute $merge$
  with wanted as materialized (
    select s.project_id, s.account_scope_id, s.connection_id, s.kind, s.source_ref, row_number() over (partition by s.project_id, s.source_ref order by p.n)::int - 1 as chunk_index,
      s.thread_ref, s.ord, s.author_ref, s.author_side, nullif(concat_ws(' › ', s.title, nullif(p.heading, '')), '') as title, p.piece as text,
      encode(sha256(convert_to(p.piece, 'UTF8')), 'hex') as text_hash, s.private, s.occurred_at, s.seen_at
    from unnest($1) s cross join lateral (
      select 0 as n, null as heading, btrim(s.text, E' \t\r\n') as piece where s.kind <> 'document' and length(s.text) <= 1200
      union all
      select c.n, c.heading, c.piece from memory_pieces(s.text) with ordinality as c (heading, piece, n) where s.kind = 'document' or length(s.text) > 1200) p
    where not s.gone and p.piece <> ''),
  known as materialized (
    select c.* from unnest($1) s cross join lateral (
      select project_id, source_ref, chunk_index, chunk_no, text_hash, title, thread_ref, ord, private from rag_chunks r where r.project_id = s.project_id and r.source_ref = s.source_ref offset 0) c),
  kept as materialized (
    select w.*, k.chunk_no from wanted w join known k using (project_id, source_ref, chunk_index, text_hash)
    -- Elsewhere, or for other eyes, it is another chunk to those that follow it as well.
    where k.title is not distinct from w.title and (k.thread_ref, k.ord, k.private) = (w.thread_ref, w.ord, w.private)),
  forgotten as (
    delete from rag_chunks c using known k
    where c.project_id = k.project_id and c.chunk_no = k.chunk_no
      and not exists (select from kept where kept.project_id = k.project_id and kept.chunk_no = k.chunk_no)
    returning 1),
  moved as (
    update rag_chunks c set author_ref = k.author_ref, author_side = k.author_side, occurred_at = k.occurred_at, updated_at = k.seen_at
    from kept k
    where c.project_id = k.project_id and c.chunk_no = k.chunk_no
      and (c.author_ref, c.author_side, c.occurred_at) is distinct from (k.author_ref, k.author_side, k.occurred_at)
    returning 1)
  insert into rag_chunks (project_id, account_scope_id, connection_id, source_kind, source_ref, chunk_index, thread_ref, ord, author_ref, author_side, title, text,
    text_hash, language, private, content_tokens, occurred_at, created_at, updated_at)
  select w.project_id, w.account_scope_id, w.connection_id, w.kind, w.source_ref, w.chunk_index, w.thread_ref, w.ord, w.author_ref, w.author_side, w.title, w.text,
    w.text_hash, memory_language(w.text), w.private, ceil(octet_length(w.text) / 4.0), w.occurred_at, w.seen_at, w.seen_at
  from wanted w
  -- Counted first: the place of a chunk is free only once the old one is gone.
  where (select count(*) from forgotten) >= 0
    and not exists (select from kept k where k.project_id = w.project_id and k.source_ref = w.source_ref and k.chunk_index = w.chunk_index)
  order by w.project_id, w.ord, w.chunk_index
  $merge$ using said;
end $$;
revoke execute on function remember from public;

-- What the rows of each table say. The client was not meant to read anything of Linear and Attio.
create view cw_message_texts as
  select project_id, connection_id, message_id as id, row(project_id, account_scope_id, connection_id, 'message', format('cwmsg:%s:%s', connection_id, message_id),
    format('cw:%s:%s', connection_id, conversation_id), message_id,
    case when sender_type = 'contact' then 'cwc:' || connection_id || ':' || sender_id when sender_type = 'user' then 'cwuser:' || connection_id || ':' || sender_id end,
    case when sender_type = 'contact' or (sender_type is null and message_type = 'incoming') then 'client' when sender_type = 'user' then 'team' else 'system' end,
    null, content, private, created_at, coalesce(edited_at, first_seen_at), deleted_at is not null or message_type = 'activity' or coalesce(content, '') !~ '\S')::memory_text as said
  from cw_messages;

create view linear_issue_texts as
  select i.project_id, i.connection_id, i.external_id as id, i.creator_external_id as author_id, row(i.project_id, i.account_scope_id, i.connection_id, 'issue',
    format('linissue:%s:%s', i.connection_id, i.external_id), format('linissue:%s:%s', i.connection_id, i.external_id), epoch_ms(coalesce(i.created_at, i.first_seen_at)),
    'linuser:' || i.connection_id || ':' || i.creator_external_id, case when i.creator_external_id is not null then case when u.guest then 'client' else 'team' end end,
    i.identifier || ' ' || i.title, concat_ws(E'\n\n', i.title, i.description), true, coalesce(i.created_at, i.first_seen_at), i.changed_at,
    i.deleted_at is not null or i.trashed)::memory_text as said
  from linear_issues_raw i
  left join linear_users_raw u on u.project_id = i.project_id and u.connection_id = i.connection_id and u.external_id = i.creator_external_id;

create view linear_comment_texts as
  select c.project_id, c.connection_id, c.external_id as id, c.issue_external_id as issue_id, c.author_external_id as author_id,
    row(c.project_id, c.account_scope_id, c.connection_id, 'comment',
    format('lincomment:%s:%s', c.connection_id, c.external_id), format('linissue:%s:%s', c.connection_id, c.issue_external_id), epoch_ms(coalesce(c.created_at, c.first_seen_at)),
    case when c.author_type <> 'bot' then 'linuser:' || c.connection_id || ':' || c.author_external_id end,
    case when c.author_type = 'external' or u.guest then 'client' when c.author_type = 'user' then 'team' else 'system' end,
    null, c.body, true, coalesce(c.created_at, c.first_seen_at), c.changed_at,
    c.deleted_at is not null or i.trashed or i.deleted_at is not null or coalesce(c.body, '') !~ '\S')::memory_text as said
  from linear_comments_raw c
  join linear_issues_raw i on i.project_id = c.project_id and i.connection_id = c.connection_id and i.external_id = c.issue_external_id
  left join linear_users_raw u on u.project_id = c.project_id and u.connection_id = c.connection_id and u.external_id = c.author_external_id;

create view linear_document_texts as
  select project_id, connection_id, external_id as id, row(project_id, account_scope_id, connection_id, 'document', format('lindoc:%s:%s', connection_id, external_id),
    format('lindoc:%s:%s', connection_id, external_id), epoch_ms(coalesce(created_at, first_seen_at)), 'linuser:' || connection_id || ':' || creator_external_id, 'team',
    title, coalesce(nullif(content, ''), title), true, coalesce(updated_at, created_at, first_seen_at), changed_at, deleted_at is not null or trashed)::memory_text as said
  from linear_documents_raw;

create view linear_project_texts as
  select project_id, connection_id, external_id as id, row(project_id, account_scope_id, connection_id, 'project', format('linproject:%s:%s', connection_id, external_id),
    format('linproject:%s:%s', connection_id, external_id), epoch_ms(coalesce(created_at, first_seen_at)), 'linuser:' || connection_id || ':' || lead_external_id, 'team',
    name, concat_ws(E'\n\n', name, description, content), true, coalesce(created_at, first_seen_at), changed_at, deleted_at is not null or trashed)::memory_text as said
  from linear_projects_raw;

create view attio_activity_texts as
  select project_id, connection_id, external_id as id, row(project_id, account_scope_id, connection_id, activity_type, format('attioact:%s:%s', connection_id, external_id),
    case record_object when 'people' then format('attioperson:%s:%s', connection_id, record_external_id) when 'companies' then format('attioacct:%s:%s', connection_id, record_external_id)
      when 'deals' then format('attiodeal:%s:%s', connection_id, record_external_id) else format('attioact:%s:%s', connection_id, external_id) end,
    epoch_ms(coalesce(occurred_at, first_seen_at)),
    case when data ->> 'actor_type' = 'workspace-member' then 'attiomember:' || connection_id || ':' || actor_external_id end,
    case when data ->> 'actor_type' = 'workspace-member' then 'team' else 'system' end,
    title, concat_ws(E'\n', case when activity_type = 'note' then title end, note, 'Due: ' || (due_at at time zone 'UTC')::date, 'Completed: ' || (completed_at at time zone 'UTC')::date),
    true, coalesce(occurred_at, first_seen_at), changed_at, deleted_at is not null or concat(title, note) !~ '\S')::memory_text as said
  from attio_activities_raw;

create view attio_deal_texts as
  select d.project_id, d.connection_id, d.external_id as id, d.account_external_id as account_id, row(d.project_id, d.account_scope_id, d.connection_id, 'deal',
    format('attiodeal:%s:%s', d.connection_id, d.external_id), format('attiodeal:%s:%s', d.connection_id, d.external_id), epoch_ms(coalesce(d.created_at, d.first_seen_at)),
    'attiomember:' || d.connection_id || ':' || d.owner_external_id, 'team', d.title,
    concat_ws(E'\n', 'Deal: ' || d.title, 'Company: ' || a.name, 'Stage: ' || d.stage, 'Amount: ' || trim_scale(d.amount) || coalesce(' ' || d.currency, ''),
      'Expected close: ' || d.expected_close_date, 'Next step: ' || d.next_step),
    true, coalesce(d.changed_upstream_at, d.created_at, d.first_seen_at), d.changed_at, d.deleted_at is not null or coalesce(d.title, '') !~ '\S')::memory_text as said
  from attio_opportunities_raw d
  left join attio_accounts_raw a on a.project_id = d.project_id and a.connection_id = d.connection_id and a.external_id = d.account_external_id and a.deleted_at is null;

create view attio_person_texts as
  select p.project_id, p.connection_id, p.external_id as id, p.account_external_id as account_id, row(p.project_id, p.account_scope_id, p.connection_id, 'person',
    format('attioperson:%s:%s', p.connection_id, p.external_id), format('attioperson:%s:%s', p.connection_id, p.external_id), epoch_ms(coalesce(p.created_at, p.first_seen_at)),
    null, null, p.full_name, concat_ws(E'\n', 'Person: ' || p.full_name, 'Role: ' || p.role, 'Company: ' || a.name,
      'E-mail: ' || nullif(array_to_string(p.emails, ', '), ''), 'Phone: ' || nullif(array_to_string(p.phones, ', '), '')),
    true, coalesce(p.changed_upstream_at, p.created_at, p.first_seen_at), p.changed_at, p.deleted_at is not null)::memory_text as said
  from attio_people_raw p
  left join attio_accounts_raw a on a.project_id = p.project_id and a.connection_id = p.connection_id and a.external_id = p.account_external_id and a.deleted_at is null;

create view attio_account_texts as
  select project_id, connection_id, external_id as id, row(project_id, account_scope_id, connection_id, 'account', format('attioacct:%s:%s', connection_id, external_id),
    format('attioacct:%s:%s', connection_id, external_id), epoch_ms(coalesce(created_at, first_seen_at)), null, null, name,
    concat_ws(E'\n', 'Company: ' || name, 'Domains: ' || nullif(array_to_string(domains, ', '), ''), 'Stage: ' || stage, 'Annual revenue: ' || trim_scale(annual_revenue), description),
    true, coalesce(changed_upstream_at, created_at, first_seen_at), changed_at, deleted_at is not null)::memory_text as said
  from attio_accounts_raw;

-- After a statement on a raw table. tg_argv: the view of the texts that depend on it, the kind of reference its own rows go by ('' when the texts are
-- another table's), the column of the changed row and the one of the view that meet, and the columns that matter. Looked up row by row (`offset 0`): a hash
-- join would read the whole table for each page.
create function remember_changes() returns trigger language plpgsql security definer set search_path = public as $$
declare
  texts constant text := tg_argv[0];
  kind constant text := tg_argv[1];
  own constant text := tg_argv[2];
  met constant text := tg_argv[3];
  matters constant text[] := string_to_array(tg_argv[4], ' ');
  changed text := format('select project_id, connection_id, %I as id from %s', own, case tg_op when 'DELETE' then 'was_rows' else 'now_rows' end);
  said memory_text[];
begin
  if tg_op = 'UPDATE' then
    changed := format('select n.project_id, n.connection_id, n.%1$I as id from now_rows n
        join was_rows o on o.project_id = n.project_id and o.connection_id = n.connection_id and o.%1$I = n.%1$I where (%2$s) is distinct from (%3$s)', own,
      (select string_agg(format('n.%I', m), ', ') from unnest(matters) m), (select string_agg(format('o.%I', m), ', ') from unnest(matters) m));
  end if;
  execute case when tg_op = 'DELETE' and kind <> '' then format('select array_agg(row(project_id, null, null, null, format(''%%s:%%s:%%s'', %L, connection_id, id),
      null, null, null, null, null, null, null, null, null, true)::memory_text) from (%s) k', kind, changed)
    else format('select array_agg(t.said) from (%s) k cross join lateral (
      select said from %I v where v.project_id = k.project_id and v.connection_id = k.connection_id and v.%I = k.id offset 0) t', changed, texts, met) end
  into said;
  if said is not null then perform remember(said); end if;
  return null;
end $$;

create procedure remembers(target regclass, texts text, kind text, own text, met text, matters text, ops text[] default '{insert,update,delete}') language plpgsql as $$
declare
  op text;
begin
  foreach op in array ops loop
    execute format('create trigger %I after %s on %s referencing %s for each statement execute function remember_changes(%L, %L, %L, %L, %L)', texts || '_' || op, op, target,
      case op when 'insert' then 'new table as now_rows' when 'delete' then 'old table as was_rows' else 'new table as now_rows old table as was_rows' end,
      texts, kind, own, met, matters);
  end loop;
end $$;

call remembers('cw_messages', 'cw_message_texts', 'cwmsg', 'message_id', 'id', 'content message_type private sender_type sender_id conversation_id created_at deleted_at');
call remembers('linear_issues_raw', 'linear_issue_texts', 'linissue', 'external_id', 'id', 'identifier title description creator_external_id created_at deleted_at trashed');
call remembers('linear_issues_raw', 'linear_comment_texts', '', 'external_id', 'issue_id', 'deleted_at trashed', '{update}');
call remembers('linear_comments_raw', 'linear_comment_texts', 'lincomment', 'external_id', 'id', 'body author_type author_external_id issue_external_id created_at deleted_at');
call remembers('linear_users_raw', 'linear_issue_texts', '', 'external_id', 'author_id', 'guest');
call remembers('linear_users_raw', 'linear_comment_texts', '', 'external_id', 'author_id', 'guest');
call remembers('linear_documents_raw', 'linear_document_texts', 'lindoc', 'external_id', 'id', 'title content creator_external_id created_at updated_at deleted_at trashed');
call remembers('linear_projects_raw', 'linear_project_texts', 'linproject', 'external_id', 'id', 'name description content lead_external_id created_at deleted_at trashed');
call remembers('attio_activities_raw', 'attio_activity_texts', 'attioact', 'external_id', 'id',
  'title note record_object record_external_id actor_external_id data occurred_at due_at completed_at deleted_at');
call remembers('attio_opportunities_raw', 'attio_deal_texts', 'attiodeal', 'external_id', 'id',
  'title account_external_id stage amount currency expected_close_date next_step owner_external_id created_at changed_upstream_at deleted_at');
call remembers('attio_people_raw', 'attio_person_texts', 'attioperson', 'external_id', 'id',
  'full_name role account_external_id emails phones created_at changed_upstream_at deleted_at');
call remembers('attio_accounts_raw', 'attio_account_texts', 'attioacct', 'external_id', 'id', 'name domains stage annual_revenue description created_at changed_upstream_at deleted_at');
call remembers('attio_accounts_raw', 'attio_deal_texts', '', 'external_id', 'account_id', 'name deleted_at');
call remembers('attio_accounts_raw', 'attio_person_texts', '', 'external_id', 'account_id', 'name deleted_at');

-- A name as it is said in either script and in most of its cases: Мария, Марии and Maria are mar. Null for a word that carries no meaning.
create function name_key(word text) returns text language plpgsql immutable strict parallel safe as $$
declare
  small constant text := lower(word);
  cyrillic constant boolean := octet_length(word) > length(word);
  stem constant text[] := case when cyrillic then ts_lexize('russian_stem', replace(small, 'ё', 'е')) else ts_lexize('english_stem', small) end;
begin
  if stem = '{}' then return null; end if;
  return nullif(regexp_replace(fold_name(case when cyrillic then stem[1] else small end), '(?<=.)[aeiou]+$', ''), '');
end $$;

-- The terms of a text, of a chunk as of a question: Russian and English stems without stop words, and beside them, with no place of their own, what is to
-- be found as it is: e-mail addresses, codes (abc-123), numbers without their separators, days (2026-03-12), names as `name_key` has them ("n:mar").
create function memory_terms(given text) returns tsvector language plpgsql immutable strict parallel safe as $$
declare
  small text := lower(given);
  exact text[] := '{}';
  terms tsvector;
begin
  if octet_length(small) > length(small) then small := replace(small, 'ё', 'е'); end if;
  if small ~ '\d' then
    exact := array(
      select m[1] from regexp_matches(small, '([a-zа-я][a-zа-я0-9]{0,15}(?:-[a-zа-я0-9]{1,15})*-\d[a-zа-я0-9]{0,15})', 'g') m
      union select regexp_replace(m[1], '\D', '', 'g') from regexp_matches(small, '(\d{1,3}(?:[ ,.\u00a0\u202f]\d{3})+)(?!\d)', 'g') m
      union select format('%s-%s-%s', m[3], lpad(m[2], 2, '0'), lpad(m[1], 2, '0')) from regexp_matches(small, '(?<!\d)(\d{1,2})[./](\d{1,2})[./](\d{4})(?!\d)', 'g') m
      union select m[1] from regexp_matches(small, '(?<!\d)(\d{4}-\d\d-\d\d)(?!\d)', 'g') m);
    -- The parser would read a minus.
    small := regexp_replace(small, '-(?=\d)', ' ', 'g');
  end if;
  if position('@' in small) > 0 then
    exact := exact || array(select rtrim(m[1], '.') from regexp_matches(small, '([^\s<>()",;:]{1,64}@[^\s<>()",;:@]{1,100})', 'g') m);
  end if;
  if position('://' in small) > 0 then small := regexp_replace(small, '(://[^\s/?#]*)\S*', '\1 ', 'g'); end if;
  exact := exact || array(
    select distinct 'n:' || k from regexp_matches(given, '[A-ZÀ-ÞА-ЯЁІЄҐӘҒҚҢӨҰҮҺ][A-Za-zÀ-ɏЀ-ӿ]{1,40}', 'g') m cross join lateral name_key(m[1]) k where k is not null);
  terms := to_tsvector('russian', small);
  if small ~ '\S{100}' then
    terms := ts_delete(terms, array(select lexeme from unnest(terms) where length(lexeme) > 100));
  end if;
  return terms || array_to_tsvector(exact);
end $$;

-- What was set aside before kept its words.
update connector_errors set payload = null where payload is not null;

-- What was mirrored before there was a memory.
do $$
declare
  texts text;
  said memory_text[];
begin
  foreach texts in array array['cw_message_texts', 'linear_issue_texts', 'linear_comment_texts', 'linear_document_texts', 'linear_project_texts', 'attio_activity_texts',
    'attio_deal_texts', 'attio_person_texts', 'attio_account_texts'] loop
    for said in execute format('select array_agg(said) from (select said, row_number() over () / 5000 as slice from %I) t group by slice', texts) loop
      perform remember(said);
    end loop;
  end loop;
end $$;
