import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { User } from "#core/actor.ts";
import * as Account from "#core/crm/account.ts";
import { mirror } from "#core/crm/mirror.ts";
import { sql, transaction } from "#core/db.ts";
import * as Link from "#core/identity/link.ts";
import { suggest } from "#core/identity/suggest.ts";
import * as Suggestion from "#core/identity/suggestion.ts";
import { whose } from "#core/identity/whose.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { audited } from "#test/people.ts";
import { type Raw, raw, written } from "#test/raw.ts";
import { type Studio, studio } from "#test/studio.ts";

const NOW = new Date("2026-03-02T10:00:00Z");
const TABLES = ["identity_entities", "identity_link_suggestions", "identity_links"];

let database: TestDatabase;
let here: Studio;
let chats: Raw;
let tasks: Raw;
let deals: Raw;
let owner: User;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  here = await studio(2);
  [chats, tasks, deals] = [await raw(here, 0, "chatwoot"), await raw(here, 0, "linear"), await raw(here, 0, "attio")];
  owner = { kind: "user", id: randomUUID(), username: "irina", role: "owner", accountScopeId: here.accountScopeId };
});

type Contact = { name?: string | null; email?: string | null; phone_number?: string; company?: string };
const contacts = (rows: Contact[], from = 1) =>
  chats.put(
    "cw_contacts",
    rows.map((row, n) => ({ contact_id: from + n, name: null, email: null, phone_number: null, company: null, ...row })),
  );
type Person = { full_name?: string; email?: string; phones?: string[]; account_external_id?: string };
const people = (rows: Person[]) =>
  deals.put(
    "attio_people_raw",
    rows.map((row, n) => ({ external_id: `p${n + 1}`, full_name: null, email: null, phones: [], account_external_id: null, ...row })),
  );
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const run = async (now = NOW, n = 0) => {
  await mirror(here.scope(n), now);
  return suggest(here.scope(n), now);
};
const all = (n = 0, status: Suggestion.Filter["status"] = "proposed") =>
  Suggestion.list(here.scope(n), { status, after: undefined, limit: 500 });
const said = async () => (await all()).map((one) => [one.leftName, one.rightEntityType, one.rightName, one.reason, one.confidence]);
const only = async () => {
  const [one, ...more] = await all();
  if (!one || more.length > 0) throw new Error(`expected one suggestion, not ${JSON.stringify(await said())}`);
  return one;
};

describe("two names are one person's", () => {
  test.each([
    ["Ольга Летова", "Olga Letova", "same_name"],
    ["Асель Нурланова", "Assel Nurlanova", "same_name"],
    ["Нурланова Асель", "Assel Nurlanova", "same_name"],
    ["Иван Щербаков", "Ivan Shcherbakov", "same_name"],
    ["Юлия Королёва", "Korolyova Julia", "same_name"],
    ["Ерлан Жаксыбеков", "Yerlan Zhaksybekov", "same_name"],
    ["Renée Dubois", "Renee  DUBOIS", "same_name"],
    ["Летова Ольга Сергеевна", "Olga Letova", "same_name_part"],
    ["О. Летова", "Olga Letova", "same_initials"],
    ["Александр Ветров", "Alexander Vetrov", "similar_name"],
    ["Екатерина Мельник", "Katerina Melnik", "similar_name"],
  ])("%s and %s: %s", async (left, right, reason) => {
    await contacts([{ name: left }]);
    await people([{ full_name: right }]);
    await run();
    expect(await said()).toEqual([[left, "person", right, reason, expect.any(Number)]]);
  });

  test.each([
    ["Ольга Летова", "Ольга Ветрова"],
    ["Ольга", "Olga"],
    ["О. Летова", "О. Летова-младшая"],
    ["😀😀😀", "🎉"],
    ["%_%", "%"],
    ["", " "],
    ["'; drop table identity_links; --", "\\"],
  ])("but not %s and %s", async (left, right) => {
    await contacts([{ name: left }]);
    await people([{ full_name: right }]);
    await run();
    expect((await said()).filter(([, , , , confidence]) => Number(confidence) > 0.6)).toEqual([]);
  });
});

describe("an address", () => {
  test("is one whatever its case; a plus tag is the same mailbox, and so are dots at Gmail only", async () => {
    await contacts([{ email: "Olga@Sevchai.Example" }, { email: "o.l.ga+chat@gmail.com" }, { email: "d.aria@sevchai.example" }]);
    await people([{ email: "olga@sevchai.example" }, { email: "olga@gmail.com" }, { email: "daria@sevchai.example" }]);
    await run();
    expect((await all()).map((one) => [one.leftEntityId.slice(-2), one.rightEntityId.slice(-3), one.reason])).toEqual([
      [":1", ":p1", "same_email"],
      [":2", ":p2", "same_mailbox"],
    ]);
  });

  test("of a company tells the account; one of a public provider never does", async () => {
    const providers = ["gmail.com", "mail.ru", "yandex.ru", "bk.ru", "outlook.com", "icloud.com", "proton.me"];
    await deals.put("attio_accounts_raw", [
      { external_id: "c1", name: "Oakline", domains: ["oakline.example"] },
      ...providers.map((domain) => ({ external_id: domain, name: `Company of ${domain}`, domains: [domain] })),
    ]);
    await contacts([{ email: "hannah@oakline.example" }, ...providers.map((domain) => ({ email: `someone@${domain}` }))]);
    await run();
    expect(await said()).toEqual([[null, "account", "Oakline", "email_domain", 0.95]]);
  });

  test("and a phone are known however they are written", async () => {
    await contacts([{ phone_number: "+77010000121" }, { phone_number: "+7 (495) 000-01-12" }, { phone_number: "112" }]);
    await people([{ phones: ["8 701 000 01 21"] }, { phones: ["84950000112"] }, { phones: ["112"] }]);
    await run();
    expect((await all()).map((one) => one.reason)).toEqual(["same_phone", "same_phone"]);
  });
});

test("a name with the domain says more than a name; a name that fits two says less; one that fits everybody says nothing", async () => {
  await contacts([
    { name: "Ольга Летова", email: "olga.letova@sevchai.example" },
    { name: "Тимур Асланов" },
    ...Array.from({ length: 30 }, () => ({ name: "Иван Иванов" })),
  ]);
  await people([
    { full_name: "Olga Letova", email: "olga@sevchai.example" },
    { full_name: "Timur Aslanov" },
    { full_name: "Aslanov Timur" },
    ...Array.from({ length: 30 }, () => ({ full_name: "Ivan Ivanov" })),
  ]);
  await run();
  expect((await said()).map(([, , , reason, confidence]) => [reason, confidence])).toEqual([
    ["same_name_and_domain", 0.96],
    ["same_name", 0.7],
    ["same_name", 0.7],
  ]);
});

test("a company's name in any spelling and legal form tells the account", async () => {
  await deals.put("attio_accounts_raw", [
    { external_id: "c1", name: "Tulpar Logistika LLP", domains: [] },
    { external_id: "c2", name: "ТОО «Тулпар Логистика»", domains: [] },
  ]);
  await contacts([{ name: "Асель", company: "ТОО Тулпар Логистика" }]);
  await run();
  expect(await said()).toEqual([["Асель", "account", "ТОО «Тулпар Логистика»", "same_company", 0.8]]);
});

describe("a suggestion", () => {
  test("is written once; a second run, with nothing new, writes nothing", async () => {
    await contacts([{ name: "Ольга Летова" }, { name: "Александр Ветров" }]);
    await people([{ full_name: "Olga Letova" }, { full_name: "Alexander Vetrov" }]);
    expect(await run()).toEqual({ written: 2, removed: 0, left: 0 });
    const before = await written(here, TABLES);
    expect(await run(at(1))).toEqual({ written: 0, removed: 0, left: 0 });
    expect(await suggest(here.scope(0), at(2), { thorough: true })).toEqual({ written: 0, removed: 0, left: 0 });
    expect(await written(here, TABLES)).toEqual(before);
  });

  test.each(["Ольга Летова", "Олга Летоваа"])("of %s goes when its row is gone or changed, unless it was decided", async (name) => {
    await contacts([{ name }, { name: "Пётр Карасёв" }]);
    await people([{ full_name: "Olga Letova" }, { full_name: "Petr Karasev" }]);
    await run();
    const petr = (await all()).find((one) => one.leftName === "Пётр Карасёв");
    await Suggestion.apply(owner, here.scope(0), petr?.id ?? "");
    await chats.set("cw_contacts", "1", { name: "Somebody Else" });
    await chats.set("cw_contacts", "2", { name: "Somebody Else", deleted_at: NOW });
    await run(at(1));
    expect(await all()).toEqual([]);
    expect(await all(0, "applied")).toMatchObject([{ id: petr?.id, leftName: null }]);
    await chats.set("cw_contacts", "1", { name });
    expect(await run(at(2))).toMatchObject({ written: 1 });
  });

  test("that was dismissed never returns, one that was applied stays, through ten runs with edits between", async () => {
    await contacts([{ name: "Ольга Летова" }, { email: "petr@sevchai.example" }]);
    await people([{ full_name: "Olga Letova" }, { email: "petr@sevchai.example" }]);
    await run();
    const [byMail, byName] = await all();
    await Suggestion.dismiss(owner, here.scope(0), byName?.id ?? "");
    await Suggestion.apply(owner, here.scope(0), byMail?.id ?? "");
    for (let n = 1; n <= 10; n++) {
      await chats.set("cw_contacts", "1", { name: n % 2 ? "Letova Olga" : "Ольга Летова", email: n > 5 ? "olga@sevchai.example" : null });
      await deals.set("attio_people_raw", "p1", { email: n > 5 ? "olga@sevchai.example" : null });
      if (n === 3) await chats.set("cw_contacts", "2", { deleted_at: NOW });
      if (n === 4) await chats.set("cw_contacts", "2", { deleted_at: null });
      await run(at(n));
      expect([await all(), (await all(0, "dismissed")).map((one) => one.id), (await all(0, "applied")).map((one) => one.id)]).toEqual([
        [],
        [byName?.id],
        [byMail?.id],
      ]);
    }
    expect(await Link.list(here.scope(0), { before: undefined, limit: 10 })).toHaveLength(1);
    expect(await audited(here.accountScopeId)).toEqual(["identity_suggestion_dismissed", "identity_suggestion_applied"]);
  });

  test("applied makes the contact one of the account's; unlinked, it is not, and is not proposed again", async () => {
    await deals.put("attio_accounts_raw", [{ external_id: "c1", name: "Северный чай", domains: ["sevchai.example"] }]);
    await people([{ full_name: "Olga Letova", account_external_id: "c1" }]);
    await contacts([{ name: "Ольга Летова" }]);
    await run();
    const { id } = await only();
    expect(await Suggestion.apply(owner, here.scope(0), id)).toMatchObject({ status: "applied", decidedBy: "irina" });
    await Suggestion.apply(owner, here.scope(0), id);
    const counted = async () => (await Account.list(here.scope(0), { before: undefined, limit: 5 })).map((one) => one.contacts);
    expect(await counted()).toEqual([2]);
    await expect(Suggestion.dismiss(owner, here.scope(0), id)).rejects.toThrow("exists already");
    await run(at(1));
    const [link] = await Link.list(here.scope(0), { before: undefined, limit: 10 });
    expect(link).toMatchObject({ leftName: "Ольга Летова", rightName: "Olga Letova", createdBy: "irina" });
    await Link.unlink(owner, here.scope(0), link?.id ?? "");
    await run(at(2));
    expect([await counted(), await all(), await Link.list(here.scope(0), { before: undefined, limit: 10 })]).toEqual([[1], [], []]);
    await expect(Link.unlink(owner, here.scope(0), link?.id ?? "")).rejects.toThrow("no such link");
  });
});

test("two projects are matched apart", async () => {
  const other = await raw(here, 1, "attio");
  await contacts([{ name: "Ольга Летова", email: "olga@sevchai.example" }]);
  await other.put("attio_people_raw", [{ external_id: "p1", full_name: "Olga Letova", email: "olga@sevchai.example" }]);
  const both = { projects: here.projects, accountScopeId: here.accountScopeId };
  expect(await suggest(both, NOW)).toMatchObject({ written: 0, left: 0 });
  await people([{ full_name: "Ольга Летоваа" }]);
  await suggest(both, at(1));
  const { id } = await only();
  expect(await all(1)).toEqual([]);
  await expect(Suggestion.apply(owner, here.scope(1), id)).rejects.toThrow("no such suggestion");
  const seen = await transaction(
    here.scope(1),
    () => sql`select * from similar_entities('person', array(select entity_id from identity_entities), array['contact'])`,
  );
  expect(seen).toEqual([]);
});

test("whose message it is: a teammate's by link, address, domain or name, else a client's of an account", async () => {
  await tasks.put("linear_users_raw", [
    { external_id: "u1", name: "Marek Dvorak", email: "marek@foxglove.example", guest: false },
    { external_id: "u2", name: "Guest Client", email: "guest@oakline.example", guest: true },
  ]);
  await deals.put("attio_members_raw", [{ external_id: "m1", name: "Irina Sokolova", email: "irina@foxglove.example" }]);
  // Attio makes a company of the workspace's own domain too.
  await deals.put("attio_accounts_raw", [
    { external_id: "c1", name: "Oakline", domains: ["oakline.example"] },
    { external_id: "c2", name: "Северный чай", domains: ["sevchai.example"] },
    { external_id: "c0", name: "Foxglove", domains: ["foxglove.example"] },
  ]);
  await people([
    { full_name: "Olga Letova", email: "olga@gmail.com", account_external_id: "c2" },
    { full_name: "Hannah Pryce", email: "hannah@oakline.example", account_external_id: "c1" },
  ]);
  await contacts([
    { email: "marek@foxglove.example" },
    { email: "newcomer@foxglove.example" },
    { name: "Ирина Соколова" },
    { name: "Hannah", email: "hannah@oakline.example" },
    { email: "unknown@oakline.example" },
    { email: "olga@gmail.com" },
    { name: "Guest Client" },
    { name: "Nobody" },
  ]);
  await run();
  const ids = Array.from({ length: 8 }, (_, n) => `cwc:${chats.connectionId}:${n + 1}`);
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
  const mistaken = (await all()).find((one) => one.leftName === "Ирина Соколова");
  await Suggestion.dismiss(owner, here.scope(0), mistaken?.id ?? "");
  expect((await told())[2]).toEqual(["client", null, "unknown"]);
  expect(await whose(here.scope(1), ids)).toEqual([]);
});

describe("20,000 contacts and 5,000 people, a tenth of them embedded", () => {
  const size = process.env.TEST_DATABASE_URL ? 1 : 0.1;
  const FIRST = [
    "Olga",
    "Assel",
    "Maxim",
    "Ivan",
    "Anna",
    "Elena",
    "Sergey",
    "Dmitry",
    "Maria",
    "Alexey",
    "Timur",
    "Nikita",
    "Pavel",
    "Yulia",
    "Victor",
    "Andrey",
  ];
  const SYLLABLES = [
    "le",
    "to",
    "va",
    "nur",
    "la",
    "no",
    "sher",
    "ba",
    "ko",
    "mu",
    "si",
    "na",
    "pet",
    "ro",
    "iva",
    "kuz",
    "ne",
    "zo",
    "gal",
    "kin",
    "bek",
    "zhan",
    "ali",
  ];
  let seed = 7;
  const pick = (list: readonly string[]) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return list[Math.floor((seed / 2_147_483_648) * list.length)] ?? "";
  };
  const name = () => `${pick(FIRST)} ${pick(SYLLABLES)}${pick(SYLLABLES)}${pick(SYLLABLES)}${pick(["ov", "ova", "in", "ko"])}`;

  test("are matched within bounds, a batch of similar names at a time, through the index as the application", async () => {
    await contacts(
      Array.from({ length: 20_000 * size }, (_, n) => ({ name: name(), email: n % 3 ? null : `c${n}@client${n % 500}.example` })),
    );
    await people(
      Array.from({ length: 5_000 * size }, (_, n) => ({
        full_name: name(),
        email: n % 2 ? `c${n}@client${n % 500}.example` : "x@gmail.com",
      })),
    );
    const took: number[] = [];
    const timed = async (now: Date) => {
      const began = performance.now();
      const done = await suggest(here.scope(0), now);
      took.push(Math.round(performance.now() - began));
      return done;
    };
    const first = await timed(NOW);
    expect(first.left).toBe(25_000 * size - 300);
    await timed(at(1));
    // The other batches are as these: they are taken as done.
    await asOwner(() => sql`update identity_entities set matched_at = ${at(2)} where account_scope_id = ${here.accountScopeId}`);
    const [mail] = await transaction(
      here.scope(0),
      () => sql`select count(*) as count from identity_link_suggestions where reason = 'same_email'`,
    );
    expect(mail?.count).toBe(Math.floor((5_000 * size + 2) / 6));
    const idle = took.length;
    expect(await timed(at(20))).toEqual({ written: 0, removed: 0, left: 0 });
    await chats.set("cw_contacts", "5", { name: "Somebody New" });
    expect((await timed(at(21))).left).toBe(0);
    process.stdout.write(
      `first ${took[0]} ms, then ${took.slice(1, idle)} ms, nothing new ${took[idle]} ms, one new ${took[idle + 1]} ms\n`,
    );
    // Generous for a busy machine; a match of each with each takes minutes.
    const factor = database.url ? 1 : 4;
    for (const ms of took.slice(1)) expect(ms).toBeLessThan(3_000 * factor);
    await asOwner(() => sql`analyze identity_entities`);
    const used = await transaction(here.scope(0), async () => {
      await sql`select * from similar_entities('person', array(select entity_id from identity_entities where entity_type = 'person' limit 50), array['contact'])`;
      return sql`select pg_stat_get_xact_numscans('identity_entities_folded'::regclass) as scans`;
    });
    expect(used).toMatchObject([{ scans: 50 }]);
  }, 120_000);
});
