import * as Extract from "#core/memory/extract.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("memory_extract", Extract.run);
export const handler = onQueue(app);
