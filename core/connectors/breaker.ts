import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { Failed } from "#core/error.ts";

/** Failures in a row (no answer, 5xx) after which a host is left alone, and for how long. */
const FAILURES = 5;
const REST_MS = 30_000;

/** A host's circuit breaker as one read sees it. Its state is a row, so that every function and process shares it. */
export type Breaker = {
  /** Counts a failure; throws `circuit_open` when it was one too many. */
  failed(cause: Error): Promise<void>;
  succeeded(): Promise<void>;
};

/** Lets a read of a host begin. Throws `circuit_open` while the host rests; afterwards one read at a time is let through, to see whether it is back. */
export async function enter(host: string): Promise<Breaker> {
  const now = Clock.now();
  const [row] = await systemSql<{ failures: number; openUntil: Date | null; probing: boolean }[]>`
    with probe as (
      update connector_breakers set open_until = ${new Date(now.getTime() + REST_MS)}, updated_at = ${now}
      where host = ${host} and failures >= ${FAILURES} and open_until <= ${now} returning host)
    select failures, open_until, exists (select from probe) as probing from connector_breakers where host = ${host}`;
  if (row?.openUntil && row.openUntil > now && !row.probing) throw resting(host, row.openUntil);
  let failing = (row?.failures ?? 0) > 0;
  return {
    failed: async (cause) => {
      failing = true;
      const at = Clock.now();
      const until = new Date(at.getTime() + REST_MS);
      const [after] = await systemSql<{ failures: number }[]>`
        insert into connector_breakers as b (host, failures, updated_at) values (${host}, 1, ${at})
        on conflict (host) do update set failures = b.failures + 1, updated_at = excluded.updated_at,
          open_until = case when b.failures + 1 >= ${FAILURES} then ${until}::timestamptz end
        returning failures`;
      if ((after?.failures ?? 0) >= FAILURES) throw resting(host, until, cause);
    },
    succeeded: async () => {
      if (!failing) return;
      failing = false;
      await systemSql`update connector_breakers set failures = 0, open_until = null, updated_at = ${Clock.now()} where host = ${host}`;
    },
  };
}

const resting = (host: string, until: Date, cause?: Error): Failed =>
  new Failed("circuit_open", { host, until: until.toISOString() }, { retryAt: until, ...(cause ? { cause } : {}) });
