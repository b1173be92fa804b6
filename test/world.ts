import * as Clock from "#core/clock.ts";
import * as Binding from "#core/connectors/binding.ts";
import * as Connection from "#core/connectors/connection.ts";
import * as Secret from "#core/connectors/secret.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { type JobName, jobs } from "#core/jobs/catalogue.ts";
import { sweep } from "#core/jobs/dispatch.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import * as Request from "#core/jobs/request.ts";
import { drain } from "#local/consumer.ts";
import { jobHandlers } from "#local/doors.ts";
import { asOwner, empty } from "#test/database.ts";
import { type Options, type Running, startChatwoot } from "#test/simulators/chatwoot/server.ts";
import { type Studio, studio } from "#test/studio.ts";

export type World = Studio & {
  sim: Running;
  connectionId: string;
  bind: (n: number, filter?: Partial<Omit<Binding.Draft, "connectionId">>) => Promise<void>;
  /**
   * Asks for a run of a job in project `n` and works the queues until nothing is visible, those of memory only for a job of memory; answers how the run
   * stands. `work` works them all.
   */
  run: (
    job: JobName,
    n?: number,
    trigger?: "manual" | "cascade",
  ) => Promise<{ status: string; reason: { code: string; params: Record<string, string> } | null; counters: Record<string, number> }>;
  work: () => Promise<number>;
};

/** A studio with a simulated Chatwoot of its own, connected, and nothing bound yet. Ends the worlds of the tests before it. */
export async function world(projects: number, options: Options = {}): Promise<World> {
  await empty();
  Secret.useKey("a key for tests");
  const queue = embeddedQueue(() => ({ visibilitySeconds: 300, maxReceives: 5 }));
  Queue.use(queue);
  const handlers = await jobHandlers();
  const agency = await studio(projects);
  const { accountScopeId } = agency;
  const sim = await startChatwoot({ size: "empty", rateLimit: false, ...options });
  const draft = Connection.Draft.parse({
    source: "chatwoot",
    name: "Chat",
    baseUrl: sim.baseUrl,
    externalAccount: String(sim.accountId),
    apiToken: sim.tokens.admin,
  });
  const { id: connectionId } = await transaction({ accountScopeId }, () => Connection.create({ accountScopeId }, draft, "test", true));
  const work = () => drain(queue, handlers);
  const { memory_index: _, embeddings_run: __, memory_extract: ___, ...others } = handlers;
  return {
    ...agency,
    sim,
    connectionId,
    work,
    bind: async (n, filter = {}) => {
      const scope = agency.scope(n);
      await transaction(scope, () => Binding.replace(scope, [{ ...Binding.whole(connectionId), ...filter }], "test"));
    },
    run: async (job, n = 0, trigger = "cascade") => {
      const id = await Request.ask(jobs, agency.scope(n), job, { trigger, by: "test" });
      // The clock was moved: a message that waits out a backoff does not know.
      await sweep(jobs);
      await drain(queue, job in others ? others : handlers);
      const [row] = await systemSql<Awaited<ReturnType<World["run"]>>[]>`select status, reason, counters from job_runs where id = ${id}`;
      if (!row) throw new Error("the run is gone");
      return row;
    },
  };
}

/** Another source of the same studio, connected; answers how to bind parts of it to project `n`. */
export async function connect(
  w: World,
  draft: Pick<Connection.Draft, "source" | "baseUrl" | "externalAccount" | "apiToken">,
): Promise<{ connectionId: string; bind: World["bind"] }> {
  const { accountScopeId } = w;
  const full = Connection.Draft.parse({ name: draft.source, ...draft });
  const { id } = await transaction({ accountScopeId }, () => Connection.create({ accountScopeId }, full, "test", true));
  const bind: World["bind"] = async (n, filter = {}) => {
    const scope = w.scope(n);
    await transaction(scope, () => Binding.replace(scope, [{ ...Binding.whole(id), ...filter }], "test"));
  };
  return { connectionId: id, bind };
}

/** The rows of business data, counted and fingerprinted: a second identical run leaves both alone. */
export async function fingerprint(): Promise<Record<string, string>> {
  return asOwner(async () => {
    const prints: Record<string, string> = {};
    const tables = await sql<{ name: string }[]>`
      select tablename as name from pg_tables where schemaname = 'public' and (tablename ~ '^(cw|linear|attio|crm|identity)_' or tablename = 'project_sources')`;
    for (const { name } of tables) {
      const [row] = await sql<{ print: string }[]>`
        select count(*) || ':' || coalesce(md5(string_agg(t.xmin::text || t::text, '' order by t::text)), '') as print from ${sql(name)} t`;
      prints[name] = row?.print ?? "";
    }
    const [events] = await sql<{ print: string }[]>`select count(*)::text as print from kag_event_log where source <> 'system'`;
    return { ...prints, events: events?.print ?? "" };
  });
}

/** Moves the product's clock on, from wherever it is; it then stands still. */
export function pass(seconds: number): void {
  Clock.set(new Date(Clock.now().getTime() + seconds * 1_000), 0);
}
