import { isIPv6 } from "node:net";
import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { Refused } from "#core/error.ts";

const WINDOW_MS = 15 * 60_000;
const PER_PAIR = 10;
const PER_ADDRESS = 50;

/**
 * Counts one attempt to sign in before it is tried, so that a hundred at once are no way around the limit. Throws `login_rate_limited` when the name from
 * this address, or the address whatever the name, has used up its failures. Answers what takes the attempt back: it was no failure.
 */
export async function count(username: string, address: string): Promise<() => Promise<unknown>> {
  const now = Clock.now();
  const since = new Date(now.getTime() - WINDOW_MS);
  const place = placeOf(address);
  const [made] = await systemSql<{ id: number }[]>`
    insert into login_attempts (username, address, attempted_at) values (lower(${username}), ${place}, ${now}) returning id`;
  const id = made?.id ?? 0;
  const takeBack = () => systemSql`delete from login_attempts where id = ${id}`;
  const [used] = await systemSql<{ pair: number; all: number; pairSince: Date | null; allSince: Date | null }[]>`
    select count(*) as all, min(attempted_at) as all_since, count(*) filter (where username = lower(${username})) as pair,
      min(attempted_at) filter (where username = lower(${username})) as pair_since
    from login_attempts where address = ${place} and attempted_at > ${since} and id <> ${id}`;
  const earliest = (used?.pair ?? 0) >= PER_PAIR ? used?.pairSince : (used?.all ?? 0) >= PER_ADDRESS ? used?.allSince : undefined;
  if (earliest) {
    await takeBack();
    const until = new Date(earliest.getTime() + WINDOW_MS);
    throw new Refused("login_rate_limited", { until: until.toISOString() });
  }
  return takeBack;
}

/** Who is counted as one place: an IPv4 address, or the /64 of an IPv6 one, because a single line has all of it to choose from. */
export function placeOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = (plain.split("%")[0] ?? "").split("::");
  const left = head ? head.split(":") : [];
  const right = tail ? tail.split(":") : [];
  const middle = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  const groups = [...left, ...middle, ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
