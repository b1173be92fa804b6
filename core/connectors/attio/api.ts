import * as Clock from "#core/clock.ts";
import { vouch } from "#core/connectors/clean.ts";
import type { Reading } from "#core/connectors/connector.ts";
import { type Answer, ask, isPlain, SourceError } from "#core/connectors/http.ts";

/** Records as Attio sends them: nothing is believed about them until `transform.ts` has read them. */
export type Raw = Readonly<Record<string, unknown>>;
export type Kind = "companies" | "people" | "deals";
export type Sort = "asc" | "desc";

/** Rows of a page. Records and tasks: Attio's own default; notes: its maximum (endpoint reference, "List notes"). */
export const RECORDS = 500;
export const TASKS = 500;
export const NOTES = 50;
/** A record that is being merged answers 404 with a code of its own: soon it is there again. */
const MERGE_MS = 2_000;

/** What the token is and whose: `active` false or a refusal means it is good for nothing. */
export async function self(reading: Reading): Promise<Raw> {
  const found = record(await get(reading, "self"), "self");
  if (found.active === true) return found;
  throw new SourceError("auth", 401, { source: "attio", problem: "the token is not active" });
}

export const objects = async (reading: Reading): Promise<Raw[]> => rows(await get(reading, "objects"), "objects");
export const members = async (reading: Reading): Promise<Raw[]> => rows(await get(reading, "workspace_members"), "workspace_members");

/** One page of an object's records; undefined when the workspace has no such object. Sorted, because unsorted pages have no order to rely on. */
export async function records(
  reading: Reading,
  object: Kind,
  ask: { offset: number; sort?: Sort; filter?: object; limit?: number },
): Promise<Raw[] | undefined> {
  const sorts = [{ attribute: "created_at", direction: ask.sort ?? "asc" }];
  const body = { sorts, limit: ask.limit ?? RECORDS, offset: ask.offset, ...(ask.filter ? { filter: ask.filter } : {}) };
  const found = await orMissing(call(reading, `objects/${object}/records/query`, body));
  return found === undefined ? undefined : rows(found, `${object}.records`);
}

/** One page of the entries of a list, by its id or slug; undefined when there is no such list. */
export async function entries(reading: Reading, list: string, offset: number): Promise<Raw[] | undefined> {
  const sorts = [{ attribute: "created_at", direction: "asc" }];
  const found = await orMissing(call(reading, `lists/${encodeURIComponent(list)}/entries/query`, { sorts, limit: RECORDS, offset }));
  return found === undefined ? undefined : rows(found, `lists.${list}.entries`);
}

/** One page of notes. The endpoint takes no sort and promises no order. */
export async function notes(reading: Reading, offset: number, parent?: { object: string; recordId: string }): Promise<Raw[]> {
  const of = parent ? `&parent_object=${encodeURIComponent(parent.object)}&parent_record_id=${encodeURIComponent(parent.recordId)}` : "";
  return rows((await orMissing(get(reading, `notes?limit=${NOTES}&offset=${offset}${of}`))) ?? { data: [] }, "notes");
}

export async function tasks(reading: Reading, offset: number, sort: Sort): Promise<Raw[]> {
  return rows(await get(reading, `tasks?limit=${TASKS}&offset=${offset}&sort=${encodeURIComponent(`created_at:${sort}`)}`), "tasks");
}

/** One thing by its path below /v2: a record, a note, a task, an entry; undefined when there is none. */
export async function one(reading: Reading, ...path: readonly string[]): Promise<Raw | undefined> {
  const found = await orMissing(get(reading, path.map(encodeURIComponent).join("/")));
  return found === undefined ? undefined : record((found as Raw).data, path[0] ?? "one");
}

const get = (reading: Reading, path: string): Promise<unknown> => call(reading, path);

async function call(reading: Reading, path: string, body?: unknown): Promise<unknown> {
  const answer = await ask({
    source: "attio",
    url: `${reading.connection.baseUrl}/v2/${path}`,
    headers: { authorization: `Bearer ${reading.secret}` },
    budget: reading.budget,
    breaker: reading.breaker,
    judge,
    ...(body === undefined ? {} : { body }),
  });
  const { data } = (answer.body ?? {}) as { data?: unknown };
  if (isPlain(answer.body)) vouch(Array.isArray(data) ? data : [data]);
  return answer.body;
}

/** `merge_in_progress` is a 404 that means "wait" (a code of the vendor's newer clients; the published description does not list it). */
function judge({ status, body }: Answer): SourceError | undefined {
  if (status !== 404 || (body as { code?: unknown } | undefined)?.code !== "merge_in_progress") return undefined;
  const retryAt = new Date(Clock.now().getTime() + MERGE_MS);
  return new SourceError("rate_limited", 404, { source: "attio", until: retryAt.toISOString() }, { retryAt });
}

/** Objects can be switched off and records go: 404 `not_found` is an answer here, not a failure. */
async function orMissing(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof SourceError && error.status === 404 && error.kind === "upstream") return undefined;
    throw error;
  }
}

function record(value: unknown, where: string): Raw {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Raw;
  throw new SourceError("invalid_data", 200, { source: "attio", problem: `${where} is not an object` });
}

function rows(body: unknown, where: string): Raw[] {
  const { data } = record(body, where);
  if (!Array.isArray(data)) throw new SourceError("invalid_data", 200, { source: "attio", problem: `${where} has no list` });
  return data as Raw[];
}
