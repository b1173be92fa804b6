import { AsyncLocalStorage } from "node:async_hooks";
import postgres from "postgres";
import { config } from "#core/config.ts";
import { Failed } from "#core/error.ts";
import { log } from "#core/log.ts";
import { type Scope, settings } from "#core/scope.ts";

export type Sql = postgres.Sql<{ bigint: number }>;
type Effect = () => Promise<unknown>;
type Open = { tx: Sql; scope: string; after: Effect[] };

const open = new AsyncLocalStorage<Open>();
/** Postgres: two transactions wait for each other, and this one was chosen to give way. */
const DEADLOCK = "40P01";
let pool: Sql | undefined;
let connecting: Promise<Sql> | undefined;

const common = {
  transform: { column: { from: postgres.toCamel, to: postgres.fromCamel }, undefined: null },
  // Upstream ids and counters stay below 2^53.
  types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  onnotice: () => undefined,
} satisfies postgres.Options<{ bigint: postgres.PostgresType<number> }>;

/** Opens the database named by the configuration: a server with DATABASE_URL, else the embedded one in BELLWETHER_DATA. Idempotent. */
export async function connect(): Promise<void> {
  await ready();
}

/** Puts an open postgres.js instance in place of the configured one: tests, benchmarks and the embedded database use it. */
export function adopt(instance: Sql | undefined): void {
  pool = instance;
  connecting = undefined;
}

/** A postgres.js pool on a server whose sessions start as `role`; without a role, as the user who signed in (migrations). */
export function serverPool(
  url: string,
  options: { max: number; role?: string; debug?: NonNullable<postgres.Options<never>["debug"]> },
): Sql {
  const { max, role, debug } = options;
  return postgres(url, {
    ...common,
    max,
    ...(debug ? { debug } : {}),
    // Compiling a plan takes longer than any of these statements run.
    connection: { application_name: "bellwether", jit: "off", ...(role ? { role } : {}) },
  }) as unknown as Sql;
}

/** A postgres.js instance that speaks over the given in-process socket: one session, so one connection. */
export function socketPool(socket: () => Promise<unknown>): Sql {
  const options = { ...common, host: "pglite", user: "postgres", database: "postgres", max: 1, max_pipeline: 1_000_000, socket };
  return postgres(options as postgres.Options<{ bigint: postgres.PostgresType<number> }>) as unknown as Sql;
}

export async function disconnect(): Promise<void> {
  const closing = pool;
  adopt(undefined);
  await closing?.end({ timeout: 5 });
}

async function ready(): Promise<Sql> {
  if (pool) return pool;
  connecting ??= config.DATABASE_URL
    ? Promise.resolve(serverPool(config.DATABASE_URL, { max: config.DATABASE_POOL_MAX, role: "bellwether_system" }))
    : Promise.reject(new Error("No DATABASE_URL: the embedded database has to be opened first (local/database.ts)."));
  pool = await connecting;
  return pool;
}

/** The one tag. Inside `transaction` it is that transaction; outside it is refused, because nobody said whose rows it may see. */
export const sql: Sql = new Proxy((() => undefined) as unknown as Sql, {
  apply: (_target, _self, args) => Reflect.apply(current() as unknown as (...given: unknown[]) => unknown, undefined, args),
  get: (_target, key) => Reflect.get(current(), key),
});

/** One statement of its own as `bellwether_system`: claim, ledger, sign-in. Refused inside a transaction, where `sql` is meant. */
export async function systemSql<T extends readonly object[]>(strings: TemplateStringsArray, ...values: readonly unknown[]): Promise<T> {
  if (open.getStore()) throw new Error("systemSql inside a transaction: use sql, it follows the transaction.");
  const target = await ready();
  return (await target(strings, ...(values as never[]))) as unknown as T;
}

/**
 * Runs `work` in one transaction that sees the rows of `scope` and no others. Inside an open transaction of the same scope it joins it; of another
 * scope it is refused. Effects given to `afterCommit` run once it is committed.
 */
export async function transaction<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
  const { role, projectIds, accountScopeId } = settings(scope);
  const name = `${role} ${projectIds} ${accountScopeId}`;
  const outer = open.getStore();
  if (outer) {
    if (outer.scope !== name) throw new Error(`A transaction of another scope is open (${outer.scope}; asked for ${name}).`);
    return work();
  }
  const after: Effect[] = [];
  const target = await ready();
  const begun = target.begin(async (tx) => {
    await tx`
      select set_config('role', ${role}, true), set_config('app.project_ids', ${projectIds}, true),
        set_config('app.account_scope_id', ${accountScopeId}, true)`;
    return open.run({ tx: tx as unknown as Sql, scope: name, after }, work);
  });
  const result = await begun.catch((error: unknown) => {
    throw (error as { code?: unknown }).code === DEADLOCK ? new Failed("database_busy", {}, { cause: error }) : error;
  });
  for (const effect of after) {
    // What an effect sends is a row already: dispatch sends it again when this fails.
    await effect().catch((error: unknown) => log.error("effect after commit failed", { error }));
  }
  return result as T;
}

/** Runs an effect once the open transaction has committed; never when it rolls back. */
export function afterCommit(effect: Effect): void {
  const transactionNow = open.getStore();
  if (!transactionNow) throw new Error("afterCommit outside a transaction.");
  transactionNow.after.push(effect);
}

function current(): Sql {
  const transactionNow = open.getStore();
  if (!transactionNow) throw new Error("sql outside a transaction: open one with transaction(scope, work).");
  return transactionNow.tx;
}
