import type { Cursor } from "#core/connectors/connector.ts";

/** Rows of the page before that each page shows again: a deletion shifts what follows, and so many may go unseen between two pages. */
export const OVERLAP = 5;
/** Steps back in one pass: a list in no order at all would never end otherwise. */
const BACK_MOST = 6;

/**
 * Where a pass through an offset-paged list stands. `reached`: rows known to lie before this point. `tail`: the last ids shown. `back`: how often it has
 * stepped back. `rows`: how long the list was at the end of the pass before, 0 when unknown.
 */
export type Position = { offset: number; reached: number; tail: readonly string[]; back: number; rows: number };
export type Row = { id: string; createdAt: string };
export type Step = { position: Position; done: boolean };

export const start = (rows: number): Position => ({ offset: 0, reached: 0, tail: [], back: 0, rows });

/**
 * The next step after a page of at most `limit` rows. The end is a page that shows nothing beyond what was reached; a page that is merely short is asked
 * on from once more, unless the list has shown as many rows as last time (`sure`: not even then). When nothing of the page before is seen again, more
 * rows went away than the overlap holds, or the page was empty by mistake, and the walk goes back a page.
 */
export function next(position: Position, page: readonly Row[], limit: number, sure: boolean): Step {
  const { offset, tail, back, rows } = position;
  const reached = Math.max(position.reached, offset + page.length);
  const grew = offset + page.length > position.reached;
  // What must be seen again: anything of the tail where the list goes on, its very end where it seems to end.
  const again = grew ? tail : tail.slice(-1);
  const lost = tail.length > 0 && !page.some((row) => again.includes(row.id));
  if (lost && back < BACK_MOST && offset > 0) {
    const from = Math.max(0, offset - limit);
    return { position: { offset: from, reached: from, tail: [], back: back + 1, rows }, done: false };
  }
  // A list that begins empty is asked again where it was not empty before, and where one has to be sure.
  if (page.length === 0 && offset === 0 && back === 0 && (sure || rows > 0)) return { position: { ...start(rows), back: 1 }, done: false };
  const enough = !sure && page.length < limit && rows > 0 && reached >= rows;
  if (!grew || enough) return { position: { ...start(offset + page.length) }, done: true };
  return {
    position: {
      offset: offset + restart(page),
      reached,
      tail: page.slice(-OVERLAP).map((row) => row.id),
      back,
      rows,
    },
    done: false,
  };
}

/** How far into a page the next one begins: before its last rows, and before those in front of a run of equal times, whose order is no one's promise. */
function restart(page: readonly Row[]): number {
  const last = page.at(-1)?.createdAt;
  const beforeTie = page.findIndex((row) => row.createdAt === last) - OVERLAP;
  const overlap = Math.max(0, page.length - OVERLAP);
  // A page that is all one run of equals cannot be begun before it: the next pass sees what this one missed.
  return beforeTie > 0 ? Math.min(beforeTie, overlap) : overlap;
}

export function fromCursor(cursor: Cursor | undefined): Position {
  const tail = String(cursor?.tail ?? "");
  return {
    offset: Number(cursor?.offset ?? 0),
    reached: Number(cursor?.reached ?? 0),
    tail: tail === "" ? [] : tail.split(","),
    back: Number(cursor?.back ?? 0),
    rows: Number(cursor?.rows ?? 0),
  };
}

export const toCursor = ({ offset, reached, tail, back, rows }: Position): Cursor => ({
  offset,
  reached,
  tail: tail.join(","),
  back,
  rows,
});
