import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sql, transaction } from "#core/db.ts";
import * as Graph from "#core/memory/graph.ts";
import * as Read from "#core/memory/graph-read.ts";
import { type Acquaintance, acquaintance, at } from "#test/acquaintance.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { written } from "#test/raw.ts";

let database: TestDatabase;
let here: Acquaintance;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  here = await acquaintance();
});

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
  "kuz",
  "ne",
  "zo",
  "gal",
  "kin",
  "bek",
];
const WORDS =
  "привет договор please send the проект завтра утром мы сделаем it now отправь счёт пожалуйста design when will we get макет и по не на готово".split(
    " ",
  );
let seed = 7;
const random = (below: number) => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
};
const pick = (list: readonly string[]) => list[random(list.length)] ?? "";
const word = () => [pick(SYLLABLES), pick(SYLLABLES), pick(SYLLABLES)].join("");
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

describe("20,000 chunks and 5,000 records of 500 names, a tenth of them embedded", () => {
  const size = process.env.TEST_DATABASE_URL ? 1 : 0.1;

  test("are brought into the graph within bounds; a pass over nothing new is short and writes nothing", async () => {
    const names = Array.from({ length: 150 * size }, () => `${capital(word())} ${capital(word())}`);
    await here.contacts(names.map((name, n) => ({ name, email: `c${n}@client.example` })));
    await here.tasks.put("linear_users_raw", [{ external_id: "u1", name: "Anna Kern" }]);
    await here.tasks.put(
      "linear_issues_raw",
      Array.from({ length: 5_000 * size }, (_, n) => ({
        external_id: `i${n}`,
        identifier: `ABC-${n}`,
        title: `Task ${word()} ${word()} ${n}`,
        state: "Todo",
        assignee_external_id: "u1",
        due_date: "2026-03-10",
        created_at: at(-60),
      })),
    );
    const said = Array.from({ length: 20_000 * size }, () => {
      const words = Array.from({ length: 22 }, () => pick(WORDS));
      if (random(5) === 0) words[random(22)] = pick(names).split(" ")[0] ?? "";
      if (random(5) === 0) words[random(22)] = `ABC-${random(5_000 * size)}`;
      return words.join(" ");
    });
    await asOwner(
      () => sql`
        insert into rag_chunks (project_id, connection_id, source_kind, source_ref, thread_ref, ord, author_ref, text, text_hash, language, content_tokens, occurred_at, created_at,
          updated_at)
        select ${here.projects[0] ?? ""}, ${here.chats.connectionId}, 'message', 'cwmsg:x:' || n, 'cw:x:' || n / 20, n, ${`cwc:${here.chats.connectionId}:1`}, t, md5(t), 'ru', 1, now(),
          now(), now() from unnest(${said}::text[]) with ordinality as u (t, n)`,
    );
    const took: number[] = [];
    let left = true;
    for (let pass = 0; left; pass++) {
      const began = performance.now();
      left = (await Graph.refresh(here.scope(0), at(pass))).left;
      took.push(Math.round(performance.now() - began));
    }
    const before = await written(here, ["kag_nodes", "kag_aliases", "kag_mentions", "kag_edges", "kag_unread"]);
    const timed = async (work: () => Promise<unknown>) => {
      const began = performance.now();
      await work();
      return Math.round(performance.now() - began);
    };
    const idle = await timed(() => Graph.refresh(here.scope(0), at(50)));
    expect(await written(here, Object.keys(before))).toEqual(before);
    await here.tasks.set("linear_issues_raw", "i1", { state: "Done" });
    const one = await timed(() => Graph.refresh(here.scope(0), at(51)));
    const asked = await timed(() => Read.named(here.scope(0), `что ${names[3]} обещал по ABC-12 и ${names[4]}?`));
    process.stderr.write(`graph: passes ${took} ms, idle ${idle} ms, one change ${one} ms, names of a question ${asked} ms\n`);
    const [count] = await transaction(here.scope(0), () => sql<{ count: number }[]>`select count(*) as count from kag_mentions`);
    expect(count?.count).toBeGreaterThan(25_000 * size);
    // Generous for a busy machine; each text against each name takes minutes.
    const factor = database.url ? 1 : 3;
    for (const ms of took) expect(ms).toBeLessThan(40_000 * factor);
    expect(idle).toBeLessThan(10_000 * factor);
  }, 240_000);
});
