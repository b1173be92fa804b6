import * as z from "zod";
import { day } from "#core/api/day.ts";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import { type AccountScope, type ProjectScope, system } from "#core/scope.ts";

const DAY_MS = 86_400_000;
export const BY = ["project", "job", "model", "day", "user"] as const;

/** Days in UTC, both included; without them the last thirty. */
export const Asked = z.object({ from: day.optional(), to: day.optional(), by: z.enum(BY).default("day") });
export type Asked = z.infer<typeof Asked>;

/** What calls of one kind came to. `key`: a project's id, a job or what a question was for, a model, a day, or who asked. */
export const Row = z.object({
  key: z.string(),
  calls: z.number(),
  /** Of these, answered from what had been paid for before. */
  cached: z.number(),
  texts: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  usd: z.number(),
});
export type Row = z.infer<typeof Row>;

export async function ofProject(scope: ProjectScope, asked: Asked): Promise<Row[]> {
  return transaction(scope, () => sql<Row[]>`${rows(asked)} and project_id = any (${scope.projects as string[]}::uuid[]) ${grouped()}`);
}

/** Of all the studio's projects. */
export async function ofStudio({ accountScopeId }: AccountScope, asked: Asked): Promise<Row[]> {
  return transaction(system, () => sql<Row[]>`${rows(asked)} and account_scope_id = ${accountScopeId} ${grouped()}`);
}

function rows({ from, to, by }: Asked) {
  const today = Math.floor(Clock.now().getTime() / DAY_MS) * DAY_MS;
  const first = from === undefined ? new Date(today - 29 * DAY_MS) : new Date(from);
  const after = new Date((to === undefined ? today : Date.parse(to)) + DAY_MS);
  return sql`
    select case ${by} when 'project' then project_id::text when 'job' then coalesce(job, purpose) when 'model' then model
        when 'day' then to_char(at at time zone 'UTC', 'YYYY-MM-DD') else asked_by end as key,
      count(*) as calls, count(*) filter (where cached) as cached, sum(texts)::bigint as texts, sum(input_tokens)::bigint as input_tokens,
      sum(output_tokens)::bigint as output_tokens, sum(price_usd)::float8 as usd
    from cost_ledger where at >= ${first} and at < ${after}`;
}
const grouped = () => sql`group by 1 order by 1`;
