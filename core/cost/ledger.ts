import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import { SourceError, unsent } from "#core/connectors/http.ts";
import * as Budget from "#core/cost/budget.ts";
import { cost, isVendors, type Tokens } from "#core/cost/prices.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { Later, Refused } from "#core/error.ts";
import { type ProjectScope, system } from "#core/scope.ts";

/** For whom a model is called: a run of a job, or a person or key (`by`: its label), in exactly one project. */
export type Spender = { scope: ProjectScope; by: string; run?: { id: string; job: string } | undefined };
/** One call: what it is for, and how much it may come to at most. */
export type Call = { purpose: string; model: string; texts: number; atMost: Tokens };
/** Told of a try that failed before the same is asked again: each try is paid for. Throws `budget_exhausted`. */
export type Again = (error: SourceError) => Promise<void>;

/**
 * Calls a model within the budgets and writes down what it cost. What a try may come to is set aside first, so that two at once cannot overdraw, and a
 * process that dies in between leaves it written. Throws `unknown_price`, `budget_exhausted`, and whatever the call throws: unless that is sure to have cost
 * nothing, it stays written with the most that it may have come to. `used`: undefined where the answer does not tell.
 */
export async function paid<T>(
  spender: Spender,
  call: Call,
  ask: (again: Again) => Promise<{ value: T; used: Tokens | undefined }>,
): Promise<{ value: T; costUsd: number }> {
  const price = (tokens: Tokens, at: Date) => cost(call.model, config.OPENAI_BASE_URL, at, tokens);
  const reserve = async () => {
    const at = Clock.now();
    const most = price(call.atMost, at);
    if (most === undefined) throw new Refused("unknown_price", { model: call.model });
    return transaction(system, async () => {
      if (most > 0) await Budget.refuseUnlessLeft(spender, most, at);
      return { at, id: await write(spender, call, { tokens: call.atMost, price: most, cached: false, settled: false }, at) };
    });
  };
  let open: { at: Date; id: number } | undefined = await reserve();
  const failed = async (error: unknown) => {
    const id = open?.id ?? null;
    open = undefined;
    if (free(error)) await systemSql`delete from cost_ledger where id = ${id}`;
    else await systemSql`update cost_ledger set settled = true where id = ${id}`;
  };
  try {
    const { value, used = call.atMost } = await ask(async (error) => {
      await failed(error);
      open = await reserve();
    });
    const costUsd = price(used, open.at) ?? 0;
    await systemSql`
      update cost_ledger set input_tokens = ${used.input}, output_tokens = ${used.output}, price_usd = ${costUsd}, settled = true where id = ${open.id}`;
    return { value, costUsd };
  } catch (error) {
    await failed(error);
    throw error;
  }
}

/** Whether what went wrong is sure to be on no bill: nothing was sent, or it was refused. An answer that was cut short or came late is on it. */
function free(error: unknown): boolean {
  if (error instanceof Refused || error instanceof Later) return true;
  // A circuit that opens hides what opened it.
  const source = error instanceof Error && !(error instanceof SourceError) ? error.cause : error;
  return source instanceof SourceError && (unsent(source) || (source.status >= 400 && source.status < 500));
}

/** Writes down what needed no call, because it had been paid for before. */
export async function spared(spender: Spender, { purpose, model, texts }: Omit<Call, "atMost">): Promise<void> {
  const saved = { tokens: { input: 0, output: 0 }, price: 0, cached: true, settled: true };
  await transaction(system, () => write(spender, { purpose, model, texts }, saved, Clock.now()));
}

/** US dollars of a run so far, all its attempts together. */
export async function ofRun(runId: string): Promise<number> {
  const [row] = await systemSql<
    { usd: number }[]
  >`select coalesce(sum(price_usd), 0)::float8 as usd from cost_ledger where run_id = ${runId}`;
  return row?.usd ?? 0;
}

type Entry = { tokens: Tokens; price: number; cached: boolean; settled: boolean };

async function write(spender: Spender, call: Omit<Call, "atMost">, entry: Entry, now: Date): Promise<number> {
  const { scope, by, run } = spender;
  const provider = isVendors(config.OPENAI_BASE_URL) ? "openai" : new URL(config.OPENAI_BASE_URL).host;
  const [row] = await sql<{ id: number }[]>`
    insert into cost_ledger (project_id, account_scope_id, at, purpose, provider, model, job, run_id, asked_by, texts, input_tokens, output_tokens, price_usd, cached, settled)
    values (${only(scope)}, ${scope.accountScopeId}, ${now}, ${call.purpose}, ${provider}, ${call.model}, ${run?.job ?? null}, ${run?.id ?? null}, ${by}, ${call.texts},
      ${entry.tokens.input}, ${entry.tokens.output}, ${entry.price}, ${entry.cached}, ${entry.settled})
    returning id`;
  if (!row) throw new Error("a cost was not written");
  return row.id;
}

function only({ projects }: ProjectScope): string {
  const [projectId] = projects;
  if (!projectId || projects.length !== 1) throw new Error("a cost belongs to exactly one project");
  return projectId;
}
