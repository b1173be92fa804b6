import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import type { Audience } from "#core/memory/query-run.ts";
import type { ProjectScope } from "#core/scope.ts";

export const KINDS = ["message", "issue", "comment", "document", "project", "note", "task", "deal", "person", "account"] as const;
export type SourceKind = (typeof KINDS)[number];

/** What a chunk was cut from, in the shape in which evidence is given everywhere: one of the first four is set, and always the row. */
export const Evidence = z.object({
  messageId: z.string().nullable(),
  linearIssueId: z.string().nullable(),
  attioRecordId: z.string().nullable(),
  docUrl: z.string().nullable(),
  ragChunkId: z.uuid(),
  sourceTable: z.string(),
  sourcePk: z.string(),
});
export type Evidence = z.infer<typeof Evidence>;

export const Chunk = z.object({
  chunkId: z.uuid(),
  sourceKind: z.enum(KINDS),
  sourceRef: z.string(),
  threadRef: z.string(),
  title: z.string().nullable(),
  text: z.string(),
  language: z.enum(["ru", "en", "other"]),
  author: z.string().nullable(),
  authorRef: z.string().nullable(),
  authorSide: z.enum(["client", "team", "system"]).nullable(),
  private: z.boolean(),
  occurredAt: z.date(),
  url: z.string().nullable(),
  evidence: Evidence,
});
export type Chunk = z.infer<typeof Chunk>;
/** With its number inside its project, which is nobody else's business. */
export type Numbered = Chunk & { chunkNo: number };

export const Citation = Chunk.pick({
  chunkId: true,
  sourceKind: true,
  sourceRef: true,
  evidence: true,
  author: true,
  occurredAt: true,
  url: true,
}).extend({
  /** The number that stands for it in the answer. */
  n: z.number().int(),
  /** A part of the chunk's text, letter for letter. */
  quote: z.string(),
});
export type Citation = z.infer<typeof Citation>;

const TABLES: Record<SourceKind, string> = {
  message: "cw_messages",
  issue: "linear_issues_raw",
  comment: "linear_comments_raw",
  document: "linear_documents_raw",
  project: "linear_projects_raw",
  note: "attio_activities_raw",
  task: "attio_activities_raw",
  deal: "attio_opportunities_raw",
  person: "attio_people_raw",
  account: "attio_accounts_raw",
};

/**
 * What these chunks are and where they come from, in the order of the ids; those that are gone, or that the audience may not read, are left out. The ids of
 * their rows are made first: Postgres looks nothing up in an index behind row-level security by what a function makes of another column.
 */
export async function chunks(scope: ProjectScope, ids: readonly string[], audience: Audience): Promise<Numbered[]> {
  const rows = await transaction(
    scope,
    () => sql<Omit<Numbered, "evidence">[]>`
      with found as materialized (
        select c.*, asked.place, split_part(c.source_ref, ':', 3) as own_id, case when c.source_kind = 'message' then split_part(c.source_ref, ':', 3)::bigint end as message_id
        from unnest(${ids as string[]}::uuid[]) with ordinality as asked (id, place)
        join rag_chunks c on c.project_id = any (${scope.projects as string[]}::uuid[]) and c.id = asked.id
        where ${audience === "team"} or not c.private)
      select c.id as chunk_id, c.chunk_no, c.source_kind, c.source_ref, c.thread_ref, c.title, c.text, c.language, coalesce(a.title, s.sender_name, i.creator_name, m.author_name, d.creator_name, t.actor_name) as author, c.author_ref, c.author_side, c.private,
        c.occurred_at, coalesce(
          case when c.source_kind = 'message' then rtrim(n.base_url, '/') || '/app/accounts/' || n.external_account || '/conversations/' || split_part(c.thread_ref, ':', 3)
            || '?messageId=' || c.own_id end, i.url, m.url, d.url, p.url) as url
      from found c join connections n on n.id = c.connection_id
      left join kag_nodes a on a.project_id = c.project_id and a.node_key = c.author_ref and a.node_type = 'person'
      left join linear_issues_raw i on c.source_kind = 'issue' and i.project_id = c.project_id and i.connection_id = c.connection_id and i.external_id = c.own_id
      left join linear_comments_raw m on c.source_kind = 'comment' and m.project_id = c.project_id and m.connection_id = c.connection_id and m.external_id = c.own_id
      left join linear_documents_raw d on c.source_kind = 'document' and d.project_id = c.project_id and d.connection_id = c.connection_id and d.external_id = c.own_id
      left join linear_projects_raw p on c.source_kind = 'project' and p.project_id = c.project_id and p.connection_id = c.connection_id and p.external_id = c.own_id
      left join cw_messages s on s.project_id = c.project_id and s.connection_id = c.connection_id and s.message_id = c.message_id
      left join attio_activities_raw t on c.source_kind in ('note', 'task') and t.project_id = c.project_id and t.connection_id = c.connection_id and t.external_id = c.own_id
      order by c.place`,
  );
  return rows.map((row) => ({ ...row, evidence: evidenceOf(row) }));
}

/** The row behind a chunk. A reference is KIND:CONNECTION:ID, and the key of a mirrored row is its connection and id. */
function evidenceOf({ chunkId, sourceKind, sourceRef, threadRef, url }: Omit<Chunk, "evidence">): Evidence {
  const id = (ref: string) => ref.slice(ref.indexOf(":", ref.indexOf(":") + 1) + 1);
  const table = TABLES[sourceKind];
  const ofIssue = sourceKind === "issue" ? sourceRef : threadRef.startsWith("linissue:") ? threadRef : undefined;
  return {
    messageId: table === "cw_messages" ? sourceRef : null,
    linearIssueId: table.startsWith("linear") && ofIssue ? id(ofIssue) : null,
    attioRecordId: table.startsWith("attio") ? id(sourceRef) : null,
    docUrl: sourceKind === "document" || sourceKind === "project" ? url : null,
    ragChunkId: chunkId,
    sourceTable: table,
    sourcePk: sourceRef.slice(sourceRef.indexOf(":") + 1),
  };
}
