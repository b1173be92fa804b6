import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { Later, type Reason, Refused } from "#core/error.ts";

/**
 * Throws while any of these credentials rests: `rate_limited` as `Later`, for it passes by itself, what was refused as `Refused`. So one refusal is met
 * once and not by every project, and another key begins afresh.
 */
export async function refuseWhileResting(credentials: readonly string[]): Promise<void> {
  const [row] = await systemSql<{ reason: Reason; until: Date }[]>`
    select reason, until from model_rests where credential = any (${credentials as string[]}::text[]) and until > ${Clock.now()}
    order by until desc limit 1`;
  if (row?.reason.code === "rate_limited") throw new Later("rate_limited", row.reason.params, row.until);
  if (row) throw new Refused(row.reason.code, row.reason.params);
}

export async function rest(credential: string, why: Reason, until: Date): Promise<void> {
  await systemSql`
    insert into model_rests (credential, reason, until) values (${credential}, ${why as never}::jsonb, ${until})
    on conflict (credential) do update set reason = excluded.reason, until = excluded.until`;
}
