import { afterAll, beforeAll, expect, test } from "vitest";
import * as Db from "#core/db.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";

let database: TestDatabase;
const account = "00000000-0000-4000-8000-0000000000a1";
const [one, two] = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];

beforeAll(async () => {
  database = await freshDatabase();
  await asOwner(async () => {
    await Db.sql`insert into account_scopes (id, scope_key, name) values (${account}, 'studio', 'Studio')`;
    await Db.sql`insert into projects (id, account_scope_id, name) values (${one}, ${account}, 'One'), (${two}, ${account}, 'Two')`;
  });
});
afterAll(() => database.close());

const names = () => Db.sql<{ name: string }[]>`select name from projects order by name`.then((rows) => rows.map((row) => row.name));

test("a transaction sees the projects of its scope and no others", async () => {
  expect(await Db.transaction({ projects: [one], accountScopeId: account }, names)).toEqual(["One"]);
  expect(await Db.transaction({ accountScopeId: account }, names)).toEqual([]);
  expect(await Db.transaction({ system: true }, names)).toEqual(["One", "Two"]);
});

test("sql outside a transaction, systemSql inside one, and a nested transaction of another scope are refused", async () => {
  expect(() => Db.sql`select 1`).toThrow(/outside a transaction/);
  await expect(Db.transaction({ system: true }, () => Db.systemSql`select 1`)).rejects.toThrow(/inside a transaction/);
  await expect(Db.transaction({ system: true }, () => Db.transaction({ accountScopeId: account }, names))).rejects.toThrow(/another scope/);
});

test("systemSql runs as the system role, and the role does not leak out of a transaction", async () => {
  await Db.transaction({ projects: [one], accountScopeId: account }, names);
  expect(await Db.systemSql<{ who: string }[]>`select current_user::text as who`).toEqual([{ who: "bellwether_system" }]);
});

test("effects run after the commit, and not after a rollback", async () => {
  const seen: string[] = [];
  await Db.transaction({ system: true }, async () => {
    Db.afterCommit(async () => seen.push("committed"));
    expect(seen).toEqual([]);
  });
  await expect(
    Db.transaction({ system: true }, async () => {
      Db.afterCommit(async () => seen.push("rolled back"));
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  expect(seen).toEqual(["committed"]);
});

test("twenty transactions at once keep their scopes apart", async () => {
  const seen = await Promise.all(
    Array.from({ length: 20 }, (_, n) => Db.transaction({ projects: [n % 2 ? one : two], accountScopeId: account }, names)),
  );
  expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => [n % 2 ? "One" : "Two"]));
});
