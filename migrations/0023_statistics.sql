-- A new project in a large studio is less than the tenth of a table after which Postgres looks at it again; until then the planner takes it for empty, and
-- reads all of it where it should look up a row.
do $$
declare
  name regclass;
begin
  for name in
    select c.oid::regclass from pg_class c
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped)
  loop
    execute format('alter table %s set (autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 1000)', name);
  end loop;
end $$;
