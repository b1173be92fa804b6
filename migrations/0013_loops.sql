-- Outbound to Loops: which projects' clients it is told of, what it was told, and who wants no mail.

-- Nothing is sent for a project before its owner has switched it on. `resume_after`: the address a run that ended inside its budget had reached.
create table loops_settings (
  project_id uuid primary key,
  account_scope_id uuid not null,
  enabled boolean not null default false,
  resume_after text,
  changed_by text not null,
  changed_at timestamptz not null
);
call guard_table('loops_settings');
grant select, insert, update on loops_settings to bellwether_app;
grant select on loops_settings to bellwether_system;

-- One row per address, in the one project that speaks for it. `fingerprint` is of what was sent; `refused` was not taken and waits until it changes.
create table loops_contacts (
  project_id uuid not null,
  account_scope_id uuid not null,
  email text not null,
  user_id text not null,
  fingerprint text not null,
  status text not null check (status in ('sent', 'refused')),
  problem text,
  sent_at timestamptz not null,
  -- When Loops was last asked whether the contact is still subscribed.
  checked_at timestamptz not null,
  primary key (project_id, email)
);
create index loops_contacts_unchecked on loops_contacts (checked_at, project_id) where status = 'sent';
call guard_table('loops_contacts');
grant select, insert, update, delete on loops_contacts to bellwether_app;

-- Per person and channel: whether anything may be sent, and how often. A person known by address alone is `email:ADDRESS`.
create table contact_channel_policies (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null,
  account_scope_id uuid not null,
  contact_global_id text not null,
  channel text not null check (channel in ('email', 'chatwoot', 'telegram')),
  opted_out boolean not null default false,
  opted_out_at timestamptz,
  opted_out_source text,
  stop_on_reply boolean not null default true,
  frequency_window_hours int not null default 24 check (frequency_window_hours > 0),
  frequency_cap int not null default 3 check (frequency_cap >= 0),
  sent_in_window int not null default 0,
  window_started_at timestamptz,
  last_outbound_at timestamptz,
  last_inbound_at timestamptz,
  updated_at timestamptz not null,
  unique (project_id, contact_global_id, channel)
);
create index contact_channel_policies_contact on contact_channel_policies (contact_global_id, channel);
call guard_table('contact_channel_policies');
grant select, insert, update on contact_channel_policies to bellwether_app;
