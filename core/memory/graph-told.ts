import { sql } from "#core/db.ts";
import type { Fragment } from "#core/memory/graph-source.ts";
import type { ProjectScope } from "#core/scope.ts";

type Told = { event: string; node: Fragment; relation: string; was: Fragment; is: Fragment; leadsTo?: string };

const part = (key: string): Fragment => sql`(e.payload ->> ${key}::text)`;
const node = (prefix: string, key: string): Fragment => sql`${prefix}::text || ${part("connection_id")} || ':' || ${part(key)}`;
const money = (amount: string, currency: string): Fragment =>
  sql`trim_scale(nullif(${part(amount)}::numeric, 0))::text || coalesce(' ' || ${part(currency)}, '')`;

/** Which events tell of which facts, and whose. */
const EVENTS = (): Told[] => {
  const [was, is] = [part("from"), part("to")];
  const issue = node("linissue:", "issue_id");
  const project = node("linproject:", "linear_project_id");
  const deal = node("attiodeal:", "deal_id");
  return [
    { event: "issue_state_changed", node: issue, relation: "state", was, is },
    { event: "issue_assigned", node: issue, relation: "assigned_to", was, is, leadsTo: "linuser:" },
    { event: "issue_due_changed", node: issue, relation: "due_date", was, is },
    { event: "project_state_changed", node: project, relation: "state", was, is },
    { event: "project_health_changed", node: project, relation: "health", was, is },
    { event: "project_due_changed", node: project, relation: "due_date", was, is },
    { event: "conversation_status_changed", node: node("cw:", "conversation_id"), relation: "state", was, is },
    { event: "deal_amount_changed", node: deal, relation: "amount", was: money("from", "from_currency"), is: money("to", "to_currency") },
    { event: "deal_close_date_changed", node: deal, relation: "due_date", was, is },
    { event: "deal_owner_changed", node: deal, relation: "owner", was, is, leadsTo: "attiomember:" },
  ];
};

/**
 * The changes that the event log and the deals' stage history tell of: `node_key`, `relation`, when (`at`), and what it led to or said before and after
 * (`was_key`, `was_value`, `is_key`, `is_value`; null: nothing). `seq` orders those of one instant.
 */
export function told(scope: ProjectScope): Fragment {
  const projects = scope.projects as string[];
  const key = (leadsTo: string | undefined, id: Fragment) =>
    leadsTo ? sql`${leadsTo}::text || ${part("connection_id")} || ':' || ${id}` : sql`null`;
  const events = EVENTS().map(
    ({ event, node, relation, was, is, leadsTo }) => sql`
      select e.project_id, ${node} as node_key, ${relation}::text as relation, e.occurred_at as at, e.id as seq, ${key(leadsTo, was)} as was_key,
        ${leadsTo ? sql`null` : was} as was_value, ${key(leadsTo, is)} as is_key, ${leadsTo ? sql`null` : is} as is_value
      from kag_event_log e where e.project_id = any (${projects}::uuid[]) and e.event_type = ${event}`,
  );
  return sql`
    select s.project_id, coalesce('attiodeal:' || o.connection_id || ':' || o.external_ref, 'crmdeal:' || o.id) as node_key, 'deal_stage' as relation,
      s.occurred_at as at, s.id as seq, null as was_key, s.from_stage as was_value, null as is_key, s.to_stage as is_value
    from crm_opportunity_stage_events s join crm_opportunities o on o.project_id = s.project_id and o.id = s.opportunity_id
    where s.project_id = any (${projects}::uuid[])
    union all ${events.reduce((all, one) => sql`${all} union all ${one}`)}`;
}
