import { randomUUID } from "node:crypto";
import type { User } from "#core/actor.ts";
import { mirror } from "#core/crm/mirror.ts";
import { type Suggested, suggest } from "#core/identity/suggest.ts";
import * as Suggestion from "#core/identity/suggestion.ts";
import { type Raw, raw } from "#test/raw.ts";
import { type Studio, studio } from "#test/studio.ts";

export const NOW = new Date("2026-03-02T10:00:00Z");
export const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

type Contact = { name?: string | null; email?: string | null; phone_number?: string; company?: string };
type Person = { full_name?: string; email?: string; phones?: string[]; account_external_id?: string };
/** A studio of two projects, the first with a connection of each source, to be filled with who is to be matched. */
export type Acquaintance = Studio & {
  owner: User;
  chats: Raw;
  tasks: Raw;
  deals: Raw;
  /** Contacts 1, 2, 3 and so on. */
  contacts: (rows: readonly Contact[]) => Promise<void>;
  /** People p1, p2, p3 and so on. */
  people: (rows: readonly Person[]) => Promise<void>;
  /** Mirrors and suggests. */
  run: (now?: Date) => Promise<Suggested>;
  all: (status?: Suggestion.Filter["status"], n?: number) => Promise<Suggestion.Info[]>;
  said: () => Promise<unknown[][]>;
};

export async function acquaintance(): Promise<Acquaintance> {
  const here = await studio(2);
  const [chats, tasks, deals] = [await raw(here, 0, "chatwoot"), await raw(here, 0, "linear"), await raw(here, 0, "attio")];
  const all: Acquaintance["all"] = (status = "proposed", n = 0) => Suggestion.list(here.scope(n), { status, after: undefined, limit: 500 });
  return {
    ...here,
    owner: { kind: "user", id: randomUUID(), username: "irina", role: "owner", accountScopeId: here.accountScopeId },
    chats,
    tasks,
    deals,
    contacts: (rows) =>
      chats.put(
        "cw_contacts",
        rows.map((row, n) => ({ contact_id: n + 1, name: null, email: null, phone_number: null, company: null, ...row })),
      ),
    people: (rows) =>
      deals.put(
        "attio_people_raw",
        rows.map((row, n) => ({ external_id: `p${n + 1}`, full_name: null, email: null, phones: [], account_external_id: null, ...row })),
      ),
    run: async (now = NOW) => {
      await mirror(here.scope(0), now);
      return suggest(here.scope(0), now);
    },
    all,
    said: async () => (await all()).map((one) => [one.leftName, one.rightEntityType, one.rightName, one.reason, one.confidence]),
  };
}
