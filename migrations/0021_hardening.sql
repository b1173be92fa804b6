-- What is said of one project's records is not said to another that shares its connection.

-- The projects that a record set aside goes to. Empty: not known, or none, and then it is the owners' to see. A stream that failed is every project's.
alter table connector_errors add column project_ids uuid[] not null default '{}';

-- In which projects the withheld deletions would be.
alter table connector_sync_state add column withheld_projects uuid[] not null default '{}';

-- Lists of a project, in their order. Where two connections number alike, a list goes on by the connection: a sort of a few rows that needs no column.
create index cw_conversations_created on cw_conversations (project_id, created_at desc, conversation_id desc);
create index kag_event_log_project on kag_event_log (project_id, id desc);
create index job_runs_status on job_runs (project_id, status, asked_at desc, id desc);
create index job_runs_job on job_runs (project_id, job, asked_at desc, id desc);

-- By hashes: lists of a few dozen names are longer than an entry of an index may be.
drop index project_sources_distinct;
create unique index project_sources_distinct on project_sources (project_id, connection_id, hash_array_extended(inbox_ids, 0), hash_array_extended(labels, 0),
  hash_array_extended(companies, 0), hash_array_extended(team_ids, 0), hash_array_extended(linear_project_ids, 0), hash_array_extended(list_ids, 0),
  hash_array_extended(deal_ids, 0)) where removed_at is null;

-- Few rows each: what is living is counted as all that an index holds, less these.
create index cw_contacts_deleted on cw_contacts (project_id, connection_id) where deleted_at is not null;
create index cw_conversations_deleted on cw_conversations (project_id, connection_id) where deleted_at is not null;
create index cw_messages_deleted on cw_messages (project_id, connection_id) where deleted_at is not null;
