import type * as Rows from "#test/simulators/linear/rows.ts";
import * as Store from "#test/simulators/linear/store.ts";

type Workspace = Store.Store;

export function addToken(
  store: Workspace,
  given: { token: string; userId: string; kind?: "key" | "oauth"; teamIds?: string[] | null },
): Rows.Access {
  const row: Rows.Access = { kind: "key", teamIds: null, revoked: false, ...given };
  store.access.set(row.token, row);
  Store.changed(store);
  return row;
}

/** From now on it is nobody's: 401. */
export function revokeToken(store: Workspace, given: { token: string }): void {
  Store.must(store.access, given.token, "token").revoked = true;
}

/** The token sees these teams only, or half of them; nothing says so in any answer. */
export function narrowToken(store: Workspace, given: { token: string; teamIds?: string[] }): Rows.Access {
  const all = [...store.teams.keys()];
  const row = Store.must(store.access, given.token, "token");
  row.teamIds = given.teamIds ?? all.slice(0, Math.ceil(all.length / 2));
  Store.changed(store);
  return row;
}

export function restoreToken(store: Workspace, given: { token: string }): Rows.Access {
  const row = Object.assign(Store.must(store.access, given.token, "token"), { revoked: false, teamIds: null });
  Store.changed(store);
  return row;
}
