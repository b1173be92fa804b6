import * as Crm from "#core/crm/mirror.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("crm_mirror", Crm.refresh);
export const handler = onQueue(app);
