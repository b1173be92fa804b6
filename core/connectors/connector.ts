import type { Draft } from "#core/connectors/binding.ts";
import type { Breaker } from "#core/connectors/breaker.ts";
import type { Source } from "#core/connectors/connection.ts";
import type { Reason } from "#core/error.ts";
import type { Budget } from "#core/jobs/budget.ts";
import type { ProjectScope } from "#core/scope.ts";

/** What of a connection feeds a project. An empty list does not narrow; which lists a source knows is in `binding.ts`. */
export type Binding = Readonly<Omit<Draft, "connectionId">> & { projectId: string };

/**
 * One connection being read, for all its projects at once. `scope` is exactly the projects bound to it. `now` is when this read
 * began; `thorough`: a person asked, so nothing is skipped for being old.
 */
export type Reading = {
  connection: { id: string; accountScopeId: string; source: Source; name: string; baseUrl: string; externalAccount: string };
  secret: string;
  bindings: readonly Binding[];
  scope: ProjectScope;
  budget: Budget;
  breaker: Breaker;
  now: Date;
  thorough: boolean;
};

export type Cursor = Readonly<Record<string, string | number | boolean | null>>;
/** A record that could not be taken: kept with its payload, retried on its own, and the page goes on. */
export type SetAside = { recordRef: string; kind: "invalid_data" | "upstream"; message: string; payload: unknown };
/** A record by its reference, with what came of it if anything did. */
export type Named = { recordRef: string; payload: unknown };
export type Written = { rows: number; events: number };

/** What a complete crawl had to mend in one project's mirror. */
export type Measured = { projectId: string; total: number; missing: number; stale: number; extra: number; duplicates: number };

/** One record of one project's mirror that a complete crawl found wrong, and mended. */
export type Difference = { projectId: string; stream: string; recordRef: string; why: "missing" | "stale" | "extra" | "duplicate" };

/**
 * One page as read: what to write, where to go on, and whether the stream's end was reached. `setAside` is written with the page. `pause`: the next
 * read goes on from here, this one has done its part. `told`: what a person should know of a stream that is well.
 */
export type Page<T> = { items: T; cursor: Cursor; done: boolean; setAside: readonly SetAside[]; pause?: boolean; told?: Reason };

/**
 * One kind of record of a source. `read` talks to the upstream and may look at what is stored, but writes nothing; `write` runs inside the page's
 * transaction together with the cursor.
 */
export type Stream = {
  name: string;
  /** Whether it is the stream's turn in this read; without it, always. */
  due?(reading: Reading): Promise<boolean>;
  /** Reads what may be old again, a part each cycle: its requests are counted apart. */
  sweeps?: boolean;
  read(reading: Reading, cursor: Cursor | undefined): Promise<Page<unknown>>;
  write(reading: Reading, items: unknown): Promise<Written>;
  /** Called once, in the transaction of the last page of a pass. */
  finish?(reading: Reading, cursor: Cursor): Promise<Written>;
};

/** What the names of a crawl's streams end in, and no other's: who has only an error's name knows by it whose it is. */
export const CRAWL = "_crawl";

/** A source: its streams in the order in which rows depend on each other. A new source is a new folder and one line in `sources.ts`. */
export type Connector = {
  source: string;
  /** What changed, every few minutes. */
  cycle: readonly Stream[];
  /** Everything, by id: heals what the cycle cannot see. Their names end in `CRAWL`. */
  crawl: readonly Stream[];
  /** Reads one record that was set aside again. */
  retry(reading: Reading, recordRef: string): Promise<{ write: () => Promise<Written>; setAside: readonly SetAside[] }>;
  /** The projects that records go to which could not be taken, each by its own; empty where nothing tells. Inside a transaction of the reading's scope. */
  whose(reading: Reading, named: readonly Named[]): Promise<string[][]>;
  /** Removes up to `limit` rows that no binding covers any more; answers how many went. */
  prune(reading: Reading, limit: number): Promise<number>;
  /** The living rows of the connection, per project. */
  count(reading: Reading): Promise<{ projectId: string; total: number }[]>;
  /** What the crawl that has just ended mended. `runs`: when its runs began; `since`: what is younger may simply not have been read yet. */
  measure(reading: Reading, runs: readonly Date[], since: Date): Promise<Measured[]>;
  /** The same by name, up to `limit` of each project. */
  differences(reading: Reading, runs: readonly Date[], since: Date, limit: number): Promise<Difference[]>;
};

/** Ties a stream's read to its write, so that the loop needs no knowledge of what a page holds. */
export function stream<T>(definition: {
  name: string;
  due?: (reading: Reading) => Promise<boolean>;
  sweeps?: boolean;
  read: (reading: Reading, cursor: Cursor | undefined) => Promise<Page<T>>;
  write: (reading: Reading, items: T) => Promise<Written>;
  finish?: (reading: Reading, cursor: Cursor) => Promise<Written>;
}): Stream {
  return { ...definition, write: (reading, items) => definition.write(reading, items as T) };
}
