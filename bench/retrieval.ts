import { stat } from "node:fs/promises";
import { sql } from "#core/db.ts";
import { openEmbedded } from "#local/database.ts";
import { asOwner } from "#test/database.ts";
import { type Library, library, write } from "#test/texts.ts";
import type { Row } from "./main.ts";
import * as Corpus from "./support/corpus.ts";
import { benchDatabase } from "./support/database.ts";
import { type Embedder, embed, embedder } from "./support/embedder.ts";
import * as Finders from "./support/finders.ts";
import { AT, mean, type Outcome, places, recall, reciprocal } from "./support/recall.ts";

const CATEGORIES = { 1: "multi_hop", 2: "temporal", 3: "open_domain", 4: "single_hop", 5: "adversarial" } as const;
const WAYS = { "": Finders.product, _ilike: Finders.ilike, _bm25: Finders.bm25 } as const;
const WAYS_MODEL = { _model: Finders.product, _vectors: Finders.vectors } as const;

/**
 * What is found of what answers a question, on the server that DATABASE_URL names or embedded, without a model and with one. LoCoMo: the share of a
 * question's evidence turns among the first 5, 10, 25 and 50, one conversation a project. `--corpus PATH`: another file of that format.
 */
export async function run(say: (line: string) => void, flags: readonly string[] = []): Promise<Row[]> {
  const given = flags.includes("--corpus") ? flags[flags.indexOf("--corpus") + 1] : undefined;
  const path = given ?? Corpus.shared("locomo-a.json");
  if (!(await stat(path).catch(() => undefined))) throw new Error(`${path} is not there.`);
  const { drop } = process.env.DATABASE_URL ? await benchDatabase("retrieval", 4) : await embedded();
  try {
    const model = await embedder();
    if (!model) say("no model server: without vectors");
    const english = await Corpus.locomo(path);
    const rows = await conversations(english, model, say);
    if (given) return rows;
    return [...rows, ...(await languages(english, model, say)), ...(await passages(model, say)), ...(await meetings(say))];
  } finally {
    await drop();
  }
}

type Shelf = { library: Library; books: readonly Corpus.Book[] };
type Measured = Map<string, Outcome[]>;

/** Writes books, a project each, with their vectors if there is a model. */
async function shelve(books: readonly Corpus.Book[], model: Embedder | undefined, say: (line: string) => void): Promise<Shelf> {
  const at = await library(books.length);
  for (const [n, book] of books.entries()) {
    await write(at, book.texts, n);
    if (model) await embed(model, at.scope(n), Finders.MODEL);
    say(`${book.name}: ${book.texts.length} texts, ${book.questions.length} questions`);
  }
  await asOwner(() => sql`analyze rag_chunks, rag_postings, rag_vectors`);
  return { library: at, books };
}

/** The places at which every way finds what answers; `wording`: what a question is asked as. */
async function measure(
  { library: at, books }: Shelf,
  model: Embedder | undefined,
  wording = (q: Corpus.Asked) => q.text,
): Promise<Measured[]> {
  const all: Measured[] = [];
  for (const [n, book] of books.entries()) {
    const found: Measured = new Map();
    for (const question of book.questions) {
      const text = wording(question);
      const [vector] = model ? await model.vectors("e5-query", [text]) : [];
      const note = async (way: string, find: Finders.Finder, asked?: readonly number[]) =>
        found.set(way, [
          ...(found.get(way) ?? []),
          { category: question.category, places: places(await find(at.scope(n), text, asked), question.gold) },
        ]);
      for (const [way, find] of Object.entries(WAYS)) await note(way, find);
      if (vector) for (const [way, find] of Object.entries(WAYS_MODEL)) await note(way, find, Array.from(vector));
    }
    all.push(found);
  }
  return all;
}

const merged = (measured: readonly Measured[]): Measured =>
  new Map([...(measured[0]?.keys() ?? [])].map((way) => [way, measured.flatMap((one) => one.get(way) ?? [])]));

const percent = (name: string, value: number): Row => ({ case: name, value, unit: "%" });

async function conversations(books: readonly Corpus.Book[], model: Embedder | undefined, say: (line: string) => void): Promise<Row[]> {
  const measured = await measure(await shelve(books, model, say), model);
  const table = (name: string, part: readonly Measured[]): Row[] =>
    [...merged(part)].flatMap(([way, outcomes]) => [
      ...AT.map((k) => percent(`${name}_r${k}${way}`, recall(outcomes, k))),
      { case: `${name}_mrr${way}`, value: reciprocal(outcomes), unit: "" },
    ]);
  const kinds = [...merged(measured)].flatMap(([way, outcomes]) =>
    Object.entries(CATEGORIES).flatMap(([category, name]) => {
      const of = outcomes.filter((one) => one.category === Number(category));
      return of.length > 0 ? [percent(`locomo_r10_${name}${way}`, recall(of, 10))] : [];
    }),
  );
  // The weights were fitted on the first three.
  const held = measured.length > 3 ? table("locomo_held_out", measured.slice(3)) : [];
  return [...table("locomo", measured), ...kinds, ...held];
}

/** The first two conversations in Russian: asked and told in the one language, and across. */
async function languages(english: readonly Corpus.Book[], model: Embedder | undefined, say: (line: string) => void): Promise<Row[]> {
  const russian = await Corpus.locomo(Corpus.shared("locomo-ru.json"));
  const [en, ru] = [await shelve(english.slice(0, russian.length), model, () => undefined), await shelve(russian, model, say)];
  const asked = (shelf: Shelf, books: readonly Corpus.Book[]): Shelf => ({
    ...shelf,
    books: shelf.books.map((book, n) => ({ ...book, questions: books[n]?.questions ?? [] })),
  });
  const ways = {
    en_en: await measure(asked(en, russian), model, (question) => question.english ?? question.text),
    ru_ru: await measure(ru, model),
    ru_en: await measure(asked(en, russian), model),
    en_ru: await measure(ru, model, (question) => question.english ?? question.text),
  };
  return Object.entries(ways).flatMap(([name, measured]) =>
    [...merged(measured)].map(([way, outcomes]) => percent(`${name}_r10${way}`, recall(outcomes, 10))),
  );
}

async function passages(model: Embedder | undefined, say: (line: string) => void): Promise<Row[]> {
  const measured = merged(await measure(await shelve(await Corpus.hotpot(), model, say), model));
  return [...measured].flatMap(([way, outcomes]) => [2, 5, 10].map((k) => percent(`hotpot_r${k}${way}`, recall(outcomes, k))));
}

/** One meeting a project: whether a text among the first five lies in a stretch that answers. Without the model: ten thousand turns take it too long. */
async function meetings(say: (line: string) => void): Promise<Row[]> {
  const { library: at, books } = await shelve(await Corpus.qmsum(), undefined, say);
  const hits = new Map<string, number[]>();
  for (const [n, { questions }] of books.entries()) {
    for (const { text, spans } of questions) {
      for (const [way, find] of Object.entries(WAYS)) {
        const first = (await find(at.scope(n), text)).slice(0, 5).map(Number);
        const hit = first.some((turn) => spans.some(([from, to]) => turn >= from && turn <= to));
        hits.set(way, [...(hits.get(way) ?? []), hit ? 1 : 0]);
      }
    }
  }
  return [...hits].map(([way, of]) => percent(`qmsum_span_at_5${way}`, 100 * mean(of)));
}

async function embedded(): Promise<{ drop: () => Promise<void> }> {
  const { close } = await openEmbedded("memory://");
  return { drop: close };
}
