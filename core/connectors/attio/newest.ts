import * as Api from "#core/connectors/attio/api.ts";
import * as Ends from "#core/connectors/attio/ends.ts";
import * as Kinds from "#core/connectors/attio/kinds.ts";
import * as Plan from "#core/connectors/attio/plan.ts";
import { standings } from "#core/connectors/attio/sweep.ts";
import type { Activity } from "#core/connectors/attio/transform.ts";
import { instant } from "#core/connectors/attio/values.ts";
import * as Workspace from "#core/connectors/attio/workspace.ts";
import { type Cursor, type Page, type Reading, type Stream, stream } from "#core/connectors/connector.ts";
import { SourceError } from "#core/connectors/http.ts";
import { sql, transaction } from "#core/db.ts";

/** Clocks differ and cycles fail: newer than this before the last look is looked at again. */
const OVERLAP_MS = 3_600_000;
const FIRST_LOOK_MS = 86_400_000;
const HEAD = 100;
/** Deals that are not decided, read again by id each cycle: those that changed last. */
const OPEN_DEALS = 400;

type Reader = (reading: Reading, since: Date, offset: number, cursor: Cursor | undefined) => Promise<Api.Raw[] | undefined>;

/** What is new of a kind too long to be read whole each cycle, and the deals that are still open. */
export const companies = newestOf(Kinds.companies, HEAD, (reading, _, offset) => newestRecords(reading, "companies", offset));
export const people = newestOf(Kinds.people, HEAD, (reading, _, offset) => newestRecords(reading, "people", offset));
export const tasks = newestOf(Kinds.tasks, Api.TASKS, (reading, _, offset) => Api.tasks(reading, offset, "desc"));
export const deals = newestOf(Kinds.deals, Api.RECORDS, async (reading, since, offset) => {
  const open = await openDeals(reading);
  // Filters of docs.attio.com/rest-api/guides/filtering-and-sorting: `$in` over record_id, `$gte` over created_at.
  const filter = { $or: [{ created_at: { $gte: since.toISOString() } }, ...(open.length > 0 ? [{ record_id: { $in: open } }] : [])] };
  try {
    return await Api.records(reading, "deals", { offset, sort: "desc", filter });
  } catch (error) {
    if (!(error instanceof SourceError) || error.status !== 400) throw error;
    return newestRecords(reading, "deals", offset);
  }
});

const newestRecords = (reading: Reading, object: Api.Kind, offset: number) =>
  Api.records(reading, object, { offset, sort: "desc", limit: HEAD });

function newestOf<T extends { externalId: string }>(kind: Kinds.Kind<T>, size: number, ask: Reader): Stream {
  return stream<T[]>({
    name: `${kind.name}_new`,
    due: (reading) => isLong(reading, kind.name),
    read: async (reading, cursor) => {
      const since = sinceOf(reading, cursor);
      const offset = Number(cursor?.offset ?? 0);
      const raws = await ask(reading, since, offset, cursor);
      if (raws === undefined) return { items: [], cursor: {}, done: true, setAside: [], told: Workspace.off(kind.name) };
      const older = raws.some((raw) => (instant(raw?.created_at)?.getTime() ?? 0) < since.getTime());
      const done = raws.length < size || older;
      return page(reading, kind, raws, done, { offset: offset + raws.length, since: since.getTime() });
    },
    write: (reading, items) => Kinds.write(reading, kind, items),
  });
}

/** The newest notes, at whichever end of the list they are: the endpoint takes no sort, and its order is not described. */
export const notes: Stream = stream<Activity[]>({
  name: "notes_new",
  due: (reading) => isLong(reading, "notes"),
  read: async (reading, cursor) => {
    const since = sinceOf(reading, cursor).getTime();
    const length = (await standings(reading)).find((one) => one.stream === "notes_sweep")?.rows ?? 0;
    const newestLast = cursor?.newest_last === true;
    const look = typeof cursor?.offset === "number" ? { offset: cursor.offset, newestLast } : Ends.begin(newestLast, length);
    const raws = await Api.notes(reading, look.offset);
    const times = raws.map((raw) => instant(raw?.created_at)?.getTime() ?? 0);
    const seen = Ends.next(look, times, Api.NOTES, since, length);
    const next = { since, offset: seen.next.offset, newest_last: seen.next.newestLast };
    return page(reading, Kinds.notes, raws, seen.done, next, { newest_last: seen.newestLast });
  },
  write: (reading, items) => Kinds.write(reading, Kinds.notes, items),
});

/** A page; `next` is where to go on, and `kept` what the next look should know beside its own time. */
async function page<T extends { externalId: string }>(
  reading: Reading,
  kind: Kinds.Kind<T>,
  raws: readonly Api.Raw[],
  done: boolean,
  next: Cursor,
  kept: Cursor = {},
): Promise<Page<T[]>> {
  const found = Kinds.understand(kind, raws, Workspace.slugs(await Workspace.objects(reading)));
  return { ...found, cursor: done ? { ...kept, looked: reading.now.getTime() } : next, done };
}

/** Too long for every cycle; what has not been read whole yet is the sweep's. */
async function isLong(reading: Reading, name: string): Promise<boolean> {
  const all = await standings(reading);
  const own = all.find((one) => one.stream === `${name}_sweep`);
  return own !== undefined && !own.backfill && own.rows > own.limit && !Plan.isWhole(all);
}

function sinceOf(reading: Reading, cursor: Cursor | undefined): Date {
  if (typeof cursor?.since === "number") return new Date(cursor.since);
  return new Date(typeof cursor?.looked === "number" ? cursor.looked - OVERLAP_MS : reading.now.getTime() - FIRST_LOOK_MS);
}

async function openDeals(reading: Reading): Promise<string[]> {
  const rows = await transaction(
    reading.scope,
    () => sql<{ externalId: string }[]>`
      select external_id from attio_opportunities_raw
      where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id} and deleted_at is null
        and not coalesce(stage, '') ~* '\\m(won|lost|closed)\\M'
      group by external_id order by max(changed_upstream_at) desc nulls last, external_id limit ${OPEN_DEALS}`,
  );
  return rows.map((row) => row.externalId);
}
