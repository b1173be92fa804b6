import * as Db from "#core/db.ts";
import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/** How to have the plan that the application's role gets, on PostgreSQL, for what `work` asks last, or last of what looks so. */
export async function planner(scope: ProjectScope): Promise<(work: () => Promise<unknown>, like?: RegExp) => Promise<string>> {
  const asked: { query: string; parameters: unknown[] }[] = [];
  const [here] = await Db.systemSql<{ name: string }[]>`select current_database() as name`;
  const url = new URL(process.env.TEST_DATABASE_URL ?? "");
  url.pathname = `/${here?.name}`;
  await Db.disconnect();
  Db.adopt(
    Db.serverPool(url.href, {
      max: 3,
      role: "bellwether_system",
      debug: (_connection, query, parameters) => void asked.push({ query, parameters }),
    }),
  );
  return async (work, like = /^\s*(select|with) /) => {
    await work();
    const { query, parameters } = asked.findLast((one) => like.test(one.query)) ?? {};
    if (!query) throw new Error(`nothing was asked that looks like ${like}`);
    const rows = await transaction(scope, () => sql.unsafe(`explain ${query}`, parameters as never[]));
    return rows.map((row) => String(Object.values(row)[0])).join("\n");
  };
}
