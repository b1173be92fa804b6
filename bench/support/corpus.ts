import { readFile } from "node:fs/promises";
import type { Text } from "#test/texts.ts";

/** A question with the texts that answer it, by their refs, or the stretches of them of which one is enough. */
export type Asked = { text: string; english?: string; category: number; gold: string[]; spans: [from: number, to: number][] };
/** What one project knows, and what it is asked. */
export type Book = { name: string; texts: Text[]; questions: Asked[] };

const SHARED = new URL("../../../shared/corpora/", import.meta.url);
export const shared = (file: string): string => new URL(file, SHARED).pathname;

type Turn = { speaker: string; dia_id: string; text: string; blip_caption?: string };
type Locomo = {
  sample_id: string;
  conversation: Record<string, Turn[] | string>;
  qa: { question: string; question_en?: string; category: number; evidence?: string[] }[];
};

/** Long conversations of two people: each session a thread, each turn a text, the caption of a shared picture part of it. */
export async function locomo(path: string): Promise<Book[]> {
  const samples = JSON.parse(await readFile(path, "utf8")) as Locomo[];
  return samples.map(({ sample_id: name, conversation, qa }) => {
    const sessions = Object.keys(conversation).filter((key) => /^session_\d+$/.test(key));
    const texts = sessions
      .toSorted((a, b) => Number(a.slice(8)) - Number(b.slice(8)))
      .flatMap((session) =>
        (conversation[session] as Turn[]).map((turn) => ({
          ref: turn.dia_id,
          thread: session,
          author: turn.speaker,
          text: turn.blip_caption ? `${turn.text} [${turn.blip_caption}]` : turn.text,
          at: moment(String(conversation[`${session}_date_time`])),
        })),
      );
    const known = new Set(texts.map(({ ref }) => ref));
    const questions = qa.map(({ question, question_en: english, category, evidence = [] }) => ({
      text: question,
      ...(english === undefined ? {} : { english }),
      category,
      gold: [...new Set(evidence.flatMap((ids) => ids.split(/[;,\s]+/)))].filter((id) => known.has(id)),
      spans: [],
    }));
    return { name, texts, questions: questions.filter(({ gold }) => gold.length > 0) };
  });
}

/** Encyclopaedic passages, each a document of its own. */
export async function hotpot(): Promise<Book[]> {
  const passages = JSON.parse(await readFile(shared("hotpot100-corpus.json"), "utf8")) as Record<string, string[]>;
  const asked = JSON.parse(await readFile(shared("hotpot100-qa.json"), "utf8")) as {
    question: string;
    supporting_facts: [string, number][];
  }[];
  const texts = Object.entries(passages).map(([title, lines]) => ({
    ref: title,
    thread: title,
    title,
    kind: "document",
    text: lines.join(""),
  }));
  const questions = asked.map(({ question, supporting_facts: facts }) => ({
    text: question,
    category: 0,
    gold: [...new Set(facts.map(([title]) => title))].filter((title) => title in passages),
    spans: [],
  }));
  return [{ name: "hotpot", texts, questions }];
}

type Meeting = {
  meeting_transcripts: { speaker: string; content: string }[];
  specific_query_list: { query: string; relevant_text_span: [string, string][] }[];
};

/** Meetings of one thread each, with the stretches that answer a question. */
export async function qmsum(): Promise<Book[]> {
  const lines = (await readFile(shared("qmsum-product-val.jsonl"), "utf8")).trim().split("\n");
  return lines.map((line, n) => {
    const { meeting_transcripts: turns, specific_query_list: asked } = JSON.parse(line) as Meeting;
    // {vocalsound} and the like are marks of the transcript.
    const texts = turns.map(({ speaker, content }, at) => ({
      ref: String(at),
      thread: "meeting",
      author: speaker,
      text: content.replaceAll(/\{\w+\}/g, " ").trim() || "-",
    }));
    const questions = asked.map(({ query, relevant_text_span: spans }) => ({
      text: query,
      category: 0,
      gold: [],
      spans: spans.map(([from, to]): [number, number] => [Number(from), Number(to)]),
    }));
    return { name: `meeting ${n + 1}`, texts, questions };
  });
}

/** "1:56 pm on 8 May, 2023" */
function moment(said: string): string {
  const [time = "", day = ""] = said.split(" on ");
  const at = new Date(`${day.replace(",", "")} ${time.replace(/(am|pm)$/i, " $1")} UTC`);
  return Number.isNaN(at.getTime()) ? "2023-01-01T00:00:00Z" : at.toISOString();
}
