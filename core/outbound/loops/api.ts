import { setTimeout as sleep } from "node:timers/promises";
import { config } from "#core/config.ts";
import * as Breaker from "#core/connectors/breaker.ts";
import { type Answer, ask, SourceError } from "#core/connectors/http.ts";
import { Refused } from "#core/error.ts";
import type { Budget } from "#core/jobs/budget.ts";
import type { Contact } from "#core/outbound/loops/transform.ts";

/** Loops as one run may use it. */
export type Team = { key: string; budget: Budget; breaker: Breaker.Breaker };

/** Throws `no_key` without LOOPS_SECRET_KEY. */
export async function open(budget: Budget): Promise<Team> {
  const key = config.LOOPS_SECRET_KEY;
  if (!key) throw new Refused("no_key", { key: "LOOPS_SECRET_KEY" });
  return { key, budget, breaker: await Breaker.enter(new URL(config.LOOPS_BASE_URL).host) };
}

/** The team's custom properties, each with its type. */
export async function properties(team: Team): Promise<Map<string, string>> {
  const { body } = await call(team, "contacts/properties?list=custom");
  const rows = (Array.isArray(body) ? body : []) as { key?: unknown; type?: unknown }[];
  return new Map(rows.map((row) => [String(row?.key), String(row?.type)]));
}

export async function createProperty(team: Team, name: string): Promise<void> {
  await call(team, "contacts/properties", "POST", { name, type: "string" });
}

/** An upsert by our own id: a contact with that id or that address is changed, another one made. Answers why it was not taken, if it was not. */
export async function upsert(team: Team, contact: Partial<Contact>): Promise<string | undefined> {
  try {
    await call(team, "contacts/update", "PUT", contact);
    return undefined;
  } catch (error) {
    if (error instanceof SourceError && (error.status === 400 || error.status === 409)) return error.message;
    throw error;
  }
}

/** Whether a contact is there and still wants mail. */
export async function isSubscribed(team: Team, userId: string): Promise<boolean> {
  const { body } = await call(team, `contacts/find?userId=${encodeURIComponent(userId)}`);
  if (!Array.isArray(body)) throw new SourceError("invalid_data", 200, { source: "loops", problem: "contacts/find is not a list" });
  return (body as { subscribed?: unknown }[]).some((one) => one?.subscribed !== false);
}

/** Ten requests a second and team, told by x-ratelimit-remaining; a 429 has no Retry-After (loops.so/docs/api-reference/intro). */
async function call(team: Team, path: string, method?: "POST" | "PUT", body?: unknown): Promise<Answer> {
  const answer = await ask({
    source: "loops",
    url: `${config.LOOPS_BASE_URL}/v1/${path}`,
    headers: { authorization: `Bearer ${team.key}` },
    budget: team.budget,
    breaker: team.breaker,
    ...(method ? { method, body } : {}),
  });
  const left = Number(answer.headers.get("x-ratelimit-remaining") ?? Number.NaN);
  const perSecond = Number(answer.headers.get("x-ratelimit-limit") ?? Number.NaN) || 10;
  if (left <= 1) await sleep(2_000 / perSecond);
  return answer;
}
