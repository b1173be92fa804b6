import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as Account from "#core/crm/account.ts";
import { mirror } from "#core/crm/mirror.ts";
import * as Opportunity from "#core/crm/opportunity.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { type Ledger, ledger, NOW } from "#test/ledger.ts";

let database: TestDatabase;
let here: Ledger;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  here = await ledger();
});

describe("what a person set", () => {
  test("outlives ten runs with upstream edits between; the other fields follow; given back, it follows again", async () => {
    await here.oakline();
    await mirror(here.scope(0), NOW);
    const { id, accountId } = await here.deal("Web shop");
    await Opportunity.change(here.owner, here.scope(0), id, { stage: "qualified", expectedCloseDate: "2026-05-01" });
    await Account.change(here.owner, here.scope(0), accountId, { name: "Oakline", ownerUsername: "irina" });
    for (let run = 1; run <= 10; run++) {
      await here.attio.set("attio_opportunities_raw", "d1", {
        stage: run % 2 ? "Negotiation" : "Won",
        amount: run,
        expected_close_date: `2026-06-${10 + run}`,
      });
      await here.attio.set("attio_accounts_raw", "c1", { name: `Oakline ${run}`, stage: run % 2 ? "churned" : "active" });
      await mirror(here.scope(0), new Date(NOW.getTime() + run * 60_000));
      expect(await here.deal("Web shop")).toMatchObject({ stage: "qualified", expectedCloseDate: "2026-05-01", amountEstimate: run });
      expect(await here.accounts()).toMatchObject([{ name: "Oakline", ownerUsername: "irina", stage: run % 2 ? "inactive" : "active" }]);
    }
    expect((await here.deal("Web shop")).editedFields).toMatchObject({ stage: { by: "irina" }, expected_close_date: { by: "irina" } });
    const back = await Opportunity.follow(here.owner, here.scope(0), id, ["stage"]);
    expect(back).toMatchObject({ stage: "won", expectedCloseDate: "2026-05-01" });
    expect(Object.keys(back.editedFields)).toEqual(["expected_close_date"]);
    expect(await Account.follow(here.owner, here.scope(0), accountId, ["name"])).toMatchObject({
      name: "Oakline 10",
      ownerUsername: "irina",
    });
  });

  test("has no source to follow where it was made by hand", async () => {
    const made = await Account.create(here.owner, here.scope(0), Account.Draft.parse({ name: "By hand" }));
    await expect(Account.follow(here.owner, here.scope(0), made.id, ["name"])).rejects.toThrow("no source");
    await expect(Account.follow(here.owner, here.scope(0), randomUUID(), ["name"])).rejects.toThrow("no such account");
  });
});

describe("an account made by hand", () => {
  const make = (draft: object) => Account.create(here.owner, here.scope(0), Account.Draft.parse(draft));

  test("is joined by a company of its name only when they share a domain", async () => {
    await make({ name: "OAKLINE interiors" });
    await make({ name: "oakline interiors", domain: "https://www.other.example/about" });
    await here.oakline();
    await mirror(here.scope(0), NOW);
    expect((await here.accounts()).map((one) => [one.sourceSystem, one.domain])).toEqual(
      expect.arrayContaining([
        ["manual", null],
        ["manual", "other.example"],
        ["attio", "oakline.example"],
      ]),
    );
  });

  test("is joined where they do, keeps what was typed, and takes the deals", async () => {
    const { id } = await make({ name: "ОАО Север", domain: "Oakline.Example", stage: "prospect" });
    await here.oakline();
    await here.attio.set("attio_accounts_raw", "c1", { name: "оао север" });
    await mirror(here.scope(0), NOW);
    expect(await here.accounts()).toMatchObject([{ id, name: "ОАО Север", stage: "prospect", sourceSystem: "manual", externalRef: "c1" }]);
    expect((await here.deal("Web shop")).accountId).toBe(id);
  });

  test("is joined by its external reference whatever its name", async () => {
    const { id } = await make({ name: "Quite another", externalRef: "c1" });
    await here.oakline();
    await mirror(here.scope(0), NOW);
    expect(await here.accounts()).toMatchObject([{ id, name: "Quite another", domain: "oakline.example" }]);
  });

  test("is not made twice with one name and domain", async () => {
    await make({ name: "Oakline", domain: "oakline.example" });
    await expect(make({ name: "OakLine", domain: "oakline.example" })).rejects.toThrow("exists already");
    await make({ name: "OakLine", domain: "oakline.test" });
  });
});
