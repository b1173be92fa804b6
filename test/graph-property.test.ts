import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sql, transaction } from "#core/db.ts";
import * as Link from "#core/identity/link.ts";
import { suggest } from "#core/identity/suggest.ts";
import * as Suggestion from "#core/identity/suggestion.ts";
import * as Graph from "#core/memory/graph.ts";
import * as Read from "#core/memory/graph-read.ts";
import * as Words from "#core/memory/words.ts";
import { type Acquaintance, acquaintance, at } from "#test/acquaintance.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { chunks, mentions } from "#test/graph.ts";
import { holds } from "#test/property.ts";
import { written } from "#test/raw.ts";

const TABLES = ["kag_nodes", "kag_aliases", "kag_mentions", "kag_edges", "kag_provenance_refs", "kag_unread"];
let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const refresh = (here: Acquaintance, minutes: number) =>
  transaction(here.scope(0), async () => {
    await Words.index(here.scope(0), at(minutes));
    return Graph.refresh(here.scope(0), at(minutes));
  });

// Told apart by their first letters, so that whoever is found where is plain.
const NAMES = ["Олег Зимин", "Timur Rakhimov", "Кирилл Бобров", "Denis Lapin"];
const STATES = ["Todo", "In Progress", "Done"];
type Step =
  | { kind: "rename"; user: number; name: number }
  | { kind: "remove" | "restore"; what: "user" | "issue"; n: number }
  | { kind: "state"; issue: number; state: number }
  | { kind: "assign"; issue: number; user: number }
  | { kind: "say"; name: number }
  | { kind: "erase" };
const two = fc.integer({ min: 0, max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("rename" as const), user: two, name: fc.integer({ min: 0, max: 3 }) }),
  fc.record({
    kind: fc.constantFrom("remove" as const, "restore" as const),
    what: fc.constantFrom("user" as const, "issue" as const),
    n: two,
  }),
  fc.record({ kind: fc.constant("state" as const), issue: two, state: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ kind: fc.constant("assign" as const), issue: two, user: fc.integer({ min: -1, max: 1 }) }),
  fc.record({ kind: fc.constant("say" as const), name: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant("erase" as const) }),
);

test("after any edits, deletions and returns the graph says what the records say now, and no old word is left", async () => {
  await holds("graph", fc.array(fc.record({ step, refreshed: fc.boolean() }), { minLength: 6, maxLength: 14 }), async (schedule) => {
    const here = await acquaintance();
    const users = [0, 1].map((n) => ({ name: n, gone: false }));
    const issues = [0, 1].map(() => ({ state: 0, assignee: -1, gone: false }));
    const said: { ref: string; name: number }[] = [];
    await here.tasks.put(
      "linear_users_raw",
      users.map((_, n) => ({ external_id: `u${n}`, name: NAMES[n] })),
    );
    await here.tasks.put(
      "linear_issues_raw",
      issues.map((_, n) => ({ external_id: `i${n}`, identifier: `ABC-${n}`, title: `Zeta ${n} plan`, state: STATES[0] })),
    );
    let minutes = 0;
    for (const { step: one, refreshed } of schedule) {
      minutes += 1;
      switch (one.kind) {
        case "rename": {
          const user = users[one.user];
          if (!user || user.gone) break;
          user.name = one.name;
          await here.tasks.set("linear_users_raw", `u${one.user}`, { name: NAMES[one.name] });
          break;
        }
        case "remove":
        case "restore": {
          const [table, row] =
            one.what === "user" ? (["linear_users_raw", users[one.n]] as const) : (["linear_issues_raw", issues[one.n]] as const);
          if (!row) break;
          row.gone = one.kind === "remove";
          const name =
            one.what === "user"
              ? { name: row.gone ? null : NAMES[users[one.n]?.name ?? 0] }
              : { title: row.gone ? "" : `Zeta ${one.n} plan` };
          await here.tasks.set(table, `${one.what.charAt(0)}${one.n}`, { deleted_at: row.gone ? at(minutes) : null, ...name });
          break;
        }
        case "state": {
          const issue = issues[one.issue];
          if (!issue || issue.gone) break;
          issue.state = one.state;
          await here.tasks.set("linear_issues_raw", `i${one.issue}`, { state: STATES[one.state] });
          break;
        }
        case "assign": {
          const issue = issues[one.issue];
          if (!issue || issue.gone) break;
          issue.assignee = one.user;
          await here.tasks.set("linear_issues_raw", `i${one.issue}`, { assignee_external_id: one.user < 0 ? null : `u${one.user}` });
          break;
        }
        case "say":
          said.push({ ref: `m${minutes}`, name: one.name });
          await chunks(here, [{ ref: `m${minutes}`, text: `Спросите у ${NAMES[one.name]}, please` }]);
          break;
        case "erase": {
          const gone = said.pop();
          if (gone)
            await asOwner(() => sql`delete from rag_chunks where source_ref = ${gone.ref} and project_id = ${here.projects[0] ?? ""}`);
        }
      }
      if (refreshed) await refresh(here, minutes);
    }
    await refresh(here, minutes + 1);
    const before = await written(here, TABLES);
    expect(await refresh(here, minutes + 2)).toEqual({ nodes: 0, aliases: 0, facts: 0, mentions: 0, left: false });
    expect(await written(here, TABLES)).toEqual(before);

    const nodes = await transaction(here.scope(0), () => sql<{ id: string }[]>`select id from kag_nodes`);
    const now = await Read.factsOf(
      here.scope(0),
      nodes.map(({ id }) => id),
      at(minutes + 1),
    );
    const told = now
      .filter(({ from }) => from.nodeKey.includes("linissue:"))
      .map(({ from, relationType, to, value }) => `${from.title} ${relationType} ${to?.title ?? value}`);
    const wanted = issues.flatMap((issue, n) => {
      const user = users[issue.assignee];
      return issue.gone
        ? []
        : [
            `Zeta ${n} plan state ${STATES[issue.state]}`,
            ...(user && !user.gone ? [`Zeta ${n} plan assigned_to ${NAMES[user.name]}`] : []),
          ];
    });
    expect(told.toSorted()).toEqual(wanted.toSorted());
    const found = said.flatMap(({ ref, name }) =>
      users.flatMap((user, n) => (!user.gone && user.name === name ? [`${ref} linuser:u${n} name`] : [])),
    );
    expect(await mentions(here)).toEqual(found.toSorted());

    const living = new Set(users.flatMap((user) => (user.gone ? [] : [user.name])));
    const dump = JSON.stringify(await written(here, TABLES));
    for (const [n, name] of NAMES.entries()) if (!living.has(n)) expect(dump, name).not.toContain(name);
  });
}, 240_000);

test("nobody is named across projects, and names that would be commands are names", async () => {
  const here = await acquaintance();
  const hostile = [
    "'; drop table kag_nodes; --",
    "%_\\",
    "n:mar",
    ".*(a+)+$",
    "\u202eolga",
    "x".repeat(5_000),
    "  ",
    "😀 😀",
    "{}",
    "Robert'); --",
  ];
  await here.contacts([{ name: "Ольга Летова", email: "olga@letova.example" }, ...hostile.map((name) => ({ name }))]);
  await chunks(here, [{ ref: "a", text: `Ольга Летова, ${hostile.join(" ")} olga@letova.example` }]);
  await chunks(here, [{ ref: "b", text: "Ольга Летова olga@letova.example" }], 1);
  await refresh(here, 0);
  await Graph.refresh(here.scope(1), at(1));
  expect(await mentions(here)).toContain("a cwc:1 email");
  expect(await mentions(here, 1)).toEqual([]);
  expect(await Read.named(here.scope(1), "Ольга Летова olga@letova.example")).toEqual([]);
  const [olga] = await Read.named(here.scope(0), "Ольга Летова");
  for (const read of [Read.factsOf, Read.mentionsOf, Read.homeChunks]) expect(await read(here.scope(1), [olga?.id ?? ""])).toEqual([]);
  expect(await Read.neighbours(here.scope(1), [olga?.id ?? ""], at(1))).toEqual([]);
  for (const question of [...hostile, hostile.join(" ").slice(0, 4_000)]) await Read.named(here.scope(0), question);
});

test("who was taken as one is one; a link that is taken back, and one that was dismissed, counts no more", async () => {
  const here = await acquaintance();
  await here.contacts([{ name: "Ольга Летова" }, { name: "Пётр Карасёв" }]);
  await here.people([{ full_name: "Olga Letova-Smith", email: "o@x.example" }, { full_name: "Petr Karasev" }]);
  await here.tasks.put("linear_users_raw", [{ external_id: "u1", name: "Olga Letova" }]);
  await here.run();
  const suggestion = (await here.all()).find((one) => one.rightName === "Olga Letova");
  const other = (await here.all()).find((one) => one.rightName === "Petr Karasev");
  await Suggestion.apply(here.owner, here.scope(0), suggestion?.id ?? "");
  await Suggestion.dismiss(here.owner, here.scope(0), other?.id ?? "");
  await refresh(here, 1);
  const same = async () => transaction(here.scope(0), () => sql`select from kag_edges where relation_type = 'same_as'`);
  expect(await same()).toHaveLength(1);
  expect((await Read.named(here.scope(0), "Olga Letova")).map(({ nodeKey }) => nodeKey.split(":")[0]).toSorted()).toEqual([
    "cwc",
    "linuser",
  ]);
  const [link] = await Link.list(here.scope(0), { before: undefined, limit: 10 });
  await Link.unlink(here.owner, here.scope(0), link?.id ?? "");
  await suggest(here.scope(0), at(2));
  await refresh(here, 3);
  expect(await same()).toHaveLength(0);
});
