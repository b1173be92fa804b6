import * as Words from "#core/memory/words.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("memory_index", Words.refresh);
export const handler = onQueue(app);
