import * as Cycle from "#core/connectors/cycle.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("connectors_sync_cycle", Cycle.cycle);
export const handler = onQueue(app);
