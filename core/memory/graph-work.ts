import { sql } from "#core/db.ts";
import { accountRef, each, type Fragment, fact, facts, live, print, ref, since } from "#core/memory/graph-source.ts";
import type { ProjectScope } from "#core/scope.ts";

/** What is worked on as nodes: deals, tasks, Linear projects, documents, conversations. A field that a person set in the CRM goes before the source's. */
export function work(scope: ProjectScope): Fragment {
  const mine = sql`project_id = any (${scope.projects as string[]}::uuid[])`;
  const edited = (field: string, value: Fragment) => sql`case when o.edited_fields ? ${field} then o.${sql(field)} else ${value} end`;
  const money = (amount: Fragment, currency: Fragment) => sql`trim_scale(nullif(${amount}, 0))::text || coalesce(' ' || ${currency}, '')`;
  return sql`
    select r.project_id, r.account_scope_id, 'deal', ${ref("attiodeal:", sql`r.external_id`)}, ${edited("title", sql`r.title`)}, coalesce(o.stage, r.stage), '{}',
      jsonb_build_object('title', array[${edited("title", sql`r.title`)}]),
      ${facts(
        fact("deal_stage", null, sql`coalesce(o.stage, r.stage)`, sql`coalesce(r.stage_changed_at, ${since()})`),
        fact("amount", null, money(edited("amount_estimate", sql`r.amount`), sql`coalesce(o.currency, r.currency)`), since()),
        fact("due_date", null, sql`${edited("expected_close_date", sql`r.expected_close_date`)}::text`, since()),
        fact(
          "owner",
          sql`case when not coalesce(o.edited_fields ? 'owner_username', false) then ${ref("attiomember:", sql`r.owner_external_id`)} end`,
          null,
          since(),
        ),
        fact("owner", null, sql`case when o.edited_fields ? 'owner_username' then o.owner_username end`, since()),
        fact("belongs_to", ref("attioacct:", sql`r.account_external_id`), null, since()),
      )} || ${each("involves", sql`array(select ${ref("attioperson:", sql`p`)} from unnest(r.people_external_ids) p)`, since())},
      ${since()}, ${print(sql`r.title, r.stage, r.stage_changed_at, r.amount, r.currency, r.expected_close_date, r.owner_external_id, r.account_external_id, r.people_external_ids,
        r.created_at, r.first_seen_at, o.title, o.stage, o.amount_estimate, o.currency, o.expected_close_date, o.owner_username, o.edited_fields`)}
    from ${live(scope, "attio_opportunities_raw")}
    left join crm_opportunities o on o.project_id = r.project_id and o.connection_id = r.connection_id and o.external_ref = r.external_id
    union all
    select o.project_id, o.account_scope_id, 'deal', 'crmdeal:' || o.id, o.title, o.stage, '{}', jsonb_build_object('title', array[o.title]),
      ${facts(
        fact("deal_stage", null, sql`o.stage`, sql`o.created_at`),
        fact("amount", null, money(sql`o.amount_estimate`, sql`o.currency`), sql`o.created_at`),
        fact("due_date", null, sql`o.expected_close_date::text`, sql`o.created_at`),
        fact("owner", null, sql`o.owner_username`, sql`o.created_at`),
        fact("belongs_to", accountRef(), null, sql`o.created_at`),
      )},
      o.created_at, ${print(sql`o.title, o.stage, o.amount_estimate, o.currency, o.expected_close_date, o.owner_username, o.created_at, a.connection_id, a.external_ref, a.id`)}
    from crm_opportunities o join crm_accounts a on a.project_id = o.project_id and a.id = o.account_id
    where o.${mine} and o.source_deleted_at is null and (o.connection_id is null or o.external_ref is null)
    union all
    select r.project_id, r.account_scope_id, 'task', ${ref("linissue:", sql`r.external_id`)}, r.title, coalesce(r.state_type, r.state),
      jsonb_strip_nulls(jsonb_build_object('identifier', r.identifier, 'url', r.url)), jsonb_build_object('title', array[r.title], 'identifier', array[r.identifier]),
      ${facts(
        fact(
          "state",
          null,
          sql`r.state`,
          sql`coalesce(case r.state_type when 'completed' then r.completed_at when 'canceled' then r.canceled_at when 'started' then r.started_at end, ${since()})`,
        ),
        fact("assigned_to", ref("linuser:", sql`r.assignee_external_id`), null, since()),
        fact("due_date", null, sql`r.due_date::text`, since()),
        fact("created_by", ref("linuser:", sql`r.creator_external_id`), null, since()),
        fact("part_of", ref("linproject:", sql`r.linear_project_external_id`), null, since()),
        fact("part_of", ref("linissue:", sql`r.parent_external_id`), null, since()),
      )} || ${each("blocked_by", sql`array(select ${ref("linissue:", sql`b`)} from unnest(r.blocked_by) b)`, since())},
      ${since()}, ${print(sql`r.title, r.identifier, r.url, r.state, r.state_type, r.due_date, r.assignee_external_id, r.creator_external_id, r.linear_project_external_id,
        r.parent_external_id, r.blocked_by, r.created_at, r.first_seen_at, r.completed_at, r.canceled_at, r.started_at`)}
    from ${live(scope, "linear_issues_raw")} where not trashed
    union all
    select r.project_id, r.account_scope_id, 'task', ${ref("attioact:", sql`r.external_id`)}, left(coalesce(nullif(r.title, ''), r.note), 200),
      case when r.is_completed then 'completed' else 'open' end, '{}', jsonb_build_object('title', array[left(coalesce(nullif(r.title, ''), r.note), 200)]),
      ${facts(
        fact(
          "state",
          null,
          sql`case when r.is_completed then 'completed' else 'open' end`,
          sql`coalesce(r.completed_at, r.occurred_at, r.first_seen_at)`,
        ),
        fact("due_date", null, sql`(r.due_at at time zone 'UTC')::date::text`, sql`coalesce(r.occurred_at, r.first_seen_at)`),
      )} || ${each("assigned_to", sql`array(select ${ref("attiomember:", sql`p`)} from unnest(r.assignee_external_ids) p)`, sql`coalesce(r.occurred_at, r.first_seen_at)`)}
        || ${each(
          "belongs_to",
          sql`array(select k || r.connection_id || ':' || p from unnest(r.linked_external_ids) p, unnest(array['attioacct:', 'attiodeal:', 'attioperson:']) k)`,
          sql`coalesce(r.occurred_at, r.first_seen_at)`,
        )},
      coalesce(r.occurred_at, r.first_seen_at), ${print(sql`r.title, r.note, r.is_completed, r.due_at, r.completed_at, r.occurred_at, r.first_seen_at, r.assignee_external_ids, r.linked_external_ids`)}
    from ${live(scope, "attio_activities_raw")} where activity_type = 'task'
    union all
    select r.project_id, r.account_scope_id, 'project', ${ref("linproject:", sql`r.external_id`)}, r.name, r.state_type, jsonb_strip_nulls(jsonb_build_object('url', r.url)),
      jsonb_build_object('title', array[r.name]),
      ${facts(
        fact("state", null, sql`r.state`, since()),
        fact("health", null, sql`r.health`, since()),
        fact("due_date", null, sql`r.target_date::text`, since()),
        fact("owner", ref("linuser:", sql`r.lead_external_id`), null, since()),
      )},
      ${since()}, ${print(sql`r.name, r.url, r.state, r.state_type, r.health, r.target_date, r.lead_external_id, r.created_at, r.first_seen_at`)}
    from ${live(scope, "linear_projects_raw")} where not trashed
    union all
    select r.project_id, r.account_scope_id, 'document', ${ref("lindoc:", sql`r.external_id`)}, r.title, null, jsonb_strip_nulls(jsonb_build_object('url', r.url)),
      jsonb_build_object('title', array[r.title]),
      ${facts(
        fact("created_by", ref("linuser:", sql`r.creator_external_id`), null, since()),
        fact("part_of", ref("linproject:", sql`r.linear_project_external_id`), null, since()),
        fact("part_of", ref("linissue:", sql`r.issue_external_id`), null, since()),
      )},
      ${since()}, ${print(sql`r.title, r.url, r.creator_external_id, r.linear_project_external_id, r.issue_external_id, r.created_at, r.first_seen_at`)}
    from ${live(scope, "linear_documents_raw")} where not trashed
    union all
    select r.project_id, r.account_scope_id, 'conversation', ${ref("cw:", sql`r.conversation_id`)}, '#' || r.conversation_id, r.status, '{}', '{}',
      ${facts(fact("state", null, sql`r.status`, since()), fact("belongs_to", ref("cwc:", sql`r.contact_id`), null, since()))},
      ${since()}, ${print(sql`r.status, r.contact_id, r.created_at, r.first_seen_at`)}
    from ${live(scope, "cw_conversations")}`;
}
