import * as Identity from "#core/identity/suggest.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("identity_suggestions", Identity.refresh);
export const handler = onQueue(app);
