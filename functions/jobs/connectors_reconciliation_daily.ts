import * as Reconcile from "#core/connectors/reconcile.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("connectors_reconciliation_daily", Reconcile.daily);
export const handler = onQueue(app);
