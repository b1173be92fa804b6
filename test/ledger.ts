import { randomUUID } from "node:crypto";
import type { User } from "#core/actor.ts";
import * as Account from "#core/crm/account.ts";
import * as Opportunity from "#core/crm/opportunity.ts";
import { type Raw, raw } from "#test/raw.ts";
import { type Studio, studio } from "#test/studio.ts";

export const NOW = new Date("2026-03-02T10:00:00Z");
const PAGE = { before: undefined, limit: 500 };

/** A studio of two projects, the first with what was read from an Attio workspace. */
export type Ledger = Studio & {
  attio: Raw;
  owner: User;
  accounts: (n?: number) => Promise<Account.Info[]>;
  deals: (n?: number) => Promise<Opportunity.Info[]>;
  deal: (title: string) => Promise<Opportunity.Info>;
  /** One company with one deal and one person, a deal that names nobody, and one of a company that was not read. */
  oakline: () => Promise<void>;
};

export async function ledger(): Promise<Ledger> {
  const here = await studio(2);
  const attio = await raw(here, 0, "attio");
  const deals = (n = 0) => Opportunity.list(here.scope(n), { ...PAGE, stage: undefined });
  return {
    ...here,
    attio,
    owner: { kind: "user", id: randomUUID(), username: "irina", role: "owner", accountScopeId: here.accountScopeId },
    accounts: async (n = 0) => (await Account.list(here.scope(n), PAGE)).toSorted((a, b) => a.name.localeCompare(b.name)),
    deals,
    deal: async (title) => {
      const found = (await deals()).find((one) => one.title === title);
      if (!found) throw new Error(`no deal ${title}`);
      return found;
    },
    oakline: async () => {
      await attio.put("attio_members_raw", [{ external_id: "m1", name: "Irina Sokolova", email: "irina@foxglove.example" }]);
      await attio.put("attio_accounts_raw", [
        { external_id: "c1", name: "Oakline Interiors", domain: "oakline.example", domains: ["oakline.example"], stage: "Customer" },
      ]);
      await attio.put("attio_people_raw", [
        { external_id: "p1", full_name: "Hannah Pryce", email: "hannah@oakline.example", account_external_id: "c1", role: "Owner" },
      ]);
      await attio.put("attio_opportunities_raw", [
        {
          external_id: "d1",
          account_external_id: "c1",
          title: "Web shop",
          stage: "Proposal_Sent",
          amount: 48_000,
          currency: "EUR",
          probability: 0.5,
          owner_external_id: "m1",
        },
        { external_id: "d2", title: "Nobody's", stage: "Won 🎉" },
        { external_id: "d3", account_external_id: "elsewhere", title: "Unread company's" },
      ]);
    },
  };
}
