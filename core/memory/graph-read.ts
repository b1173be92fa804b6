import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

export type NodeType = "person" | "client" | "deal" | "task" | "conversation" | "agreement" | "document" | "project";
export type Node = { id: string; projectId: string; nodeType: NodeType; nodeKey: string; title: string | null };
/** A node that a text names: by which alias, how surely, and whether the alias may mean somebody else as well. `same_as`: another record of such a node. */
export type Named = Node & { alias: string; source: string; confidence: number; ambiguous: boolean };

/** Of a question, so many words are read; no alias of more words is looked for. */
const WORDS = 200;
const SPAN = 8;
/** No node brings more facts, neighbours or mentions than this. */
const DEGREE = 50;

/**
 * The nodes of the scope's projects that a text names, in whatever script, surest first. Of names within one another the longest counts; whoever is
 * linked to a named person comes along.
 */
export async function named(scope: ProjectScope, text: string): Promise<Named[]> {
  const projects = scope.projects as string[];
  const rows = await transaction(
    scope,
    () =>
      sql<(Named & { first: number; last: number })[]>`
      with recursive words as materialized (
        select (string_to_array(fold_text(${text}), ' '))[1:${WORDS}] as w
        union all
        select array_agg('n:' || coalesce(name_key(m[1]), '') order by at) from regexp_matches(${text}, '([A-Za-z0-9À-ɏЀ-ӿ]{1,40})', 'g') with ordinality as r (m, at)
        where at <= ${WORDS}),
      spans as (
        select array_to_string(w[i : i + n], ' ') as alias, i as first, i + n as last
        from words cross join lateral generate_series(1, cardinality(w)) i cross join lateral generate_series(0, least(${SPAN}::int, cardinality(w) - i + 1) - 1) n
        union all select x, 0, 0 from unnest(exact_names(${text})) x),
      hits as (
        select a.*, s.first, s.last from spans s join kag_aliases a on a.alias = s.alias
        where a.project_id = any (${projects}::uuid[]) and (s.first > 0) = (a.source in ('name', 'name_part', 'company', 'title'))),
      widest as (
        select * from hits h where not exists (
          select from hits o where o.first > 0 and o.first <= h.first and o.last >= h.last and o.last - o.first > h.last - h.first and h.first > 0)),
      linked as (
        select project_id, node_id, alias, source, confidence, ambiguous from widest
        union
        select l.project_id, o.node_id, l.alias, 'same_as', l.confidence, l.ambiguous
        from linked l join kag_edges e on e.project_id = l.project_id and l.node_id in (e.from_node_id, e.to_node_id) and e.relation_type = 'same_as'
        cross join lateral (values (e.from_node_id), (e.to_node_id)) o (node_id)
        where o.node_id <> l.node_id)
      select * from (
        select distinct on (n.project_id, n.id) n.id, n.project_id, n.node_type, n.node_key, n.title, l.alias, l.source, l.confidence::float8, l.ambiguous
        from linked l join kag_nodes n on n.project_id = l.project_id and n.id = l.node_id
        order by n.project_id, n.id, l.source = 'same_as', l.confidence desc, l.ambiguous, l.alias) f
      order by ambiguous, confidence desc, source = 'same_as', node_key`,
  );
  return [...rows];
}

/** Where a fact is found: the record, and of a model's fact the chunk and the words of it. */
export type Evidence = {
  sourceRef: string;
  chunkNo: number | null;
  quote: string | null;
  startOffset: number | null;
  endOffset: number | null;
};
/** `value` or `to`. `private`: it rests on what the client was not meant to read, or a model read it with what is hidden or gone since. */
export type Fact = {
  id: string;
  projectId: string;
  from: Node;
  relationType: string;
  to: Node | null;
  value: string | null;
  /** The day a model's fact names, YYYY-MM-DD. */
  due: string | null;
  validFrom: Date;
  validTo: Date | null;
  confidence: number;
  extractor: "source" | "model";
  private: boolean;
  evidence: Evidence[];
};

const node = (alias: string) => sql`
  case when ${sql(alias)}.id is not null then jsonb_build_object('id', ${sql(alias)}.id, 'projectId', ${sql(alias)}.project_id, 'nodeType', ${sql(alias)}.node_type,
    'nodeKey', ${sql(alias)}.node_key, 'title', ${sql(alias)}.title) end`;

/** What is known of these nodes at an instant; without one, at any time, what ended included. Newest first, at most 50 a node. */
export async function factsOf(scope: ProjectScope, nodeIds: readonly string[], at?: Date): Promise<Fact[]> {
  if (nodeIds.length === 0) return [];
  const rows = await transaction(
    scope,
    () =>
      sql<Fact[]>`
      with wanted as (
        select distinct e.project_id, e.id from unnest(${nodeIds as string[]}::uuid[]) w (id)
        cross join lateral (
          select e.project_id, e.id from kag_edges e
          where e.project_id = any (${scope.projects as string[]}::uuid[]) and (e.from_node_id = w.id or e.to_node_id = w.id) and e.retracted_at is null
            and (${at ?? null}::timestamptz is null or e.valid_from <= ${at ?? null} and (e.valid_to is null or e.valid_to > ${at ?? null}))
          order by e.valid_to is null desc, e.valid_from desc, e.id limit ${DEGREE}) e)
      select e.id, e.project_id, ${node("f")} as "from", e.relation_type, ${node("t")} as "to", e.value, e.due::text, e.valid_from, e.valid_to, e.confidence::float8, e.extractor,
        p.private or exists (
          select from unnest(e.read_with) k left join rag_chunks c on c.project_id = e.project_id and c.chunk_no = k
          where c.private is distinct from false) as private, p.evidence
      from wanted w join kag_edges e on e.project_id = w.project_id and e.id = w.id
      join kag_nodes f on f.project_id = e.project_id and f.id = e.from_node_id
      left join kag_nodes t on t.project_id = e.project_id and t.id = e.to_node_id
      cross join lateral (
        select coalesce(bool_or(c.private is distinct from false), true) as private,
          jsonb_agg(jsonb_build_object('sourceRef', r.source_ref, 'chunkNo', r.chunk_no, 'quote', r.quote, 'startOffset', r.start_offset, 'endOffset', r.end_offset)
            order by r.id) as evidence
        from kag_provenance_refs r left join rag_chunks c on c.project_id = r.project_id and c.chunk_no = r.chunk_no
        where r.project_id = e.project_id and r.edge_id = e.id) p
      where p.evidence is not null
      order by e.valid_to is null desc, e.valid_from desc, e.id`,
  );
  return [...rows];
}

/** The nodes one fact away, as of an instant: each with whose neighbour it is. At most 50 a node. */
export async function neighbours(
  scope: ProjectScope,
  nodeIds: readonly string[],
  at: Date,
): Promise<(Node & { of: string; relationType: string })[]> {
  const rows = await transaction(
    scope,
    () =>
      sql<(Node & { of: string; relationType: string })[]>`
      select n.id, n.project_id, n.node_type, n.node_key, n.title, w.id as of, e.relation_type
      from unnest(${nodeIds as string[]}::uuid[]) w (id)
      cross join lateral (
        select e.project_id, e.relation_type, case when e.from_node_id = w.id then e.to_node_id else e.from_node_id end as other from kag_edges e
        where e.project_id = any (${scope.projects as string[]}::uuid[]) and (e.from_node_id = w.id or e.to_node_id = w.id) and e.to_node_id is not null
          and e.retracted_at is null and e.valid_from <= ${at} and (e.valid_to is null or e.valid_to > ${at})
        order by e.valid_from desc, e.id limit ${DEGREE}) e
      join kag_nodes n on n.project_id = e.project_id and n.id = e.other`,
  );
  return [...rows];
}

export type Mention = { nodeId: string; chunkNo: number; method: "author" | "identifier" | "email" | "name" };

/** The chunks that speak of these nodes, the newest 50 of each. */
export async function mentionsOf(scope: ProjectScope, nodeIds: readonly string[], limit = DEGREE): Promise<Mention[]> {
  const rows = await transaction(
    scope,
    () =>
      sql<Mention[]>`
      select m.node_id, m.chunk_no, m.method from unnest(${nodeIds as string[]}::uuid[]) w (id)
      cross join lateral (
        select * from kag_mentions m where m.project_id = any (${scope.projects as string[]}::uuid[]) and m.node_id = w.id
        order by m.method = 'author', m.chunk_no desc limit ${limit}) m`,
  );
  return [...rows];
}

/** The nodes of which these chunks speak. */
export async function mentionedIn(scope: ProjectScope, chunkNos: readonly number[]): Promise<(Mention & { node: Node })[]> {
  const rows = await transaction(
    scope,
    () =>
      sql<(Mention & { node: Node })[]>`
      select m.node_id, m.chunk_no, m.method, ${node("n")} as node
      from kag_mentions m join kag_nodes n on n.project_id = m.project_id and n.id = m.node_id
      where m.project_id = any (${scope.projects as string[]}::uuid[]) and m.chunk_no = any (${chunkNos as number[]}::bigint[])`,
  );
  return [...rows];
}

/** The chunks in which these nodes are themselves written down: an issue's own text, a person's card, of an agreement where it was said. */
export async function homeChunks(scope: ProjectScope, nodeIds: readonly string[]): Promise<{ nodeId: string; chunkNo: number }[]> {
  const rows = await transaction(
    scope,
    () =>
      sql<{ nodeId: string; chunkNo: number }[]>`
      select n.id as node_id, c.chunk_no from kag_nodes n join rag_chunks c on c.project_id = n.project_id and c.source_ref = n.node_key
      where n.project_id = any (${scope.projects as string[]}::uuid[]) and n.id = any (${nodeIds as string[]}::uuid[])
      union
      select r.node_id, r.chunk_no from kag_provenance_refs r
      where r.project_id = any (${scope.projects as string[]}::uuid[]) and r.node_id = any (${nodeIds as string[]}::uuid[]) and r.chunk_no is not null`,
  );
  return [...rows];
}
