import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";

/** Every log and the days its rows are kept. What has an open end (a running run, a live error) is kept whatever its age. */
export const RETENTION = [
  { table: "kag_event_log", days: 30, of: "process events" },
  { table: "worker_runs", days: 30, of: "attempts" },
  { table: "job_runs", days: 90, of: "runs" },
  { table: "sync_reconciliation_metrics", days: 365, of: "completeness" },
  { table: "sync_reconciliation_diffs", days: 90, of: "differences found by a crawl" },
  { table: "webhook_deliveries", days: 30, of: "webhooks taken" },
  { table: "connector_errors", days: 90, of: "resolved connector errors" },
  { table: "lightrag_query_runs", days: 180, of: "questions, with their ratings" },
  { table: "audit_events", days: 730, of: "audit" },
  { table: "sessions", days: 0, of: "expired sessions" },
  { table: "idempotency_keys", days: 0, of: "expired idempotency keys" },
  { table: "login_attempts", days: 1, of: "sign-in attempts" },
  { table: "cost_ledger", days: 730, of: "what models cost" },
  { table: "embedding_cache", days: 90, of: "vectors that no text asked for" },
  { table: "model_rests", days: 0, of: "rests of keys that are over" },
] as const;
type Table = (typeof RETENTION)[number]["table"];

const BATCH = 1_000;

/** Deletes what is past its days, in bounded batches, until nothing is left or the budget ends. The tables are the system's; each project's run does its own rows. */
export async function cleanup(run: Run): Promise<Outcome> {
  const counters: Record<string, number> = {};
  for (const { table, days } of RETENTION) {
    const before = new Date(Clock.now().getTime() - days * 86_400_000);
    for (;;) {
      const deleted = await remove(table, run, before);
      counters[table] = (counters[table] ?? 0) + deleted;
      if (deleted < BATCH) break;
      if (!run.budget.left()) return { processed: sum(counters), counters, more: true };
    }
  }
  return { processed: sum(counters), counters };
}

async function remove(table: Table, { projectId, accountScopeId }: Run, before: Date): Promise<number> {
  const rows = await statement(table, projectId, accountScopeId, before);
  return rows.length;
}

function statement(table: Table, projectId: string, accountScopeId: string, before: Date): Promise<readonly object[]> {
  switch (table) {
    case "kag_event_log":
      return systemSql`
        delete from kag_event_log where id in (
          select id from kag_event_log where project_id = ${projectId} and source = 'system' and observed_at < ${before} limit ${BATCH}) returning id`;
    case "worker_runs":
      return systemSql`
        delete from worker_runs where id in (select id from worker_runs where project_id = ${projectId} and finished_at < ${before} limit ${BATCH}) returning id`;
    case "job_runs":
      return systemSql`
        delete from job_runs where id in (
          select id from job_runs where project_id = ${projectId} and finished_at < ${before} and status in ('ok', 'failed', 'cancelled') limit ${BATCH}) returning id`;
    case "sync_reconciliation_metrics":
      return systemSql`
        delete from sync_reconciliation_metrics where id in (
          select id from sync_reconciliation_metrics where project_id = ${projectId} and captured_at < ${before} limit ${BATCH}) returning id`;
    case "sync_reconciliation_diffs":
      return systemSql`
        delete from sync_reconciliation_diffs where id in (
          select id from sync_reconciliation_diffs where project_id = ${projectId} and captured_at < ${before} limit ${BATCH}) returning id`;
    case "webhook_deliveries":
      return systemSql`
        delete from webhook_deliveries where (connection_id, delivery_id) in (
          select connection_id, delivery_id from webhook_deliveries where account_scope_id = ${accountScopeId} and received_at < ${before} limit ${BATCH})
        returning delivery_id`;
    case "connector_errors":
      return systemSql`
        delete from connector_errors where id in (
          select id from connector_errors where account_scope_id = ${accountScopeId} and status = 'resolved' and resolved_at < ${before} limit ${BATCH}) returning id`;
    case "lightrag_query_runs":
      return systemSql`
        delete from lightrag_query_runs where (project_id, id) in (
          select project_id, id from lightrag_query_runs where project_id = ${projectId} and created_at < ${before} limit ${BATCH}) returning id`;
    case "audit_events":
      return systemSql`
        delete from audit_events where id in (
          select id from audit_events
          where account_scope_id = ${accountScopeId} and (project_id = ${projectId} or project_id is null) and created_at < ${before} limit ${BATCH}) returning id`;
    case "sessions":
      return systemSql`delete from sessions where id_hash in (select id_hash from sessions where expires_at < ${before} limit ${BATCH}) returning id_hash`;
    case "idempotency_keys":
      return systemSql`
        delete from idempotency_keys where ctid in (select ctid from idempotency_keys where expires_at < ${before} limit ${BATCH}) returning key`;
    case "cost_ledger":
      return systemSql`
        delete from cost_ledger where id in (select id from cost_ledger where project_id = ${projectId} and at < ${before} limit ${BATCH}) returning id`;
    case "embedding_cache":
      return systemSql`
        delete from embedding_cache where (account_scope_id, model, dims, text_hash) in (
          select account_scope_id, model, dims, text_hash from embedding_cache where account_scope_id = ${accountScopeId} and used_at < ${before} limit ${BATCH})
        returning text_hash`;
    case "model_rests":
      return systemSql`delete from model_rests where credential in (select credential from model_rests where until < ${before} limit ${BATCH}) returning credential`;
    case "login_attempts":
      return systemSql`delete from login_attempts where id in (select id from login_attempts where attempted_at < ${before} limit ${BATCH}) returning id`;
  }
}

const sum = (counters: Record<string, number>): number => Object.values(counters).reduce((total, count) => total + count, 0);
