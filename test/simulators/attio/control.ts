import * as Lists from "#test/simulators/attio/lists.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Records from "#test/simulators/attio/records.ts";
import type * as Store from "#test/simulators/attio/store.ts";
import * as Studio from "#test/simulators/attio/studio.ts";
import type { World } from "#test/simulators/attio/world.ts";

type Verb = (store: Store.Store, args: never) => unknown;
const VERBS: Readonly<Record<string, Verb>> = {
  createRecord: Records.createRecord,
  editRecord: Records.editRecord,
  moveStage: Records.moveStage,
  deleteRecord: Records.deleteRecord,
  mergeRecords: Records.mergeRecords,
  addNote: Papers.addNote,
  editNote: Papers.editNote,
  deleteNote: Papers.deleteNote,
  addTask: Papers.addTask,
  editTask: Papers.editTask,
  completeTask: Papers.completeTask,
  deleteTask: Papers.deleteTask,
  addList: Lists.addList,
  addToList: Lists.addToList,
  editEntry: Lists.editEntry,
  removeFromList: Lists.removeFromList,
  addMember: Studio.addMember,
  suspendMember: Studio.suspendMember,
  switchObject: Studio.switchObject,
  addChoice: Studio.addChoice,
  addWebhook: Studio.addWebhook,
  reorder: Studio.reorder,
  narrow: Studio.narrow,
};

/** What may be done by name to the workspace from the control plane, and between two pages by a fault. */
export function mutate(world: World, verb: string, args: unknown): unknown {
  if (verb === "revokeToken") return world.revoked.add((args as { token: string }).token).size;
  const run = VERBS[verb];
  if (!run) throw new Error(`no such verb: ${verb}; there are ${Object.keys(VERBS).join(", ")}, revokeToken`);
  return run(world.store, args as never);
}
