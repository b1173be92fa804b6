-- What is said of one project's records is not said to another that shares its connection.

-- The projects that a record set aside goes to. Empty: not known, or none, and then it is the owners' to see. A stream that failed is every project's.
alter table connector_errors add column project_ids uuid[] not null default '{}';

-- In which projects the withheld deletions would be.
alter table connector_sync_state add column withheld_projects uuid[] not null default '{}';
