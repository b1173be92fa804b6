-- A record that is deleted takes its node along, and so every alias, mention and fact of it; one that is renamed goes by its old name no longer.
create function kag_forget() returns trigger language plpgsql security definer set search_path = public as $$
declare
  same constant text := format('n.project_id = g.project_id and n.node_key = %L || g.connection_id || '':'' || g.%I', tg_argv[0], tg_argv[1]);
begin
  if tg_op = 'DELETE' then
    execute format('delete from kag_nodes n using gone g where %s', same);
    return null;
  end if;
  execute format('delete from kag_nodes n using gone g where %s and (g.deleted_at is not null or %s)', same, tg_argv[3]);
  if tg_argv[2] <> '' then
    execute format('with renamed as (
        update kag_nodes n set title = left(nullif(btrim(g.%1$I), ''''), 300), basis = n.basis - ''names'' from gone g
        join was w on w.project_id = g.project_id and w.connection_id = g.connection_id and w.%2$I = g.%2$I
        where %3$s and w.%1$I is distinct from g.%1$I returning n.project_id, n.id)
      delete from kag_aliases a using renamed r
      where a.project_id = r.project_id and a.node_id = r.id and a.source in (''name'', ''name_part'', ''company'', ''title'')', tg_argv[2], tg_argv[1], same);
  end if;
  return null;
end $$;
do $$
declare
  source record;
begin
  for source in select * from (values
    ('cw_contacts', 'cwc:', 'contact_id', 'name', 'false'), ('cw_conversations', 'cw:', 'conversation_id', '', 'false'),
    ('linear_users_raw', 'linuser:', 'external_id', 'name', 'false'), ('linear_issues_raw', 'linissue:', 'external_id', 'title', 'g.trashed'),
    ('linear_projects_raw', 'linproject:', 'external_id', 'name', 'g.trashed'), ('linear_documents_raw', 'lindoc:', 'external_id', 'title', 'g.trashed'),
    ('attio_members_raw', 'attiomember:', 'external_id', 'name', 'false'), ('attio_accounts_raw', 'attioacct:', 'external_id', 'name', 'false'),
    ('attio_people_raw', 'attioperson:', 'external_id', 'full_name', 'false'), ('attio_opportunities_raw', 'attiodeal:', 'external_id', 'title', 'false'),
    ('attio_activities_raw', 'attioact:', 'external_id', 'title', 'false')) as s (name, prefix, id, named, trashed) loop
    execute format('create trigger kag_forget_deleted after update on %I referencing old table as was new table as gone for each statement execute function kag_forget(%L, %L, %L, %L)',
      source.name, source.prefix, source.id, source.named, source.trashed);
    execute format('create trigger kag_forget_removed after delete on %I referencing old table as gone for each statement execute function kag_forget(%L, %L)',
      source.name, source.prefix, source.id);
  end loop;
end $$;
