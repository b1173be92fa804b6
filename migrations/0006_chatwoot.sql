-- The Chatwoot mirror. One upstream record may live in several projects, so every key starts with the project. `created_at`, `updated_at` and
-- `last_activity_at` are upstream's; `first_seen_at`, `changed_at`, `edited_at` and `deleted_at` are when we saw it. `absent_passes` counts
-- consecutive complete crawls without the record: at two it is deleted, and its text goes. `sanitized`: a NUL or lone surrogate became U+FFFD.
-- Secondary indexes lead with their own column: one that began as the primary key does would tie with it while a table is young and unanalyzed,
-- and every foreign key check would walk a whole project (8 s instead of 3 for 100,000 messages).

create table cw_inboxes_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  inbox_id bigint not null,
  name text,
  channel_type text,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  deleted_at timestamptz,
  primary key (project_id, connection_id, inbox_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
call guard_table('cw_inboxes_raw');

create table cw_contacts (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  contact_id bigint not null,
  name text,
  email text,
  phone_number text,
  identifier text,
  company text,
  blocked boolean not null default false,
  custom_attributes jsonb not null default '{}',
  additional_attributes jsonb not null default '{}',
  created_at timestamptz,
  last_activity_at timestamptz,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  sanitized boolean not null default false,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, contact_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id)
);
create index cw_contacts_seen on cw_contacts (project_id, first_seen_at desc, contact_id desc);
call guard_table('cw_contacts');

create table cw_conversations (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  conversation_id bigint not null,
  uuid text,
  inbox_id bigint,
  contact_id bigint,
  channel text,
  status text not null,
  priority text,
  assignee_id bigint,
  assignee_type text,
  team_id bigint,
  labels text[] not null default '{}',
  custom_attributes jsonb not null default '{}',
  additional_attributes jsonb not null default '{}',
  snoozed_until timestamptz,
  waiting_since timestamptz,
  first_reply_created_at timestamptz,
  created_at timestamptz not null,
  last_activity_at timestamptz,
  updated_at timestamptz,
  -- The newest message upstream named, and the id through which every message is here.
  last_message_id bigint not null default 0,
  complete_through bigint not null default 0,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  sanitized boolean not null default false,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, conversation_id),
  foreign key (project_id, connection_id, contact_id) references cw_contacts (project_id, connection_id, contact_id)
);
create index cw_conversations_activity on cw_conversations (project_id, last_activity_at desc, conversation_id desc);
create index cw_conversations_contact on cw_conversations (contact_id, connection_id, project_id);
call guard_table('cw_conversations');

create table cw_messages (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  message_id bigint not null,
  conversation_id bigint not null,
  content text,
  content_type text,
  message_type text not null check (message_type in ('incoming', 'outgoing', 'activity', 'template')),
  private boolean not null default false,
  status text,
  sender_type text,
  sender_id bigint,
  source_id text,
  content_attributes jsonb not null default '{}',
  created_at timestamptz not null,
  first_seen_at timestamptz not null,
  edited_at timestamptz,
  sanitized boolean not null default false,
  absent_passes smallint not null default 0,
  deleted_at timestamptz,
  primary key (project_id, connection_id, message_id),
  foreign key (project_id, connection_id, conversation_id) references cw_conversations (project_id, connection_id, conversation_id) on delete cascade
);
create index cw_messages_conversation on cw_messages (conversation_id, connection_id, project_id, message_id);
create index cw_messages_created on cw_messages (project_id, created_at desc, message_id desc);
call guard_table('cw_messages');

-- What is attached, never the bytes. URLs are kept without their query: a signature expires and would make every read look like a change.
create table cw_attachments_raw (
  project_id uuid not null,
  account_scope_id uuid not null,
  connection_id uuid not null,
  attachment_id bigint not null,
  message_id bigint not null,
  file_type text,
  extension text,
  file_size bigint,
  file_url text,
  thumb_url text,
  first_seen_at timestamptz not null,
  primary key (project_id, connection_id, attachment_id),
  foreign key (project_id, connection_id, message_id) references cw_messages (project_id, connection_id, message_id) on delete cascade
);
create index cw_attachments_raw_message on cw_attachments_raw (message_id, connection_id, project_id);
call guard_table('cw_attachments_raw');

do $$
declare
  name text;
begin
  foreach name in array array['cw_inboxes_raw', 'cw_contacts', 'cw_conversations', 'cw_messages', 'cw_attachments_raw'] loop
    execute format('grant select, insert, update, delete on %I to bellwether_app', name);
  end loop;
end $$;
