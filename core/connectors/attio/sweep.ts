import * as Kinds from "#core/connectors/attio/kinds.ts";
import * as Plan from "#core/connectors/attio/plan.ts";
import type { SlugOf } from "#core/connectors/attio/transform.ts";
import { nameOf } from "#core/connectors/attio/transform.ts";
import * as Walk from "#core/connectors/attio/walk.ts";
import * as Workspace from "#core/connectors/attio/workspace.ts";
import type { Cursor, Page, Reading, Stream } from "#core/connectors/connector.ts";
import { stream } from "#core/connectors/connector.ts";
import { sql, transaction } from "#core/db.ts";

const LIMITS = new Map(
  [Kinds.companies, Kinds.deals, Kinds.people, Kinds.tasks, Kinds.notes].map((kind) => [`${kind.name}_sweep`, kind.limit]),
);
const spent = new WeakMap<Reading, number>();

/** Reads all of a kind again, a part each cycle; the whole of it at once when it is new here, when bindings changed, and when a person asks. */
export function sweepOf<T extends { externalId: string }>(kind: Kinds.Kind<T>): Stream {
  const name = `${kind.name}_sweep`;
  return stream<T[]>({
    name,
    sweeps: true,
    due: async (reading) => reading.thorough || Plan.hasTurn(await standings(reading), name, spent.get(reading) ?? 0),
    read: async (reading, cursor) => {
      const backfill = cursor === undefined || cursor.backfill === true;
      const { page, step } = await walk(reading, kind, cursor, false);
      if (!step) return page;
      spent.set(reading, (spent.get(reading) ?? 0) + 1);
      const { rows } = step.position;
      if (step.done) return { ...page, cursor: await completed(reading, name, rows), done: true };
      const pause = !backfill && !reading.thorough && (spent.get(reading) ?? 0) >= Plan.SWEEP_REQUESTS;
      // When the last pass ended stays told while the next is under way.
      const since = { swept_at: cursor?.swept_at ?? 0, freshness_minutes: cursor?.freshness_minutes ?? null };
      return { ...page, cursor: { ...Walk.toCursor(step.position), ...since, ...(backfill ? { backfill } : {}) }, done: false, pause };
    },
    write: (reading, items) => Kinds.write(reading, kind, items),
  });
}

/** One step of a walk through a kind's list. Without `step` the object is switched off, and the page says so. */
export async function walk<T extends { externalId: string }>(
  reading: Reading,
  kind: Kinds.Kind<T>,
  cursor: Cursor | undefined,
  sure: boolean,
): Promise<{ page: Page<T[]>; step: Walk.Step | undefined; listed: string[] }> {
  const objects = await Workspace.objects(reading);
  const slugOf: SlugOf = Workspace.slugs(objects);
  const isRecord = kind.key === "record_id";
  const position = Walk.fromCursor(cursor);
  const told = isRecord ? Workspace.offReason(objects, kind.name) : undefined;
  const raws = told ? undefined : await kind.page(reading, position.offset);
  if (raws === undefined) {
    const nothing = { items: [], cursor: { off: true }, done: true, setAside: [], told: told ?? Workspace.off(kind.name) };
    return { page: nothing, step: undefined, listed: [] };
  }
  const listed = raws.map((raw) => nameOf(raw, kind.key));
  const rows = raws.map((raw, n) => ({ id: listed[n] ?? "?", createdAt: String(raw?.created_at) }));
  const step = Walk.next(position, rows, kind.limit, sure);
  const { items, setAside } = Kinds.understand(kind, raws, slugOf);
  return { page: { items, cursor: Walk.toCursor(step.position), done: step.done, setAside }, step, listed };
}

/** How every sweep stands now. */
export async function standings(reading: Reading): Promise<Plan.Standing[]> {
  const rows = await transaction(
    reading.scope,
    () => sql<{ stream: string; cursor: Cursor | null; status: string }[]>`
      select stream, cursor, status from connector_sync_state
      where connection_id = ${reading.connection.id} and stream = any (${[...LIMITS.keys()]}::text[])`,
  );
  return rows.map((row) => Plan.standing(row.stream, LIMITS.get(row.stream) ?? 1, row.cursor ?? undefined, row.status));
}

async function completed(reading: Reading, name: string, rows: number): Promise<Cursor> {
  const others = (await standings(reading)).filter((one) => one.stream !== name);
  const own: Plan.Standing = {
    stream: name,
    limit: LIMITS.get(name) ?? 1,
    rows,
    sweptAt: 0,
    underWay: false,
    backfill: false,
    failed: false,
  };
  return { rows, swept_at: reading.now.getTime(), freshness_minutes: Plan.promise([...others, own], name) };
}
