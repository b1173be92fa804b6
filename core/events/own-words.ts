const TAG = /<(\/?)([a-z][a-z0-9]*)(?=[\s/>])[^<>]*>/gi;
const BLOCKS = new Set(["br", "p", "div", "li", "ul", "ol", "tr", "table", "blockquote", "h1", "h2", "h3", "h4", "hr", "section", "pre"]);
/** What an element of these holds is somebody else's text, or none. */
const ALIEN = new Set(["blockquote", "style", "script", "head", "title"]);
/** Where mail programs open the letter that is answered: nothing after it was written now. */
const QUOTING_TAG = /(?:gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|appendonsend|OutlookMessageHeader)/;
const ENTITIES: Record<string, string> = {
  "&nbsp;": " ",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&apos;": "'",
  "&amp;": "&",
};

// A line that opens what somebody else wrote, or the sender's signature. Longer lines than this are prose.
const LINE = 400;
const HEADERS: readonly RegExp[] = [
  /^-{2,}\s*(?:original|forwarded|исходное|пересылаемое|пересланное|перенаправленное)\s/i,
  /^begin forwarded message/i,
  /^(?:from|от|отправитель|от кого):[\s*_]/i,
  /^on\s.*\d.*\swrote:$/i,
  /^.*[\d@].*\s(?:пишет|писала?|писал\(а\)|написала?|написал\(а\)|wrote):$/i,
  /^(?:пн|вт|ср|чт|пт|сб|вс),?\s\d{1,2}\s\S+\s\d{4}/i,
  /^--$/,
];

/** What the sender wrote himself: HTML turned into lines, quoted letters, forwarded ones and the signature left out. Time is linear in the length. */
export function ownWords(content: string): string {
  const lines = (content.includes("<") ? plain(content) : content).split(/\r\n|\r|\n/);
  const own: string[] = [];
  for (const [n, line] of lines.entries()) {
    if (/^\s*>/.test(line)) continue;
    if (opensQuote(line, lines[n + 1])) break;
    own.push(line);
  }
  return own.join("\n");
}

/** Mail programs wrap their "On … wrote:" after 80 columns, so it may end on the next line. */
function opensQuote(line: string, following = ""): boolean {
  if (line.length > LINE) return false;
  const bare = line.replace(/^[\s*_]+/, "").replace(/[\s*_]+$/, "");
  if (HEADERS.some((header) => header.test(bare))) return true;
  return (
    following.length <= LINE &&
    /^(?:on|\d|пн|вт|ср|чт|пт|сб|вс)[\s,.\d]/i.test(bare) &&
    HEADERS.some((header) => header.test(`${bare} ${following.trim()}`))
  );
}

function plain(html: string): string {
  let text = "";
  let from = 0;
  let alien = 0;
  for (const tag of html.matchAll(TAG)) {
    if (alien === 0) text += html.slice(from, tag.index);
    from = tag.index + tag[0].length;
    const name = (tag[2] ?? "").toLowerCase();
    if (QUOTING_TAG.test(tag[0])) {
      from = html.length;
      break;
    }
    if (ALIEN.has(name)) alien = Math.max(0, alien + (tag[1] ? -1 : 1));
    text += BLOCKS.has(name) ? "\n" : "";
  }
  if (alien === 0) text += html.slice(from);
  return text.replaceAll(/&(?:nbsp|lt|gt|quot|#39|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
