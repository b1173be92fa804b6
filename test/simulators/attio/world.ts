import type { Store } from "#test/simulators/attio/store.ts";
import type { Gate } from "#test/simulators/gate.ts";
import type { Postman } from "#test/simulators/postman.ts";

export type World = {
  store: Store;
  gate: Gate;
  postman: Postman;
  /** `full` sees the workspace, `half` half of its records. */
  tokens: { full: string; half: string };
  /** Reads a second; undefined: no limit, of complexity neither. */
  rateLimit: number | undefined;
  /** Reads and writes of the second being counted. */
  counted: { second: number; reads: number; writes: number };
  /** What queries of the last seconds have cost. */
  spent: { at: number; score: number }[];
  /** Tokens that were taken back: 401 from then on. */
  revoked: Set<string>;
};
