import { type Reason, reason, reasonOf, say } from "#core/error.ts";
import { log } from "#core/log.ts";
import * as Answer from "#core/memory/answer.ts";
import type { Citation } from "#core/memory/citations.ts";
import { complete } from "#core/memory/complete.ts";
import * as Extractive from "#core/memory/extractive.ts";
import type { Answered } from "#core/memory/query-run.ts";
import * as Question from "#core/memory/question.ts";
import * as Worded from "#core/memory/worded.ts";
import type { ProjectScope } from "#core/scope.ts";

/** `standing`: as retrieval measured it. */
export type Telling = {
  question: string;
  answer: Answered;
  standing: number | undefined;
  by: string;
  timeZone: string;
  left: () => number;
};
export type Told = {
  text: string | null;
  answered: Answered;
  citations: Citation[];
  qualityScore: number;
  insufficientEvidence: boolean;
  reasons: Reason[];
  costUsd: number;
};

/** What a model needs to word an answer; with less left it is not asked. */
const WORDING_MS = 2_000;

/** Answers from the chunks that were found: not at all, by quoting them, or in the words of a model that may say nothing else. */
export async function tell(scope: ProjectScope, telling: Telling, top: readonly Extractive.Ranked[]): Promise<Told> {
  const read = await Extractive.read(scope, telling.question, top);
  const { share, enough } = judged(telling, top[0]) ?? Answer.relevance(read.weights, read.passages, telling.standing);
  const qualityScore = Math.round(share * 10_000) / 100;
  const insufficientEvidence = !enough;
  const none: Told = { text: null, answered: "none", citations: [], qualityScore, insufficientEvidence, reasons: [], costUsd: 0 };
  if (telling.answer === "none") return none;
  if (top.length === 0) return { ...none, answered: telling.answer, text: nothing(telling.question) };
  if (telling.answer === "model") {
    const worded = await wording(scope, telling, top, read);
    if ("text" in worded) return { ...none, ...worded };
    return { ...extract(telling, top, read, none), reasons: [worded.reason] };
  }
  return extract(telling, top, read, none);
}

/** What was found by meaning in another language shares no words with the question: then the likeness has to do. */
function judged({ question, standing }: Telling, best: Extractive.Ranked | undefined): { share: number; enough: boolean } | undefined {
  const language = Question.language(question);
  if (best?.similarity === undefined || language === undefined || best.language === "other" || best.language === language) return undefined;
  return Answer.alike(best.similarity, standing);
}

function extract({ question, timeZone }: Telling, top: readonly Extractive.Ranked[], read: Extractive.Read, none: Told): Told {
  if (none.insufficientEvidence) return { ...none, answered: "extractive", text: nothing(question) };
  const citations = read.quotes.map(({ passage, text }, n) => cite(top[passage] as Extractive.Ranked, n + 1, text));
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
  const line = ({ n, author, occurredAt, quote }: Citation) =>
    `${[author, day.format(occurredAt)].filter(Boolean).join(", ")}: “${quote}” [${n}]`;
  return { ...none, answered: "extractive", citations, text: citations.map(line).join("\n") };
}

type Wording = Pick<Told, "text" | "answered" | "citations" | "insufficientEvidence" | "costUsd"> | { reason: Reason };

async function wording(
  scope: ProjectScope,
  { question, by, left }: Telling,
  top: readonly Extractive.Ranked[],
  read: Extractive.Read,
): Promise<Wording> {
  if (left() < WORDING_MS) return { reason: reason("out_of_time") };
  try {
    const sources = top.slice(0, Extractive.READ);
    const messages = [{ role: "user" as const, content: Worded.ask(question, sources) }];
    const { value, costUsd } = await complete(scope, {
      purpose: "wording",
      system: Worded.SYSTEM,
      messages,
      schema: Worded.Worded,
      maxTokens: 800,
      by,
      timeoutMs: left() - 500,
    });
    const sentences = Worded.grounded(value, sources.length);
    if (sentences.length === 0) return { text: nothing(question), answered: "model", citations: [], insufficientEvidence: true, costUsd };
    const places = [...new Set(sentences.flatMap(({ sources }) => sources))];
    const citations = places.map((place, n) => cite(top[place] as Extractive.Ranked, n + 1, read.best[place] ?? ""));
    const numbered = sentences.map(
      (sentence) => `${sentence.text} ${sentence.sources.map((place) => `[${places.indexOf(place) + 1}]`).join("")}`,
    );
    return { text: numbered.join(" "), answered: "model", citations, insufficientEvidence: false, costUsd };
  } catch (error) {
    const why = reasonOf(error);
    if (why.code === "bug") log.error("an answer could not be worded", { error });
    return { reason: why };
  }
}

function cite(
  { chunkId, sourceKind, sourceRef, evidence, author, occurredAt, url }: Extractive.Ranked,
  n: number,
  quote: string,
): Citation {
  return { n, chunkId, sourceKind, sourceRef, evidence, author, occurredAt, url, quote };
}

const nothing = (question: string): string => say(reason("insufficient_evidence"), /\p{Script=Cyrillic}/u.test(question) ? "ru" : "en");
