-- What to read again, and what asks for it: the error queue and the sources' webhooks.

-- Each thing once: a whole stream (no record_ref) or one record of it. `asks` counts how often it was asked for: what is asked for again while it is
-- being read is read once more.
create table connector_hints (
  id bigint generated always as identity primary key,
  connection_id uuid not null,
  account_scope_id uuid not null,
  stream text not null,
  record_ref text,
  why text not null check (why in ('retry', 'webhook')),
  error_id bigint,
  asks int not null default 1,
  asked_at timestamptz not null,
  unique nulls not distinct (connection_id, stream, record_ref),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id) on delete cascade
);
create index connector_hints_error on connector_hints (error_id) where error_id is not null;
call guard_table('connector_hints', 'none');
grant select, insert, update, delete on connector_hints to bellwether_app;
grant select on connector_hints to bellwether_system;

-- Sealed like the credentials. A source without one takes no webhooks.
alter table connections add column webhook_secret text;

-- What was delivered, so that a replay is known as one. Never what it said.
create table webhook_deliveries (
  connection_id uuid not null,
  account_scope_id uuid not null,
  delivery_id text not null,
  source text not null,
  event text not null,
  outcome text not null check (outcome in ('hinted', 'ignored')),
  received_at timestamptz not null,
  primary key (connection_id, delivery_id),
  foreign key (connection_id, account_scope_id) references connections (id, account_scope_id) on delete cascade
);
create index webhook_deliveries_age on webhook_deliveries (received_at);
call guard_table('webhook_deliveries', 'none');
grant select, insert on webhook_deliveries to bellwether_app;
grant select, delete on webhook_deliveries to bellwether_system;
