import type { Reading, SetAside, Written } from "#core/connectors/connector.ts";
import * as DiscussionPage from "#core/connectors/linear/discussion-page.ts";
import * as IssuesPage from "#core/connectors/linear/issues-page.ts";
import * as Page from "#core/connectors/linear/page.ts";
import { NOTHING } from "#core/connectors/linear/rows.ts";
import * as Said from "#core/connectors/linear/said.ts";
import * as WorkspacePage from "#core/connectors/linear/workspace-page.ts";
import { sql, transaction } from "#core/db.ts";

/**
 * Reads one record again by its reference: `issue:ID` with its comments and documents, `comment:ID`, `document:ID`, `project:ID`, `cycle:ID`,
 * `state:ID`, `user:ID`, `team:ID`. What is gone upstream by now is no longer in error: its row is the crawl's to delete.
 */
export async function retry(
  reading: Reading,
  recordRef: string,
): Promise<{ write: () => Promise<Written>; setAside: readonly SetAside[] }> {
  const [kind = "", ...rest] = recordRef.split(":");
  const id = rest.join(":");
  if (id === "" || id === "?") {
    if (await crawledSince(reading, kind, recordRef)) return { write: async () => NOTHING, setAside: [] };
    return unreadableYet(recordRef, "it came without an id; the next crawl finds it");
  }
  const taken = await take(reading, kind, id);
  if (!taken) return unreadableYet(recordRef, `there is no kind of record called ${kind}`);
  return { write: () => Page.write(reading, taken.items), setAside: taken.setAside.filter((aside) => aside.recordRef === recordRef) };
}

const CRAWLS: Readonly<Record<string, string>> = { issue: "issues_crawl", comment: "comments_crawl", document: "documents_crawl" };

/** Whether a crawl has begun and ended since a row came without an id: it has read every row by its own. */
async function crawledSince(reading: Reading, kind: string, recordRef: string): Promise<boolean> {
  const found = await transaction(
    reading.scope,
    () => sql`
      select 1 from connector_errors e join connector_sync_state s on s.connection_id = e.connection_id and s.stream = ${CRAWLS[kind] ?? "workspace_crawl"}
      where e.connection_id = ${reading.connection.id} and e.record_ref = ${recordRef} and e.status <> 'resolved' and s.known_until >= e.created_at limit 1`,
  );
  return found.length > 0;
}

async function take(reading: Reading, kind: string, id: string): Promise<Page.Taken | undefined> {
  const filter = { id: { in: [id] } };
  if (kind === "issue") {
    const issue = await IssuesPage.byIds(reading, [id], { arriving: false });
    if (issue.items.issues.length > 0) Page.add(issue, await Said.ofIssues(reading, [id]));
    return issue;
  }
  if (kind === "comment") return DiscussionPage.take(reading, await Said.ask(reading, { comments: filter }), { arriving: true });
  if (kind === "document") return DiscussionPage.take(reading, await Said.ask(reading, { documents: filter }), { arriving: true });
  const small = WorkspacePage.KINDS.find((one) => WorkspacePage.NOUNS[one] === kind);
  return small && WorkspacePage.take(reading, await WorkspacePage.ask(reading, { [small]: filter }));
}

function unreadableYet(recordRef: string, problem: string): { write: () => Promise<Written>; setAside: SetAside[] } {
  return { write: async () => NOTHING, setAside: [{ recordRef, kind: "invalid_data", message: problem, payload: null }] };
}
