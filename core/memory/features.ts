import * as Field from "#core/memory/field.ts";

/** A word of the question: how rare it is, and whether it does no more than name somebody who is asked about. */
export type Term = { term: string; idf: number; naming: boolean };
/** A text that may answer: how often it has each word of the question, its likeness to the question, 0 without a vector, and whether it is
 * part of a talk. */
export type Row = {
  author: string | undefined;
  length: number;
  counts: ReadonlyMap<string, number>;
  turn: number;
  window: number;
  speech: boolean;
};
/** One value for each row. */
export type Columns = ReturnType<typeof placed>;

const B = 0.4;
const B_PASSAGE = 0.75;
const PASSAGE = 8;
const FADES = 0.85;
const NEAR: Field.Decay = { first: -2, weights: [0.6, 0.8, 1, 0.6] };
const NEARBY: Field.Decay = { first: -4, weights: [0.4, 0.6, 0.8, 0.9, 1, 0.9, 0.7] };

/**
 * What words, vectors, authors and neighbours say of every row, each value about 0..1. `runs`: rows that follow each other in one conversation, in its
 * order; nothing is read across their ends. `average`: words of a usual text. `named`: the authors whom the question names.
 */
export function placed(terms: readonly Term[], runs: readonly (readonly Row[])[], average: number, named: ReadonlySet<string>) {
  const rows = runs.flat();
  const f = Field.field(runs, average);
  const word = ({ term, idf }: Term) =>
    Field.word(
      f,
      idf,
      Float32Array.from(rows, ({ counts }) => counts.get(term) ?? 0),
    );
  const plain = terms.filter(({ naming }) => !naming).map(word);
  const naming = terms.filter((term) => term.naming).map(word);
  const body = Field.weighted(f, plain, ({ saturated }) => saturated);
  const near = Field.weighted(f, plain, (one) => Field.best(f, one, NEAR));
  const has = Field.weighted(f, plain, (one) => Field.within(f, one, 0, 0));
  const around = Field.weighted(f, plain, (one) => Field.within(f, one, -3, 2));
  const [inWindow, inPassage] = [Field.mergedLengths(f, -2, 1, 1), Field.mergedLengths(f, -PASSAGE, PASSAGE, FADES)];
  const passage = Field.weighted(f, plain, (one) => Field.merged(f, one, -PASSAGE, PASSAGE, FADES, B_PASSAGE, inPassage));
  const mentioned = Field.any(f, naming, 0, 0);
  const rarest = plain.toSorted((a, b) => b.idf - a.idf).slice(0, 1);
  const author = Float32Array.from(rows, (row) => (row.author !== undefined && named.has(row.author) ? 1 : 0));
  // What is said at length tends to matter; of a document, length says nothing.
  const length = Float32Array.from(rows, (row) => Math.log(1 + (row.speech ? row.length : average)) / 4);
  const turn = Float32Array.from(rows, (row) => row.turn);
  const window = Float32Array.from(rows, (row) => row.window);
  return {
    body,
    all_words: Field.weighted(f, [...plain, ...naming], ({ saturated }) => saturated),
    named_in_text: mentioned,
    named_beside: Field.any(f, naming, -1, 1).map((value, n) => Math.max(0, value - (mentioned[n] ?? 0))),
    before_2: Field.shifted(f, body, -2),
    before_1: Field.shifted(f, body, -1),
    after_1: Field.shifted(f, body, 1),
    after_2: Field.shifted(f, body, 2),
    near,
    nearby: Field.weighted(f, plain, (one) => Field.best(f, one, NEARBY)),
    has,
    has_squared: squared(has),
    beside: Field.weighted(f, plain, (one) => Field.within(f, one, -1, 1)),
    around,
    around_squared: squared(around),
    window: Field.weighted(f, plain, (one) => Field.merged(f, one, -2, 1, 1, B, inWindow)),
    rarest: Field.any(f, rarest, 0, 0),
    rarest_around: Field.any(f, rarest, -2, 2),
    passage,
    best_passage: shareOfBest(passage),
    best_nearby: shareOfBest(Field.highest(f, near, PASSAGE)),
    author,
    only_author: author.map((value) => (named.size === 1 ? value : 0)),
    length,
    length_squared: squared(length),
    like: turn,
    like_squared: squared(turn),
    like_before: Field.shifted(f, turn, -1),
    like_after: Field.shifted(f, turn, 1),
    like_nearby: Field.highest(f, turn, PASSAGE),
    like_window: window,
    like_window_squared: squared(window),
    like_window_before: Field.shifted(f, window, -1),
    like_window_after: Field.shifted(f, window, 1),
    like_window_nearby: Field.highest(f, window, PASSAGE),
  };
}

/** What only the texts of the best rows show; `before`: what was said just before, if anything. */
export type Told = {
  text: string;
  author: string | undefined;
  speech: boolean;
  before: { text: string; author: string | undefined; body: number } | undefined;
};
export type Asked = { when: boolean; howMany: boolean; phrases: readonly string[] };

const QUESTION = /\?["»”')\s]*(?:\[[^\]]*\]\s*)?$/u;
const TIME =
  /\b(?:yesterday|today|tomorrow|tonight|last|next|ago|since|weeks?|weekends?|months?|years?|days?|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november|december|summer|winter|spring|fall|autumn|recently|just|soon|morning|night|evening)\b|\b\d{4}\b|\d{1,2}[:./]\d{2}|(?<!\p{L})(?:вчера|позавчера|сегодня|завтра|прошл|следующ|назад|недел|месяц|году?(?!\p{L})|лет(?!\p{L})|дня(?!\p{L})|дней(?!\p{L})|выходн|понедельник|вторник|сред[ауы](?!\p{L})|четверг|пятниц|суббот|воскресен|январ|феврал|март|апрел|ма[йяе](?!\p{L})|июн|июл|август|сентябр|октябр|ноябр|декабр|летом|зимой|весной|осенью|недавно|только что|скоро|утром|вечером)/iu;
const NUMBER =
  /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|couple|several|once|twice)\b|(?<!\p{L})(?:два|две|двое|три|трое|четыр|пят[ьи]|шест|сем[ьи]|восем|девят|десят|пар[ауы]|дважды)/iu;

/** `body`: the row's own, as `placed` has it. */
export function spoken(asked: Asked, { text, author, speech, before }: Told, body: number) {
  const time = TIME.test(text) ? 1 : 0;
  const small = asked.phrases.length > 0 ? text.toLowerCase() : "";
  const reply = before && QUESTION.test(before.text) && before.author !== author;
  return {
    asks: speech && QUESTION.test(text) ? 1 : 0,
    replies: reply ? 1 : 0,
    replies_to: reply ? before.body : 0,
    time: speech ? time : 0,
    time_asked: asked.when ? time : 0,
    time_asked_body: asked.when ? time * body : 0,
    quoted: asked.phrases.filter((phrase) => small.includes(phrase)).length / Math.max(1, asked.phrases.length),
    digits: speech && /\d/.test(text) ? 1 : 0,
    number_asked: asked.howMany && NUMBER.test(text) ? 1 : 0,
  };
}

const squared = (values: Float32Array): Float32Array => values.map((value) => (value > 0 ? value * value : 0));

function shareOfBest(values: Float32Array): Float32Array {
  const top = values.reduce((high, value) => Math.max(high, value), 1e-9);
  return values.map((value) => value / top);
}
