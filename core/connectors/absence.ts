import type { Reading } from "#core/connectors/connector.ts";
import { warnEach } from "#core/connectors/warning.ts";
import { sql } from "#core/db.ts";
import { reason } from "#core/error.ts";

/** Consecutive complete passes without a record before it counts as deleted: one may have been moved past a page's edge while it was read. */
export const PASSES = 2;
/** A pass that would delete more than this many, and more than this share of its kind, is not believed: a token that lost rights looks just so. */
const MANY = 10;
const SHARE = 0.1;

/** Upstream records of one kind: those to be deleted now, in which projects, and those there were before, the former included. */
export type Count = { gone: number; live: number; projects: readonly string[] };

/** Notes what a crawl has seen; inside its page's transaction. */
export async function see(reading: Reading, stream: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    insert into connector_crawl_seen (connection_id, account_scope_id, stream, record_id)
    select ${reading.connection.id}, ${reading.connection.accountScopeId}, ${stream}, id from unnest(${ids as string[]}::text[]) as seen (id)
    on conflict do nothing`;
}

export async function forget(reading: Reading, stream: string): Promise<void> {
  await sql`delete from connector_crawl_seen where connection_id = ${reading.connection.id} and stream = ${stream}`;
}

/** More than ten and more than a tenth. */
export const suspicious = ({ gone, live }: Pick<Count, "gone" | "live">): boolean => gone > MANY && gone > live * SHARE;

/**
 * Whether what a complete pass found gone may be deleted; in the transaction of its last page. When there are suspiciously many of a kind, all are
 * withheld (`needs_confirmation`) until a person approves so many: then the next pass that begins looks again, and deletes no more than was approved.
 */
export async function allows(reading: Reading, stream: string, ...kinds: readonly Count[]): Promise<boolean> {
  const { id } = reading.connection;
  const gone = kinds.reduce((sum, kind) => sum + kind.gone, 0);
  const projects = [...new Set(kinds.flatMap((kind) => kind.projects))];
  const [state] = await sql<{ approved: number | null; looked: boolean }[]>`
    select approved_deletions as approved, coalesce(pass_started_at >= approved_at, false) as looked
    from connector_sync_state where connection_id = ${id} and stream = ${stream} for update`;
  const approved = state?.looked ? (state.approved ?? 0) : 0;
  const withheld = kinds.some(suspicious) && gone > approved;
  // An approval is spent by the pass that looked again after it, whatever came of it.
  await sql`
    update connector_sync_state set withheld_deletions = ${withheld ? gone : 0}, withheld_projects = ${withheld ? projects : []}::uuid[], updated_at = ${reading.now},
      approved_deletions = case when ${state?.looked ?? true} then null else approved_deletions end
    where connection_id = ${id} and stream = ${stream}`;
  const why = reason("needs_confirmation", { stream, count: gone });
  if (withheld) await warnEach(reading, new Map(projects.map((project) => [project, why])));
  return !withheld;
}
