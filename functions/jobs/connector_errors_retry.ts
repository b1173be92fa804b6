import * as Retry from "#core/connectors/retry.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("connector_errors_retry", Retry.errors);
export const handler = onQueue(app);
