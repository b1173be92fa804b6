import { type Reading, type SetAside, stream } from "#core/connectors/connector.ts";
import * as Api from "#core/connectors/linear/api.ts";
import * as Blocking from "#core/connectors/linear/blocking.ts";
import * as Documents from "#core/connectors/linear/documents.ts";
import { wholeIssue } from "#core/connectors/linear/inner.ts";
import * as Page from "#core/connectors/linear/page.ts";
import { blockersIn } from "#core/connectors/linear/transform.ts";
import { id } from "#core/connectors/linear/values.ts";
import { sql, transaction } from "#core/db.ts";

const NAME = "relations";
const EVERY_MS = 2 * 3_600_000;
const BATCH = 100;

/**
 * What blocks the issues that are open here, read again every two hours: setting or removing a relation does not move its issues' updatedAt, and the
 * list of relations has no filter.
 */
export const relations = stream<Blocking.Blockers[]>({
  name: NAME,
  due: async (reading) => {
    const since = new Date(reading.now.getTime() - EVERY_MS);
    const [state] = await transaction(
      reading.scope,
      () => sql<{ fresh: boolean }[]>`
        select pass_started_at is null and last_success_at > ${since} as fresh from connector_sync_state
        where connection_id = ${reading.connection.id} and stream = ${NAME}`,
    );
    return !state?.fresh || reading.thorough;
  },
  read: async (reading, cursor) => {
    const after = typeof cursor?.after === "string" ? cursor.after : "";
    const ids = await transaction(reading.scope, () => Blocking.open(reading, after, BATCH));
    const { items, setAside } = await read(reading, ids);
    const done = ids.length < BATCH;
    return { items, setAside, cursor: done ? {} : { after: ids.at(-1) ?? "" }, done };
  },
  write: Blocking.set,
});

async function read(reading: Reading, ids: readonly string[]): Promise<{ items: Blocking.Blockers[]; setAside: SetAside[] }> {
  const items: Blocking.Blockers[] = [];
  if (ids.length === 0) return { items, setAside: [] };
  const setAside: SetAside[] = [];
  const filter = { id: { in: ids } };
  const ask = (pages: Readonly<Record<string, string | null>>) =>
    Api.query(reading, Documents.RELATIONS, { issuesAfter: pages.issues, issuesFilter: filter });
  for await (const lists of Api.pages(["issues"], ask)) {
    const aside = await Page.understand("issue", Api.list(lists, "issues"), async (given) => {
      const raw = await wholeIssue(reading, given);
      items.push({ externalId: id(raw.id, "issue.id"), blockedBy: blockersIn(raw.inverseRelations) });
    });
    setAside.push(...aside);
  }
  return { items, setAside };
}
