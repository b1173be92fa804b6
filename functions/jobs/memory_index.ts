import * as Indexing from "#core/memory/indexing.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("memory_index", Indexing.refresh);
export const handler = onQueue(app);
