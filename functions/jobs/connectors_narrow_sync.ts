import * as Narrow from "#core/connectors/narrow.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("connectors_narrow_sync", Narrow.narrow);
export const handler = onQueue(app);
