import * as Embed from "#core/memory/embed.ts";
import { job, onQueue } from "#functions/door.ts";

export const app = job("embeddings_run", Embed.run);
export const handler = onQueue(app);
