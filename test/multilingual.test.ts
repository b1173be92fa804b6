import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { config } from "#core/config.ts";
import { sql, transaction } from "#core/db.ts";
import { embedQuestion } from "#core/memory/embed-question.ts";
import { chunks, models, RUN, studioOf } from "#test/embedding.ts";
import type { World } from "#test/world.ts";

/** A real model of many languages, which lies beside the checkout. A newcomer has none; under CI its absence is an error. */
const TOOL = resolve(import.meta.dirname, "..", "../shared/tools/embeddings.sh");
const run = promisify(execFile);
const answers = (url: string) =>
  fetch(url.replace(/v1$/, "health")).then(
    ({ ok }) => ok,
    () => false,
  );
if (!existsSync(TOOL) && process.env.CI === "true") throw new Error(`CI must ask a real model, and ${TOOL} is absent.`);

models();
let url = "";
let startedHere = false;
beforeAll(async () => {
  if (!existsSync(TOOL)) return;
  startedHere = !(await answers(`http://127.0.0.1:${process.env.EMBEDDINGS_PORT ?? 54_388}/v1`));
  const { stdout } = await run(TOOL, ["start"]);
  url = stdout.trim().split("\n").at(-1) ?? "";
}, 120_000);
afterAll(async () => {
  if (startedHere) await run(TOOL, ["stop"]);
});

/** What was said in one language, and asked in the other. */
const ENGLISH: [string, string][] = [
  ["We will deliver the new landing page by the end of next week.", "Когда будет готов новый лендинг?"],
  ["The invoice for October has not been paid yet.", "Какой счёт не оплачен?"],
  ["Anna is on holiday until Monday, please write to Boris instead.", "Кто сейчас в отпуске?"],
  ["Could you change the colour of the button on the checkout page to green?", "Какого цвета должна быть кнопка?"],
  ["The server went down twice last night, we are looking into the logs.", "Что случилось с сервером ночью?"],
];
const RUSSIAN: [string, string][] = [
  ["Мы согласовали бюджет на рекламу: двести тысяч рублей в месяц.", "How large is the monthly advertising budget?"],
  ["Новый логотип клиенту не понравился, он просит вернуть старый.", "What does the client think of the logo?"],
  ["Договор подпишем после проверки юристом.", "When will the contract be signed?"],
  ["Встречу перенесли на среду, в три часа дня.", "When is the meeting?"],
  ["Доступы к хостингу пришлю завтра утром.", "When do we get access to the hosting?"],
];

/** The text nearest to a question, by one part of its vectors. */
async function nearest(w: World, n: number, question: string, part: string): Promise<string | undefined> {
  const asked = await embedQuestion(w.scope(n), question, { timeoutMs: 10_000 });
  if ("reason" in asked) throw new Error(JSON.stringify(asked.reason));
  const [found] = await transaction(
    w.scope(n),
    () => sql<{ text: string }[]>`
      select c.text from rag_vectors v join rag_chunks c using (project_id, chunk_no)
      where v.project_id = ${w.projects[n] ?? ""} and v.model = ${asked.model} and v.part = ${part}
      order by v.embedding <=> ${JSON.stringify(asked.vector)}::halfvec limit 1`,
  );
  return found?.text;
}

test.skipIf(!existsSync(TOOL))(
  "a Russian question finds what was said in English, and the other way round",
  { timeout: 120_000 },
  async () => {
    Object.assign(config, {
      OPENAI_BASE_URL: url,
      EMBEDDING_MODEL: "e5-passage",
      EMBEDDING_QUERY_MODEL: "e5-query",
      EMBEDDING_DIMENSIONS: 384,
    });
    delete config.OPENAI_API_KEY;
    const w = await studioOf(2);
    for (const [n, talk] of [ENGLISH, RUSSIAN].entries()) {
      await chunks(
        w,
        talk.map(([text]) => text),
        n,
      );
      expect(await w.run(RUN, n)).toMatchObject({ status: "ok", reason: null, counters: { embedded: talk.length } });
      for (const part of ["turn", "window"])
        for (const [text, question] of talk) expect(await nearest(w, n, question, part), question).toBe(text);
    }
  },
);
