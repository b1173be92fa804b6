/**
 * One operation of the HTTP API and who may call it.
 *
 * `who`: the least role (`nobody` = without signing in). An API key needs `read` for GET and `write` for anything else, and acts as a pm of the
 * projects it is bound to; with `admin`, which holds both, as an owner of them, never of the studio.
 * `question`: a POST only because what is asked is too long for an address; it changes nothing, so `read` is enough, and its answer is kept for no replay.
 * `reach`: what the call touches: one `project`, the whole `studio` (people only, never a key), or the caller's own `self`.
 * `peopleOnly`: never a key, though it touches one project: it names what belongs to the studio, such as a connection, and so would open that to the key.
 */
export type Who = "nobody" | "viewer" | "pm" | "owner";
export type Reach = "self" | "project" | "studio";
export type Operation = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: `/${string}`;
  resource: string;
  does: string;
  who: Who;
  reach: Reach;
  peopleOnly?: boolean;
  question?: boolean;
};

/** Keeps every word a literal, so that the doors' types can be told from the list. */
export function op<
  const M extends Operation["method"],
  const P extends Operation["path"],
  const R extends string,
  const W extends Who,
  const A extends Reach,
>(method: M, path: P, resource: R, does: string, who: W, reach: A, peopleOnly = false) {
  return { method, path, resource, does, who, reach, peopleOnly };
}

/** A POST that changes nothing. */
export const question = <const O extends Operation>(operation: O) => ({ ...operation, question: true as const });
