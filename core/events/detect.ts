import { ownWords } from "#core/events/own-words.ts";
import * as Phrases from "#core/events/phrases.ts";

/** What a message can say besides that it was sent; the names are those of the event vocabulary. */
export type Cue = "approval_requested" | "approval_approved" | "scope_change_requested";
export type Speaker = "client" | "team";

/** No phrase without one of these: most messages are done with after this one look. */
const OF_APPROVAL =
  /соглас|утвер[дж]|одобр|ап+рув|подтвер|отмашк|зел[её]н|добро(?![а-я])|приступа|принимае|принимаю|в (?:работу|печать|разработку|прод)|запуска[йт]|публик(?:уй|ова)|выкатыва|approv|sign(?:ed)?[\s-]off|lgtm|your ok|ваше? ок|go[\s-]ahead|proceed|move forward|ship it|green light|accept|confirm|looks (?:good|great|perfect|fine|excellent)/;
const OF_SCOPE =
  /доработ|дополнит|добав|реализ|внедри|подключ|прикрут|разработа|дорис|ещ[её] (?:од|дв|тр|пару|неск)|рамк|скоуп|сверх|вне |на изменени|требовани|расширить|увеличить|изменить|поменять|входи|не было|доп\.? ?работ|scope|change request|requirement|outside|contract|agreement|estimate|on top|in addition|\b(?:add|build|implement|include|develop|integrate|design|create|translate)\b|additional|extra|another|one more|two more|a few more/;

/** Words that turn around what follows them in the clause. */
const NOT =
  / (?:не|нет|ни|нельзя|без|никто|ничего|never|not|no|cannot|cant|wont|dont|doesnt|didnt|isnt|arent|wasnt|werent|havent|hasnt|hadnt|couldnt|wouldnt|shouldnt|nobody|nothing|neither|nor|without)(?= )/;
/** Words after which an approval is somebody else's, past, planned, hoped for or asked about. */
const OPEN =
  / (?:чтобы|чтоб|как|ли|кто|кем|почему|зачем|где|был|была|было|были|будет|будут|быть|должн[^ ,.?]*|может|могут|могли|надо|нужно|хотим|хочу|хотел[^ ,.?]*|думал[^ ,.?]*|частично|почти|вроде|якобы|кажется|жд[уе][^ ,.?]*|прос[ия]т|ранее|раньше|статус|кнопка|поле|галочка|вы|вами|whether|how|why|who|where|as|be|being|was|were|get|gets|getting|will|ll|should|must|would|could|can|may|might|need|needs|want|wants|to|partially|partly|almost|thought|think|assumed|hope|hoping|says|said|shows|status|button|you)(?= )/;
const NOT_YET = / (?:when|until|before|after|когда|пока|прежде)(?= )/;
/** Words that bind an approval to something, wherever in the sentence. */
const CONDITION =
  / (?:if|unless|once|provided|assuming|subject to|pending|conditional[^ ,.?]*|but|however|except|apart from|although|though|as (?:soon|long) as|если|при условии|с условием|условно|но|однако|кроме|за исключением|хотя|как только|после|с учетом|с правками)(?= )/;
/** Something else that is approved or looks good: money, a day. */
const ELSE =
  / (?:payments?|refund|loan|transaction|purchase|return|exchange|credit|leave|vacation|visa|store|apple|google|stripe|facebook|meta|bank|кредит|возврат|отпуск|ипотек[^ ,.?]*|транзакц[^ ,.?]*|модерац[^ ,.?]*|эпл|гугл|monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|tonight|\d+(?:am|pm)|time|slot)(?= )/;
/** Right before it, these make "approved" an adjective. */
const ADJECTIVE = / (?:the|an|a|any|our|your|their|its|his|her|my|pre|previously|per|with|from|in|on|of|by|using|against|согласно) $/;
/** A bare "go ahead" only lets somebody speak. */
const MEANT =
  / (?:yes|yep|sure|please|good|great|perfect|fine|excellent|happy|love|you can|you may|wed|we|lets|with|for|design|estimate)(?= )/;
const LEAVES_OUT =
  / (?:keep|leave|put|mark|stays?|remains?|why|you (?:said|say|told|wrote|mentioned)|почему|вы (?:сказали|говорите|говорили|писали))(?= )/;
/** Said to be polite, or that there is nothing to object to: no negation of what follows. */
const POLITE =
  /(?: ,)? (?:пожалуйста|плиз|плз|пжл?ст|если не (?:сложно|трудно|затруднит)|не (?:против|возражаем|возражаю)|нет (?:замечаний|возражений|вопросов|правок)|(?:замечаний|возражений|вопросов|правок) нет|без (?:замечаний|возражений|вопросов|правок)|no (?:further |more |other )?(?:comments|changes|objections|issues|questions|notes|remarks)|(?:thanks|thank you)(?! for))(?: ,)?(?= )/g;
const WHO = / (?:кто|кем|когда|почему|зачем|who|when|why)(?= )/;

/** Characters on either side of a phrase that can change what it means; words of a short question. */
const NEAR = 80;
const SENTENCE = 160;
const SHORT = 4;

/**
 * What a message says, each at most once: who writes decides what counts. Only the sender's own words are judged, each phrase within its sentence. What
 * leaves doubt (a negation, a condition, "but") says nothing: a missed one costs less than one that never was. Time is linear in the length.
 */
export function cues(content: string | null, by: Speaker): Cue[] {
  const lower = content?.toLowerCase() ?? "";
  const ofApproval = OF_APPROVAL.test(lower);
  const ofScope = by === "client" && OF_SCOPE.test(lower);
  if (content === null || !(ofApproval || ofScope)) return [];
  const text = plain(ownWords(content));
  const found: Cue[] = [];
  if (ofApproval && requests(text)) found.push("approval_requested");
  if (ofApproval && by === "client" && approves(text)) found.push("approval_approved");
  if (ofScope && widens(text)) found.push("scope_change_requested");
  return found;
}

/** Lower case, ё as е, and every word between single spaces; of the rest only the signs that part clauses and sentences stay. */
function plain(text: string): string {
  const words = text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("ё", "е")
    .replaceAll(/\bhttps?:\/\/\S+|[\w.+-]{1,64}@[\w.-]{1,255}/g, " ")
    .replaceAll(/\bit['’]s\b/g, "it is")
    .replaceAll(/['’ʼ`\u00ad]|(?<= доп)\./g, "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, sign);
  return ` . ${words.trim()} . `.replaceAll(POLITE, "").replaceAll(/(?: ,)? (please|kindly)(?: ,)?(?= )/g, " $1");
}

/** A dot within a number or a file's name parts nothing. */
function sign(between: string): string {
  if (between === " ") return " ";
  if (between.includes("?")) return " ? ";
  if (/[\n!…;]|\.(?:\s|$)|\.{2}/.test(between)) return " . ";
  return /[,:()[\]{}«»"“”|/—–]|\s-+\s/.test(between) ? " , " : " ";
}

/** Asked for, by whomever; not when somebody outside the two sides is asked. */
function requests(text: string): boolean {
  const others = (match: RegExpExecArray) => `${match[0]}${after(text, match)} `.search(Phrases.OTHERS) >= 0;
  const denied = (match: RegExpExecArray) => NOT.test(`${before(text, match)}${match[0].trimStart()} `);
  if (says(text, Phrases.PRESSES, others) || says(text, Phrases.ASKS, (match) => denied(match) || others(match))) return true;
  if (Phrases.ASKS_ALONE.test(text)) return true;
  if (!text.includes(" ? ")) return false;
  if (says(text, Phrases.ASKS_IF, (match) => denied(match) || others(match) || !sentence(text, match).endsWith("?"))) return true;
  return says(text, Phrases.DONE_IF, (match) => {
    const question = sentence(text, match);
    return !question.endsWith(" ?") || question.split(" ").length > SHORT + 2 || WHO.test(question) || NOT.test(question);
  });
}

function approves(text: string): boolean {
  const open = (match: RegExpExecArray): boolean => {
    const clause = before(text, match);
    if (NOT.test(clause) || OPEN.test(clause) || ADJECTIVE.test(clause)) return true;
    if (ELSE.test(`${clause}${match[0].trimStart()}${after(text, match)} `)) return true;
    const whole = sentence(text, match);
    return whole.endsWith("?") || CONDITION.test(whole) || NOT_YET.test(whole.slice(0, whole.indexOf(match[0]) + 1));
  };
  const elsewhere = (match: RegExpExecArray): boolean => {
    if (!Phrases.LEADS_IN.test(before(text, match))) return true;
    const whole = sentence(text, match);
    return whole.endsWith("?") || CONDITION.test(whole) || !MEANT.test(text.slice(Math.max(0, match.index - NEAR), match.index) + whole);
  };
  return Phrases.APPROVES_ALONE.test(text) || says(text, Phrases.APPROVES, open) || says(text, Phrases.GOES_AHEAD, elsewhere);
}

function widens(text: string): boolean {
  return says(text, Phrases.WIDENS, (match) => {
    const clause = before(text, match);
    return NOT.test(clause) || LEAVES_OUT.test(sentence(text, match)) || / не (?!вход|было)/.test(match[0]);
  });
}

// By hand: matchAll compiles a copy of the expression at every call, which is most of what a message would cost.
function says(text: string, phrases: RegExp, but: (match: RegExpExecArray) => boolean): boolean {
  phrases.lastIndex = 0;
  for (let match = phrases.exec(text); match !== null; match = phrases.exec(text)) if (!but(match)) return true;
  return false;
}

/** What stands before a phrase in its clause, between spaces. */
function before(text: string, { index }: RegExpExecArray): string {
  const near = text.slice(Math.max(0, index - NEAR), index);
  return `${near.slice(Math.max(near.lastIndexOf(" ,"), endOf(near)) + 2)} `;
}

/** What follows it in its clause, for a few words. */
function after(text: string, match: RegExpExecArray): string {
  const from = match.index + match[0].length;
  return text.slice(from, from + NEAR / 2).split(/ [,.?]/, 1)[0] ?? "";
}

/** The sentence around a phrase with its closing sign, as far as it is near. */
function sentence(text: string, match: RegExpExecArray): string {
  const left = text.slice(Math.max(0, match.index - SENTENCE), match.index);
  const from = match.index + match[0].length;
  const right = text.slice(from, from + SENTENCE);
  const end = right.search(/ [.?](?: |$)/);
  return left.slice(endOf(left) + 2) + match[0] + (end < 0 ? right : right.slice(0, end + 2));
}

/** Where the sentence before ends. */
const endOf = (left: string): number => Math.max(left.lastIndexOf(" ."), left.lastIndexOf(" ?"));
