import * as Access from "#test/simulators/linear/access.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import type * as Store from "#test/simulators/linear/store.ts";
import * as Studio from "#test/simulators/linear/studio.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";

type Verb = (store: Store.Store, args: never) => unknown;
const VERBS: Readonly<Record<string, Verb>> = {
  createIssue: Verbs.createIssue,
  editIssue: Verbs.editIssue,
  archiveIssue: Verbs.archiveIssue,
  unarchiveIssue: Verbs.unarchiveIssue,
  trashIssue: Verbs.trashIssue,
  deleteIssue: Verbs.deleteIssue,
  emptyTrash: Verbs.emptyTrash,
  addRelation: Verbs.addRelation,
  removeRelation: Verbs.removeRelation,
  addComment: Papers.addComment,
  editComment: Papers.editComment,
  deleteComment: Papers.deleteComment,
  addProject: Papers.addProject,
  editProject: Papers.editProject,
  trashProject: Papers.trashProject,
  addDocument: Papers.addDocument,
  editDocument: Papers.editDocument,
  trashDocument: Papers.trashDocument,
  deleteDocument: Papers.deleteDocument,
  addUser: Studio.addUser,
  editUser: Studio.editUser,
  addTeam: Studio.addTeam,
  editState: Studio.editState,
  addCycle: Studio.addCycle,
  addLabel: Studio.addLabel,
  addWebhook: Studio.addWebhook,
  removeWebhook: Studio.removeWebhook,
  addToken: Access.addToken,
  revokeToken: Access.revokeToken,
  narrowToken: Access.narrowToken,
  restoreToken: Access.restoreToken,
};

/** What may be done by name to the workspace from the control plane, and between two pages by a fault. */
export function mutate(store: Store.Store, verb: string, args: unknown): unknown {
  const run = VERBS[verb];
  if (!run) throw new Error(`no such verb: ${verb}; there are ${Object.keys(VERBS).join(", ")}`);
  return run(store, args as never);
}
