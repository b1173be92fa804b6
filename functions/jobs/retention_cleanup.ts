import * as Retention from "#core/platform/retention.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("retention_cleanup", Retention.cleanup);
export const handler = onQueue(app);
