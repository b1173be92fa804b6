import type { Reading } from "#core/connectors/connector.ts";
import type { List } from "#core/connectors/linear/api.ts";
import { covers, routes } from "#core/connectors/linear/coverage.ts";
import { isPartial } from "#core/connectors/linear/inner.ts";
import * as Issues from "#core/connectors/linear/issues.ts";
import { coverable } from "#core/connectors/linear/transform.ts";
import { object, Unreadable } from "#core/connectors/linear/values.ts";
import { sql, transaction } from "#core/db.ts";

type Held = { externalId: string; projectId: string; updatedAt: Date | null; absent: boolean };

/** Of a page of the crawl, the issues to be read whole: missing where they should be, held where they should not, or changed unseen. */
export async function issues(reading: Reading, { rows }: List): Promise<string[]> {
  const byLabel = reading.bindings.some((binding) => binding.labels.length > 0);
  const shown = rows.flatMap((raw) => (typeof raw.id === "string" ? [{ raw, id: raw.id }] : []));
  const marks = Map.groupBy(
    await transaction(reading.scope, () =>
      Issues.marks(
        reading,
        shown.map(({ id }) => id),
      ),
    ),
    (mark) => mark.externalId,
  );
  return shown.flatMap(({ raw, id }) => {
    const held = marks.get(id) ?? [];
    try {
      const wanted = coverable(raw);
      const projects = routes(reading.bindings, (binding) => covers(binding, wanted));
      const partial = isPartial(raw.labels);
      const renamed = !partial && held.some((mark) => mark.labels.join("\n") !== wanted.labels.join("\n"));
      return (partial && byLabel) || renamed || differs(held, projects, raw.updatedAt) ? [id] : [];
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return [id];
    }
  });
}

/** The same of comments; one that is no issue's is nobody's. */
export async function comments(reading: Reading, { rows }: List): Promise<string[]> {
  const shown = rows.flatMap((raw) => {
    const issue = object(raw.issue).id;
    return typeof raw.id === "string" && typeof issue === "string" ? [{ raw, id: raw.id, issue }] : [];
  });
  const { stored, wanted } = await transaction(reading.scope, async () => ({
    stored: Map.groupBy(
      await held(
        reading,
        shown.map(({ id }) => id),
      ),
      (mark) => mark.externalId,
    ),
    wanted: Map.groupBy(await Issues.marks(reading, [...new Set(shown.map(({ issue }) => issue))]), (mark) => mark.externalId),
  }));
  return shown
    .filter(({ raw, id, issue }) =>
      differs(
        stored.get(id) ?? [],
        (wanted.get(issue) ?? []).map((mark) => mark.projectId),
        raw.updatedAt,
      ),
    )
    .map(({ id }) => id);
}

function differs(held: readonly Omit<Held, "externalId">[], projects: readonly string[], updatedAt: unknown): boolean {
  if (held.length !== projects.length || held.some((mark) => !projects.includes(mark.projectId))) return true;
  const at = Date.parse(String(updatedAt));
  return held.some((mark) => mark.absent || mark.updatedAt?.getTime() !== at);
}

async function held(reading: Reading, ids: readonly string[]): Promise<Held[]> {
  if (ids.length === 0) return [];
  return sql<Held[]>`
    select external_id, project_id, updated_at, absent_passes > 0 as absent from linear_comments_raw
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id}
      and external_id = any (${ids as string[]}::text[]) and deleted_at is null`;
}
