import type { Faults } from "#test/simulators/faults.ts";
import type { Buckets } from "#test/simulators/linear/bucket.ts";
import type { Check } from "#test/simulators/linear/check.ts";
import type { Store } from "#test/simulators/linear/store.ts";
import type { RequestLog } from "#test/simulators/log.ts";
import type { Postman } from "#test/simulators/postman.ts";

export type World = {
  store: Store;
  log: RequestLog;
  faults: Faults;
  postman: Postman;
  check: Check;
  /** `admin` sees all, `member` and `guest` their teams, `oauth` is an application's, `half` sees one team of two. */
  tokens: { admin: string; member: string; guest: string; oauth: string; half: string };
  buckets: Buckets;
  /** Whether limits refuse anything; headers tell of them anyway. */
  limited: boolean;
  latencyMs: number;
};
