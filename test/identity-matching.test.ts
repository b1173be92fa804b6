import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Acquaintance, acquaintance } from "#test/acquaintance.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";

let database: TestDatabase;
let here: Acquaintance;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  here = await acquaintance();
});

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
    await here.contacts([{ name: left }]);
    await here.people([{ full_name: right }]);
    await here.run();
    expect(await here.said()).toEqual([[left, "person", right, reason, expect.any(Number)]]);
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
    await here.contacts([{ name: left }]);
    await here.people([{ full_name: right }]);
    await here.run();
    expect((await here.said()).filter(([, , , , confidence]) => Number(confidence) > 0.6)).toEqual([]);
  });
});

describe("an address", () => {
  test("is one whatever its case; a plus tag is the same mailbox, and so are dots at Gmail only", async () => {
    await here.contacts([{ email: "Olga@Sevchai.Example" }, { email: "o.l.ga+chat@gmail.com" }, { email: "d.aria@sevchai.example" }]);
    await here.people([{ email: "olga@sevchai.example" }, { email: "olga@gmail.com" }, { email: "daria@sevchai.example" }]);
    await here.run();
    expect((await here.all()).map((one) => [one.leftEntityId.slice(-2), one.rightEntityId.slice(-3), one.reason])).toEqual([
      [":1", ":p1", "same_email"],
      [":2", ":p2", "same_mailbox"],
    ]);
  });

  test("of a company tells the account; one of a public provider never does", async () => {
    const providers = ["gmail.com", "mail.ru", "yandex.ru", "bk.ru", "outlook.com", "icloud.com", "proton.me"];
    await here.deals.put("attio_accounts_raw", [
      { external_id: "c1", name: "Oakline", domains: ["oakline.example"] },
      ...providers.map((domain) => ({ external_id: domain, name: `Company of ${domain}`, domains: [domain] })),
    ]);
    await here.contacts([{ email: "hannah@oakline.example" }, ...providers.map((domain) => ({ email: `someone@${domain}` }))]);
    await here.run();
    expect(await here.said()).toEqual([[null, "account", "Oakline", "email_domain", 0.95]]);
  });

  test("and a phone are known however they are written", async () => {
    await here.contacts([{ phone_number: "+77010000121" }, { phone_number: "+7 (495) 000-01-12" }, { phone_number: "112" }]);
    await here.people([{ phones: ["8 701 000 01 21"] }, { phones: ["84950000112"] }, { phones: ["112"] }]);
    await here.run();
    expect((await here.all()).map((one) => one.reason)).toEqual(["same_phone", "same_phone"]);
  });
});

test("a name with the domain says more than a name; a name that fits two says less; one that fits everybody says nothing", async () => {
  await here.contacts([
    { name: "Ольга Летова", email: "olga.letova@sevchai.example" },
    { name: "Тимур Асланов" },
    ...Array.from({ length: 30 }, () => ({ name: "Иван Иванов" })),
  ]);
  await here.people([
    { full_name: "Olga Letova", email: "olga@sevchai.example" },
    { full_name: "Timur Aslanov" },
    { full_name: "Aslanov Timur" },
    ...Array.from({ length: 30 }, () => ({ full_name: "Ivan Ivanov" })),
  ]);
  await here.run();
  expect((await here.said()).map(([, , , reason, confidence]) => [reason, confidence])).toEqual([
    ["same_name_and_domain", 0.96],
    ["same_name", 0.7],
    ["same_name", 0.7],
  ]);
});

test("a company's name in any spelling and legal form tells the account", async () => {
  await here.deals.put("attio_accounts_raw", [
    { external_id: "c1", name: "Tulpar Logistika LLP", domains: [] },
    { external_id: "c2", name: "ТОО «Тулпар Логистика»", domains: [] },
  ]);
  await here.contacts([{ name: "Асель", company: "ТОО Тулпар Логистика" }]);
  await here.run();
  expect(await here.said()).toEqual([["Асель", "account", "ТОО «Тулпар Логистика»", "same_company", 0.8]]);
});
