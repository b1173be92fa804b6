import { OVERLAP } from "#core/connectors/attio/walk.ts";

/**
 * A look for what is new in a list whose order nobody promises: at its beginning (`newestLast` false) or at its end. `offset` is where the next page begins.
 */
export type Look = { offset: number; newestLast: boolean };
export type Seen = { next: Look; done: boolean; newestLast: boolean };

/** Where to look first: at the end that was right last time. `length`: how long the list was when it was last read whole. */
export const begin = (newestLast: boolean, length: number): Look => ({ offset: newestLast ? endOf(length) : 0, newestLast });

/**
 * After a page with these times (epoch ms): goes on until times are before `since`, or the list ends. Where times do not fall at the beginning, the end is
 * looked at too; where they do not rise there either, the beginning comes first again next time.
 */
export function next(look: Look, times: readonly number[], limit: number, since: number, length: number): Seen {
  const ordered = times.every((time, n) => n === 0 || (look.newestLast ? time >= (times[n - 1] ?? 0) : time <= (times[n - 1] ?? 0)));
  if (!look.newestLast && !ordered) return { next: begin(true, length), done: false, newestLast: true };
  const short = times.length < limit;
  const done = short || (!look.newestLast && times.some((time) => time < since));
  return { next: { ...look, offset: look.offset + times.length }, done, newestLast: look.newestLast && ordered };
}

const endOf = (length: number): number => Math.max(0, length - OVERLAP);
