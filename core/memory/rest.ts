import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { Later, type Reason, Refused } from "#core/error.ts";

/**
 * Throws while a credential rests: `rate_limited` as `Later`, for it passes by itself, what was refused as `Refused`. So one refusal is met once and not
 * by every project, and another key begins afresh.
 */
export async function refuseWhileResting(credential: string): Promise<void> {
  const [row] = await systemSql<{ reason: Reason; until: Date }[]>`
    select reason, until from model_rests where credential = ${credential} and until > ${Clock.now()}`;
  if (row?.reason.code === "rate_limited") throw new Later("rate_limited", row.reason.params, row.until);
  if (row) throw new Refused(row.reason.code, row.reason.params);
}

export async function rest(credential: string, why: Reason, until: Date): Promise<void> {
  await systemSql`
    insert into model_rests (credential, reason, until) values (${credential}, ${why as never}::jsonb, ${until})
    on conflict (credential) do update set reason = excluded.reason, until = excluded.until`;
}
