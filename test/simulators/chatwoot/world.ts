import type { Agent } from "#test/simulators/chatwoot/rows.ts";
import type { Store } from "#test/simulators/chatwoot/store.ts";
import type { Faults } from "#test/simulators/faults.ts";
import type { RequestLog } from "#test/simulators/log.ts";

export type Seen = {
  route: string;
  method: string;
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  body: unknown;
};
/** Holds requests and answers against the vendor's description. Problems come back as words; none means fine. */
export type Check = {
  request(seen: Seen): { invalid: string[]; unknown: string[] };
  response(route: string, status: number, body: string): string[];
};

export type World = {
  store: Store;
  log: RequestLog;
  faults: Faults;
  check: Check | undefined;
  /** Who holds which token. */
  tokens: { admin: string; agent: string; bot: string };
  admin: number;
  agent: number;
  bot: number;
  pageSize: number;
  /** Requests per minute and address; undefined: no limit. */
  rateLimit: number | undefined;
  latencyMs: number;
  /** The minute being counted, and each address's requests in it. */
  counted: { minute: number; perAddress: Map<string, number> };
};

export type Viewer = { kind: "user"; agent: Agent } | { kind: "bot"; id: number };
