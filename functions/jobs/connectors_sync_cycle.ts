import * as Sync from "#core/connectors/sync.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("connectors_sync_cycle", Sync.cycle);
export const handler = onQueue(app);
