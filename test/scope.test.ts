import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql, transaction } from "#core/db.ts";
import { type Row, rowOf, tablesOf } from "#test/catalog.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { type Studio, studio } from "#test/studio.ts";

// What stands beside the rule, and why.
const NO_SCOPE: Record<string, string> = {
  account_scopes: "it is the studio; its policies name its own id",
  schema_migrations: "the migrator's, granted to no role",
  login_attempts: "before anyone is known to belong anywhere; the system's only",
  queue_messages: "a message names a run, whose row has the scope; the system's only",
  model_rests: "a key is the deployment's; the system's only",
  connector_breakers: "a host belongs to nobody; the system's only",
};
const NO_GUARD: Record<string, string> = { projects: "it is the project; its policies name its own id" };
const OPTIONAL_PROJECT: Record<string, string> = {
  audit_events: "an act may concern the studio and no project",
  idempotency_keys: "a request may concern the studio and no project",
};
const BY_STATEMENT: Record<string, string> = {
  rag_postings:
    "twenty rows for each chunk: what guard and foreign key check row by row, triggers of its own check for the whole statement",
  kag_unread: "a row for each new chunk, in the transaction that reads it; the same",
};
const PLAIN_FOREIGN_KEYS: Record<string, string> = {
  sessions_active_project_id_fkey: "a hint that is held against what the person may see whenever it is read",
};

let database: TestDatabase;
let tables: Row[];
let here: Studio;
let there: Studio;
beforeAll(async () => {
  database = await freshDatabase();
  [here, there] = [await studio(2), await studio(1)];
  tables = await tablesOf();
});
afterAll(() => database.close());

const scoped = () => tables.filter((table) => (table.hasProject || table.hasAccount) && !(table.name in NO_GUARD));
const guarded = () => scoped().filter((table) => table.hasProject);

describe("every table of the catalog", () => {
  test("has a scope, or a reason to have none and no grant for the application", () => {
    const without = tables.filter((table) => !table.hasProject && !table.hasAccount);
    expect(without.map((table) => table.name).sort()).toEqual(Object.keys(NO_SCOPE).sort());
    const open = without.filter((table) => table.appGrants.length > 0 && table.name !== "account_scopes");
    expect(open.map((table) => table.name)).toEqual([]);
  });

  test("is under row-level security with a policy for each role, and no other", () => {
    for (const table of [...scoped(), ...tables.filter(({ name }) => name in NO_GUARD || name === "account_scopes")]) {
      const own = table.hasProject || table.name === "projects" ? "app.project_ids" : "app.account_scope_id";
      expect([table.name, table.rls], table.name).toEqual([table.name, true]);
      expect(table.policies.map(({ name, roles, command }) => [name, roles, command]).sort(), table.name).toEqual([
        ["app", ["bellwether_app"], "ALL"],
        ["system", ["bellwether_system"], "ALL"],
      ]);
      const app = table.policies.find(({ name }) => name === "app");
      expect(app?.using, table.name).toContain(own);
      if (table.name !== "account_scopes") expect(app?.check, table.name).toContain(own);
    }
  });

  test("names its studio always, and its project unless it may concern none", () => {
    for (const table of scoped()) {
      expect(table.notNull, table.name).toContain("account_scope_id");
      if (table.hasProject) expect(table.notNull.includes("project_id"), table.name).toBe(!(table.name in OPTIONAL_PROJECT));
    }
  });

  test("with a project wears the guard, on insert and on update, and a foreign key to project and studio together", () => {
    for (const table of guarded().filter(({ name }) => !(name in BY_STATEMENT))) {
      expect(table.guard, table.name).toEqual({ enabled: true, before: true, insert: true, update: ["account_scope_id", "project_id"] });
      expect(table.foreignKeys, table.name).toContainEqual(
        expect.objectContaining({ to: "projects", columns: ["project_id", "account_scope_id"], toColumns: ["id", "account_scope_id"] }),
      );
    }
  });

  test("points at another scoped table only together with the scope", () => {
    const bare = scoped().flatMap((table) =>
      table.foreignKeys
        .filter(({ to }) => tables.some(({ name, hasAccount }) => name === to && hasAccount))
        .filter(({ columns }) => !columns.includes("project_id") && !columns.includes("account_scope_id"))
        .map(({ name }) => name),
    );
    expect(bare).toEqual(Object.keys(PLAIN_FOREIGN_KEYS));
  });

  test("is nobody's to look past: the roles neither bypass row-level security nor own anything", async () => {
    const roles = await asOwner(
      () => sql`
        select rolname, rolsuper, rolbypassrls, (select count(*) from pg_class c where c.relowner = r.oid) as owns
        from pg_roles r where rolname like 'bellwether\_%' order by 1`,
    );
    const harmless = { rolsuper: false, rolbypassrls: false, owns: 0 };
    expect(roles).toEqual([
      { rolname: "bellwether_app", ...harmless },
      { rolname: "bellwether_system", ...harmless },
    ]);
  });
});

type PgError = { code: string; constraint_name?: string; message: string };
const failure = async (work: () => Promise<unknown>): Promise<PgError | undefined> => {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error as PgError;
  }
};
const insert = (table: string, row: Record<string, unknown>) => sql`insert into ${sql(table)} ${sql(row as Record<string, string>)}`;

test("a write across scopes fails on every table, whoever writes", async () => {
  const [a = "", b = ""] = here.projects;
  for (const table of guarded()) {
    const { name, appGrants } = table;
    const guard = `${name}_scope_guard`;
    const asAnyone = (row: Record<string, unknown>) => failure(() => asOwner(() => insert(name, row)));
    // A guard by statement sees whole rows only.
    const rest = name in BY_STATEMENT ? rowOf(table, a, here.accountScopeId) : {};
    if (!(name in OPTIONAL_PROJECT)) {
      expect(await asAnyone({ ...rest, project_id: null, account_scope_id: here.accountScopeId }), name).toMatchObject({
        code: "23502",
        ...(name in BY_STATEMENT ? {} : { constraint_name: guard }),
      });
    }
    expect(await asAnyone({ ...rest, project_id: randomUUID() }), name).toMatchObject({ code: "23503", constraint_name: guard });
    expect(await asAnyone({ ...rest, project_id: a, account_scope_id: there.accountScopeId }), name).toMatchObject({
      code: "23514",
      constraint_name: guard,
    });
    const inScope = (row: Record<string, unknown>) => failure(() => transaction(here.scope(0), () => insert(name, row)));
    expect(await inScope({ project_id: b }), name).toMatchObject({ code: "42501" });
    expect(await inScope({ project_id: there.projects[0] }), name).toMatchObject({ code: "42501" });
    // Its own project gets past the guard and the policy, to whatever else the row lacks.
    if (appGrants.includes("INSERT")) expect((await inScope({ project_id: a }))?.code, name).not.toBe("42501");
  }
  for (const { name } of scoped().filter(({ hasProject }) => !hasProject)) {
    const elsewhere = () => transaction(here.scope(0), () => insert(name, { account_scope_id: there.accountScopeId }));
    expect(await failure(elsewhere), name).toMatchObject({ code: "42501" });
    const nowhere = () => asOwner(() => insert(name, { account_scope_id: null }));
    expect(await failure(nowhere), name).toMatchObject({ code: "23502" });
  }
});

test("a row is seen and changed in its own scope only", async () => {
  const outside = [here.scope(1), there.scope(0), { accountScopeId: there.accountScopeId }];
  for (const table of scoped()) {
    const readable = table.appGrants.includes("SELECT");
    await plant(table, here.projects[0] ?? "", here.accountScopeId);
    const count = async () => (await sql`select 1 from ${sql(table.name)}`).length;
    if (!readable) continue;
    expect(await transaction(here.scope(0), count), table.name).toBe(1);
    for (const scope of outside) {
      if (!table.hasProject && scope.accountScopeId === here.accountScopeId) continue;
      expect(await transaction(scope, count), table.name).toBe(0);
    }
    if (!table.hasProject || !table.appGrants.includes("UPDATE")) continue;
    const move = () => transaction(here.scope(0), () => sql`update ${sql(table.name)} set project_id = ${here.projects[1] ?? ""}`);
    expect((await failure(move))?.code, table.name).toMatch(/^(42501|23503)$/);
  }
});

test("a project that moves to another studio takes its rows along, or does not move", async () => {
  const moved: string[] = [];
  for (const table of guarded()) {
    const from = await studio(1);
    const to = await studio(0);
    const id = from.projects[0] ?? "";
    await plant(table, id, from.accountScopeId);
    const refused = await failure(() => asOwner(() => sql`update projects set account_scope_id = ${to.accountScopeId} where id = ${id}`));
    const [row] = await asOwner(
      () => sql`
        select count(*) as rows, count(*) filter (where t.account_scope_id = p.account_scope_id) as same from projects p join ${sql(table.name)} t on t.project_id = p.id
        where p.id = ${id}`,
    );
    expect(row, table.name).toEqual({ rows: 1, same: 1 });
    if (refused) expect(refused.code, table.name).toBe("23503");
    else moved.push(table.name);
  }
  expect(moved).toContain("job_runs");
  expect(moved).not.toContain("project_assignments");
});

/** Puts a row into a table past its foreign keys, which are not what is tested. */
async function plant(table: Row, projectId: string, accountScopeId: string): Promise<void> {
  await asOwner(async () => {
    await sql`set local session_replication_role = replica`;
    await insert(table.name, rowOf(table, projectId, accountScopeId));
  });
}
