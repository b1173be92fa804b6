-- Who is who across the sources: what can be matched, the matches proposed, and those a person has applied.

-- A name as it sounds, in Latin letters and lower case, its words in order: "Асель Нурланова" and "Assel Nurlanova" become one text, and so do
-- "Щербаков" and "Shcherbakov", "Юлия" and "Julia". Letters of other scripts stay as they are; at most 200 characters are read.
create function fold_name(name text) returns text language plpgsql immutable strict parallel safe as $$
declare
  t text := regexp_replace(normalize(left(name, 200), NFKD), '[\u0300-\u036f''’ʼ`]', '', 'g');
begin
  t := translate(lower(t collate "C"), 'АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯІЄҐӘҒҚҢӨҰҮҺ', 'абвгдежзиклмнопрстуфхцчшщъыьэюяієґәғқңөұүһ');
  t := translate(t, 'абвгдезиклмнопрстуфхыэієґәғқңөұүһьъ', 'abvgdeziklmnoprstufhieiegagknouuh');
  t := replace(replace(replace(replace(replace(replace(replace(t, 'щ', 'sh'), 'ш', 'sh'), 'ч', 'ch'), 'ц', 'ts'), 'ж', 'zh'), 'ю', 'iu'), 'я', 'ia');
  -- Latin spellings of one sound.
  t := replace(replace(replace(replace(replace(t, 'shch', 'sh'), 'sch', 'sh'), 'tch', 'ch'), 'kh', 'h'), 'ph', 'f');
  t := replace(replace(replace(translate(t, 'yjwq', 'iivk'), 'x', 'ks'), 'tz', 'ts'), 'ck', 'k');
  t := regexp_replace(t, 'c(?!h)', 'k', 'g');
  t := regexp_replace(t, '([a-z])\1+', '\1', 'g');
  t := regexp_replace(t, 'i[eo]', 'e', 'g');
  return btrim(regexp_replace(t, '[^a-z0-9\u0370-\u1fff\u2c00-\u2dff\u3040-\ud7ff]+', ' ', 'g'));
end $$;

-- The words of a folded text, sorted and once each, at most eight.
create function sorted_words(folded text) returns text[] language plpgsql immutable strict parallel safe as $$
begin
  return array(select distinct w from unnest((string_to_array(folded, ' '))[1:8]) w where w <> '' order by w);
end $$;

-- A company's folded name without its legal form, unless that is all there is.
create function fold_company(name text) returns text language plpgsql immutable strict parallel safe as $$
declare
  folded text := fold_name(name);
  bare text := btrim(regexp_replace(' ' || replace(folded, ' ', '  ') || ' ',
    ' (o|lk|ltd|limited|ink|korp|gmbh|ag|ao|pao|zao|oao|ip|to|ko|plk|oi|ab|bv|srl|spa|sa|kompani|kompania) ', ' ', 'g'));
begin
  return regexp_replace(case when bare = '' then folded else bare end, ' +', ' ', 'g');
end $$;

-- The mailbox behind an address: what follows a plus is the owner's own tag, and Gmail alone reads no dots.
create function mailbox_of(email text) returns text language plpgsql immutable strict parallel safe as $$
declare
  box text := split_part(split_part(email, '@', 1), '+', 1);
  domain text := split_part(email, '@', 2);
begin
  if box = '' or domain = '' then return null; end if;
  if domain in ('gmail.com', 'googlemail.com') then return replace(box, '.', '') || '@gmail.com'; end if;
  return box || '@' || domain;
end $$;

-- A phone's digits; a Russian or Kazakh number that is dialled with 8 is the one that is written with 7. Null when too short to be anybody's alone.
create function phone_key(phone text) returns text language plpgsql immutable strict parallel safe as $$
declare
  digits text := regexp_replace(left(phone, 100), '\D', '', 'g');
begin
  if length(digits) < 10 then return null; end if;
  return case when length(digits) = 11 and digits like '8%' then '7' || substr(digits, 2) else digits end;
end $$;

-- Whoever can be matched: contacts, people, accounts, Linear's users, Attio's members. `keys` are what two of them must share to be proposed as one.
create table identity_entities (
  project_id uuid not null,
  account_scope_id uuid not null,
  entity_type text not null check (entity_type in ('contact', 'person', 'account', 'linear_user', 'member')),
  entity_id text not null,
  name text,
  emails text[] not null,
  phones text[] not null,
  domains text[] not null,
  company text,
  -- Of a person: the account it is known to belong to.
  account_id uuid,
  folded text not null,
  keys text[] not null,
  -- Of what it was made from: the same means that nothing changed.
  fingerprint text not null,
  changed_at timestamptz not null,
  -- When similar names were last looked up for it.
  matched_at timestamptz,
  primary key (project_id, entity_type, entity_id)
);
create index identity_entities_entity on identity_entities (entity_id, entity_type, project_id);
-- Each look-up would walk the whole list of what is pending.
create index identity_entities_folded on identity_entities using gin (folded gin_trgm_ops) with (fastupdate = off);
create index identity_entities_unmatched on identity_entities (project_id, entity_type) where matched_at is null;
call guard_table('identity_entities');

create table identity_link_suggestions (
  project_id uuid not null,
  account_scope_id uuid not null,
  id uuid not null default gen_random_uuid(),
  left_entity_type text not null,
  left_entity_id text not null,
  right_entity_type text not null,
  right_entity_id text not null,
  confidence numeric(5, 4) not null check (confidence between 0 and 1),
  reason text not null,
  status text not null default 'proposed' check (status in ('proposed', 'applied', 'dismissed')),
  dedupe_key text not null,
  evidence_refs text[] not null default '{}',
  decided_by text,
  decided_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, id),
  unique (dedupe_key, project_id)
);
create index identity_link_suggestions_confident on identity_link_suggestions (project_id, status, confidence desc, id desc);
create index identity_link_suggestions_left on identity_link_suggestions (left_entity_id, project_id);
call guard_table('identity_link_suggestions');

create table identity_links (
  project_id uuid not null,
  account_scope_id uuid not null,
  id uuid not null default gen_random_uuid(),
  left_entity_type text not null,
  left_entity_id text not null,
  right_entity_type text not null,
  right_entity_id text not null,
  source text not null default 'suggestion' check (source in ('manual', 'suggestion')),
  evidence_refs text[] not null default '{}',
  created_by text not null,
  created_at timestamptz not null,
  primary key (project_id, id),
  unique (project_id, left_entity_type, left_entity_id, right_entity_type, right_entity_id)
);
create index identity_links_created on identity_links (project_id, created_at desc, id desc);
create index identity_links_left on identity_links (left_entity_id, project_id);
call guard_table('identity_links');

-- The names most like those of the probes, but not the same, among the wanted types, five each at most. Definer: under row-level security `%` cannot use its index. It filters
-- by the same setting as the policies do, so nobody sees more through it.
create function similar_entities(probe_type text, probe_ids text[], wanted_types text[])
returns table (project_id uuid, probe_id text, entity_type text, entity_id text, score real)
language sql stable security definer set search_path = public set pg_trgm.similarity_threshold = 0.62 as $$
  select p.project_id, p.entity_id, o.entity_type, o.entity_id, o.score
  from identity_entities p
  cross join lateral (
    select e.entity_type, e.entity_id, similarity(e.folded, p.folded) as score from identity_entities e
    where e.folded % p.folded and e.project_id = p.project_id and e.entity_type = any (wanted_types) and similarity(e.folded, p.folded) < 1
    order by score desc, e.entity_type, e.entity_id limit 5) o
  where p.project_id = any ((select nullif(current_setting('app.project_ids', true), '')::uuid[])::uuid[])
    and p.entity_type = probe_type and p.entity_id = any (probe_ids) and p.folded like '% %'
$$;
revoke execute on function similar_entities from public;
grant execute on function similar_entities to bellwether_app;

do $$
declare
  name text;
begin
  foreach name in array array['identity_entities', 'identity_link_suggestions', 'identity_links'] loop
    execute format('grant select, insert, update, delete on %I to bellwether_app', name);
  end loop;
end $$;
