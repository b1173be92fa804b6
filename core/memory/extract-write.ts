import { sql } from "#core/db.ts";
import type { Reason } from "#core/error.ts";
import type { Fact, Kind } from "#core/memory/extract-facts.ts";
import type { Part } from "#core/memory/extract-parts.ts";
import type { ProjectScope } from "#core/scope.ts";

const RELATIONS: Record<Kind, string> = {
  agreement: "agreed",
  promise: "promised",
  deadline: "deadline",
  decision: "decided",
  preference: "prefers",
};

/**
 * Puts the facts of a part of a thread in the place of those it had, each with its evidence, inside the caller's transaction; answers how many stand. One
 * whose words are no longer there, or that is nobody's, is left out. A fact holds until a later one of its thread and topic, a private one
 * until a later private one; an agreement is a node.
 */
export async function replace(scope: ProjectScope, part: Part, facts: readonly Fact[], now: Date): Promise<number> {
  const given = facts.map((fact) => ({ ...fact, relation: RELATIONS[fact.kind] }));
  const stands = sql`
    select f.*, c.project_id, c.account_scope_id, c.occurred_at, coalesce(a.id, t.id) as from_node_id, t.id as thread_id,
      named_uuid(concat_ws(' ', c.project_id, f.relation, c.chunk_no, f.quote)) as id, named_uuid(concat_ws(' ', c.project_id, 'agreement', c.chunk_no, f.quote)) as agreement_id,
      concat_ws(' ', f.relation, case when c.private then 'private' end, ${part.threadRef}::text, case f.relation when 'agreed' then f.quote else fold_name(f.topic) end) as fact_key,
      case when c.source_ref like 'cw%' then 'chatwoot' when c.source_ref like 'lin%' then 'linear' else 'attio' end as source_kind, c.source_ref
    from jsonb_to_recordset(${given as never}::jsonb)
      as f ("chunkNo" bigint, relation text, topic text, what text, due date, quote text, "startOffset" int, "endOffset" int)
    join rag_chunks c on c.project_id = ${part.projectId} and c.chunk_no = f."chunkNo"
      and substr(c.text, f."startOffset" + 1, f."endOffset" - f."startOffset") = f.quote
    left join kag_nodes a on a.project_id = c.project_id and a.node_key = c.author_ref
    left join kag_nodes t on t.project_id = c.project_id and t.node_key = c.thread_ref
    where coalesce(a.id, t.id) is not null`;
  await sql`
    delete from kag_provenance_refs p
    where p.project_id = ${part.projectId} and p.chunk_no = any (${part.chunkNos}::bigint[])
      and p.object_id not in (select id from (${stands}) s union all select agreement_id from (${stands}) s)`;
  await sql`
    insert into kag_nodes as n (project_id, account_scope_id, id, node_type, node_key, title, fingerprint, settled, created_at, updated_at)
    select project_id, account_scope_id, agreement_id, 'agreement', 'agreement:' || agreement_id, what, md5(what), true, ${now}, ${now} from (${stands}) s where relation = 'agreed'
    on conflict (project_id, id) do update set title = excluded.title, fingerprint = excluded.fingerprint, updated_at = excluded.updated_at where n.title <> excluded.title`;
  const written = await sql`
    insert into kag_edges as e (project_id, account_scope_id, id, from_node_id, relation_type, to_node_id, value, due, part_hash, read_with, fact_key, valid_from, recorded_at, confidence, extractor)
    select project_id, account_scope_id, id, from_node_id, relation, case relation when 'agreed' then agreement_id end, case when relation <> 'agreed' then what end, due, ${part.contentHash}, ${part.chunkNos}::bigint[], fact_key,
      occurred_at, ${now}, 0.7, 'model' from (${stands}) s
    on conflict (project_id, id) do update set
      value = excluded.value, due = excluded.due, part_hash = excluded.part_hash, read_with = excluded.read_with, fact_key = excluded.fact_key, from_node_id = excluded.from_node_id
    returning 1`;
  await sql`
    with stands as materialized (${stands})
    insert into kag_provenance_refs (project_id, account_scope_id, object_kind, object_id, source_kind, source_ref, chunk_no, quote, start_offset, end_offset, created_at)
    select s.project_id, s.account_scope_id, o.kind, o.id, s.source_kind, s.source_ref, s."chunkNo", s.quote, s."startOffset", s."endOffset", ${now}
    from stands s cross join lateral (values ('edge', s.id), (case when s.relation = 'agreed' then 'node' end, s.agreement_id)) o (kind, id)
    where o.kind is not null and not exists (
      select from kag_provenance_refs p where p.project_id = s.project_id and p.object_id = o.id and p.chunk_no = s."chunkNo")`;
  await align({ ...scope, projects: [part.projectId] });
  return written.length;
}

/** Of facts about one thing each holds until the next one was said. */
export async function align(scope: ProjectScope): Promise<void> {
  await sql`
    update kag_edges e set valid_to = n.until from (
      select f.project_id, f.id, (
        select min(o.valid_from) from kag_edges o
        where o.project_id = f.project_id and o.fact_key = f.fact_key and o.extractor = 'model' and o.valid_from > f.valid_from) as until
      from kag_edges f where f.project_id = any (${scope.projects as string[]}::uuid[]) and f.extractor = 'model') n
    where e.project_id = n.project_id and e.id = n.id and e.valid_to is distinct from n.until`;
}

/** Writes down that a part was read as it is now, or why it could not be. */
export async function remember(
  scope: ProjectScope,
  part: Part,
  counted: { facts: number; refused: number; why?: Reason; againAt?: Date | null },
  now: Date,
): Promise<void> {
  await sql`
    insert into kag_extractions (project_id, account_scope_id, thread_ref, content_hash, facts, refused, error, again_at, extracted_at)
    values (${part.projectId}, ${scope.accountScopeId}, ${part.threadRef}, ${part.contentHash}, ${counted.facts}, ${counted.refused},
      ${(counted.why ?? null) as never}::jsonb, ${counted.againAt ?? null}, ${now})
    on conflict (project_id, content_hash) do update set
      facts = excluded.facts, refused = excluded.refused, error = excluded.error, again_at = excluded.again_at, extracted_at = excluded.extracted_at`;
}

/** Has parts that had no answer asked again, in the open transaction of the scope. */
export async function revive(scope: ProjectScope): Promise<void> {
  await sql`delete from kag_extractions where project_id = any (${scope.projects as string[]}::uuid[]) and error is not null`;
}
