/** A part of a text: `text.slice(start, end)`, without white space at either end. */
export type Span = { start: number; end: number };

const LONGEST = 320;
const SHORTEST = 24;
let segmenter: Intl.Segmenter | undefined;

/**
 * The sentences of a Russian or English text in their order. A line ends a sentence; one of a word or two goes with the next of its line; what has no end
 * is cut between words, so that none is longer than 320 characters unless a single word is.
 */
export function sentences(text: string): Span[] {
  const spans: Span[] = [];
  let open: Span | undefined;
  // Made when it is first needed: it takes as long as a small import.
  segmenter ??= new Intl.Segmenter("ru", { granularity: "sentence" });
  for (const { index, segment } of segmenter.segment(text)) {
    const span: Span = { start: open?.start ?? index, end: index + segment.length };
    const endsLine = /[\r\n]\s*$/.test(segment);
    const short = text.slice(span.start, span.end).trim().length < SHORTEST;
    open = short && !endsLine ? span : undefined;
    if (!open) spans.push(span);
  }
  if (open) spans.push(open);
  return spans.flatMap((span) => cut(text, trimmed(text, span))).filter(({ start, end }) => end > start);
}

function trimmed(text: string, { start, end }: Span): Span {
  const part = text.slice(start, end);
  return { start: start + part.length - part.trimStart().length, end: end - part.length + part.trimEnd().length };
}

/** Cuts at the last break before the limit: after a comma or its like when there is one in the second half, else between words. */
function cut(text: string, span: Span): Span[] {
  if (span.end - span.start <= LONGEST) return [span];
  const head = text.slice(span.start, span.start + LONGEST);
  const pause = Math.max(
    ...[", ", "; ", ": ", " — ", " - "].map((mark) => head.lastIndexOf(mark) + mark.length * Number(head.includes(mark))),
  );
  const space = head.search(/\s\S*$/);
  const nextSpace = text.slice(span.start + LONGEST, span.end).search(/\s/);
  const at = pause > LONGEST / 2 ? pause : space > 0 ? space : nextSpace < 0 ? span.end - span.start : LONGEST + nextSpace;
  const first = trimmed(text, { start: span.start, end: span.start + at });
  return [first, ...cut(text, trimmed(text, { start: span.start + at, end: span.end }))];
}
