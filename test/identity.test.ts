import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as Account from "#core/crm/account.ts";
import { sql, transaction } from "#core/db.ts";
import * as Link from "#core/identity/link.ts";
import { suggest } from "#core/identity/suggest.ts";
import * as Suggestion from "#core/identity/suggestion.ts";
import { whose } from "#core/identity/whose.ts";
import { type Acquaintance, acquaintance, at, NOW } from "#test/acquaintance.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { audited } from "#test/people.ts";
import { raw, written } from "#test/raw.ts";

const TABLES = ["identity_entities", "identity_link_suggestions", "identity_links"];

let database: TestDatabase;
let here: Acquaintance;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  here = await acquaintance();
});

const only = async () => {
  const [one, ...more] = await here.all();
  if (!one || more.length > 0) throw new Error(`expected one suggestion, not ${JSON.stringify(await here.said())}`);
  return one;
};

describe("a suggestion", () => {
  test("is written once; a second run, with nothing new, writes nothing", async () => {
    await here.contacts([{ name: "Ольга Летова" }, { name: "Александр Ветров" }]);
    await here.people([{ full_name: "Olga Letova" }, { full_name: "Alexander Vetrov" }]);
    expect(await here.run()).toEqual({ written: 2, removed: 0, left: 0 });
    const before = await written(here, TABLES);
    expect(await here.run(at(1))).toEqual({ written: 0, removed: 0, left: 0 });
    expect(await suggest(here.scope(0), at(2), { thorough: true })).toEqual({ written: 0, removed: 0, left: 0 });
    expect(await written(here, TABLES)).toEqual(before);
  });

  test.each(["Ольга Летова", "Олга Летоваа"])("of %s goes when its row is gone or changed, unless it was decided", async (name) => {
    await here.contacts([{ name }, { name: "Пётр Карасёв" }]);
    await here.people([{ full_name: "Olga Letova" }, { full_name: "Petr Karasev" }]);
    await here.run();
    const petr = (await here.all()).find((one) => one.leftName === "Пётр Карасёв");
    await Suggestion.apply(here.owner, here.scope(0), petr?.id ?? "");
    await here.chats.set("cw_contacts", "1", { name: "Somebody Else" });
    await here.chats.set("cw_contacts", "2", { name: "Somebody Else", deleted_at: NOW });
    await here.run(at(1));
    expect(await here.all()).toEqual([]);
    expect(await here.all("applied")).toMatchObject([{ id: petr?.id, leftName: null }]);
    await here.chats.set("cw_contacts", "1", { name });
    expect(await here.run(at(2))).toMatchObject({ written: 1 });
  });

  test("that was dismissed never returns, one that was applied stays, through ten runs with edits between", async () => {
    await here.contacts([{ name: "Ольга Летова" }, { email: "petr@sevchai.example" }]);
    await here.people([{ full_name: "Olga Letova" }, { email: "petr@sevchai.example" }]);
    await here.run();
    const [byMail, byName] = await here.all();
    await Suggestion.dismiss(here.owner, here.scope(0), byName?.id ?? "");
    await Suggestion.apply(here.owner, here.scope(0), byMail?.id ?? "");
    for (let n = 1; n <= 10; n++) {
      await here.chats.set("cw_contacts", "1", {
        name: n % 2 ? "Letova Olga" : "Ольга Летова",
        email: n > 5 ? "olga@sevchai.example" : null,
      });
      await here.deals.set("attio_people_raw", "p1", { email: n > 5 ? "olga@sevchai.example" : null });
      if (n === 3) await here.chats.set("cw_contacts", "2", { deleted_at: NOW });
      if (n === 4) await here.chats.set("cw_contacts", "2", { deleted_at: null });
      await here.run(at(n));
      expect([
        await here.all(),
        (await here.all("dismissed")).map((one) => one.id),
        (await here.all("applied")).map((one) => one.id),
      ]).toEqual([[], [byName?.id], [byMail?.id]]);
    }
    expect(await Link.list(here.scope(0), { before: undefined, limit: 10 })).toHaveLength(1);
    expect(await audited(here.accountScopeId)).toEqual(["identity_suggestion_dismissed", "identity_suggestion_applied"]);
  });

  test("applied makes the contact one of the account's; unlinked, it is not, and is not proposed again", async () => {
    await here.deals.put("attio_accounts_raw", [{ external_id: "c1", name: "Северный чай", domains: ["sevchai.example"] }]);
    await here.people([{ full_name: "Olga Letova", account_external_id: "c1" }]);
    await here.contacts([{ name: "Ольга Летова" }]);
    await here.run();
    const { id } = await only();
    expect(await Suggestion.apply(here.owner, here.scope(0), id)).toMatchObject({ status: "applied", decidedBy: "irina" });
    await Suggestion.apply(here.owner, here.scope(0), id);
    const counted = async () => (await Account.list(here.scope(0), { before: undefined, limit: 5 })).map((one) => one.contacts);
    expect(await counted()).toEqual([2]);
    await expect(Suggestion.dismiss(here.owner, here.scope(0), id)).rejects.toThrow("exists already");
    await here.run(at(1));
    const [link] = await Link.list(here.scope(0), { before: undefined, limit: 10 });
    expect(link).toMatchObject({ leftName: "Ольга Летова", rightName: "Olga Letova", createdBy: "irina" });
    await Link.unlink(here.owner, here.scope(0), link?.id ?? "");
    await here.run(at(2));
    expect([await counted(), await here.all(), await Link.list(here.scope(0), { before: undefined, limit: 10 })]).toEqual([[1], [], []]);
    await expect(Link.unlink(here.owner, here.scope(0), link?.id ?? "")).rejects.toThrow("no such link");
  });
});

test("two projects are matched apart", async () => {
  const other = await raw(here, 1, "attio");
  await here.contacts([{ name: "Ольга Летова", email: "olga@sevchai.example" }]);
  await other.put("attio_people_raw", [{ external_id: "p1", full_name: "Olga Letova", email: "olga@sevchai.example" }]);
  const both = { projects: here.projects, accountScopeId: here.accountScopeId };
  expect(await suggest(both, NOW)).toMatchObject({ written: 0, left: 0 });
  await here.people([{ full_name: "Ольга Летоваа" }]);
  await suggest(both, at(1));
  const { id } = await only();
  expect(await here.all("proposed", 1)).toEqual([]);
  await expect(Suggestion.apply(here.owner, here.scope(1), id)).rejects.toThrow("no such suggestion");
  const seen = await transaction(
    here.scope(1),
    () => sql`select * from similar_entities('person', array(select entity_id from identity_entities), array['contact'])`,
  );
  expect(seen).toEqual([]);
});

test("whose message it is: a teammate's by link, address, domain or name, else a client's of an account", async () => {
  await here.tasks.put("linear_users_raw", [
    { external_id: "u1", name: "Marek Dvorak", email: "marek@foxglove.example", guest: false },
    { external_id: "u2", name: "Guest Client", email: "guest@oakline.example", guest: true },
  ]);
  await here.deals.put("attio_members_raw", [{ external_id: "m1", name: "Irina Sokolova", email: "irina@foxglove.example" }]);
  // Attio makes a company of the workspace's own domain too.
  await here.deals.put("attio_accounts_raw", [
    { external_id: "c1", name: "Oakline", domains: ["oakline.example"] },
    { external_id: "c2", name: "Северный чай", domains: ["sevchai.example"] },
    { external_id: "c0", name: "Foxglove", domains: ["foxglove.example"] },
  ]);
  await here.people([
    { full_name: "Olga Letova", email: "olga@gmail.com", account_external_id: "c2" },
    { full_name: "Hannah Pryce", email: "hannah@oakline.example", account_external_id: "c1" },
  ]);
  await here.contacts([
    { email: "marek@foxglove.example" },
    { email: "newcomer@foxglove.example" },
    { name: "Ирина Соколова" },
    { name: "Hannah", email: "hannah@oakline.example" },
    { email: "unknown@oakline.example" },
    { email: "olga@gmail.com" },
    { name: "Guest Client" },
    { name: "Nobody" },
  ]);
  await here.run();
  const ids = Array.from({ length: 8 }, (_, n) => `cwc:${here.chats.connectionId}:${n + 1}`);
  const told = async () =>
    (await whose(here.scope(0), [...ids, "cwc:nobody", ids[0] ?? "", "'; --"])).map((one) => [one.side, one.accountName, one.because]);
  const expected = [
    ["team", null, "email"],
    ["team", null, "own_domain"],
    ["team", null, "name"],
    ["client", "Oakline", "email"],
    ["client", "Oakline", "domain"],
    ["client", "Северный чай", "email"],
    ["client", null, "unknown"],
    ["client", null, "unknown"],
  ];
  expect(await told()).toEqual(expected);
  const mistaken = (await here.all()).find((one) => one.leftName === "Ирина Соколова");
  await Suggestion.dismiss(here.owner, here.scope(0), mistaken?.id ?? "");
  expect((await told())[2]).toEqual(["client", null, "unknown"]);
  expect(await whose(here.scope(1), ids)).toEqual([]);
});
