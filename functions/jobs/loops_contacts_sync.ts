import * as Loops from "#core/outbound/loops/sync.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("loops_contacts_sync", Loops.contacts);
export const handler = onQueue(app);
