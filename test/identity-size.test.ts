import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sql, transaction } from "#core/db.ts";
import { suggest } from "#core/identity/suggest.ts";
import { type Acquaintance, acquaintance, at, NOW } from "#test/acquaintance.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";

let database: TestDatabase;
let here: Acquaintance;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  here = await acquaintance();
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
    await here.contacts(
      Array.from({ length: 20_000 * size }, (_, n) => ({ name: name(), email: n % 3 ? null : `c${n}@client${n % 500}.example` })),
    );
    await here.people(
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
    expect(await timed(at(20))).toEqual({ written: 0, removed: 0, left: 0 });
    await here.chats.set("cw_contacts", "5", { name: "Somebody New" });
    expect((await timed(at(21))).left).toBe(0);
    // Generous for a busy machine; a match of each with each takes minutes.
    const factor = database.url ? 1 : 4;
    for (const ms of took.slice(1)) expect(ms).toBeLessThan(20_000 * factor);
    await asOwner(() => sql`analyze identity_entities`);
    const used = await transaction(here.scope(0), async () => {
      await sql`select * from similar_entities('person', array(select entity_id from identity_entities where entity_type = 'person' limit 50), array['contact'])`;
      return sql`select pg_stat_get_xact_numscans('identity_entities_folded'::regclass) as scans`;
    });
    expect(used).toMatchObject([{ scans: 50 }]);
  }, 120_000);
});
