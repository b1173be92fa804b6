/**
 * What people say when they ask for an approval, give it, or ask for more than was agreed, in Russian and English. The phrases meet a text made plain:
 * lower case, ё as е, words and the signs `,` `.` `?` between single spaces. `~` stands for any ending of a word, `…` for up to three words in between.
 */
const ANY_END = "[^ ,.?]*";
const UP_TO_THREE = "(?: [^ ,.?]+){0,3} ";

/** Whole words only: a phrase starts after a space and ends before one. */
const phrases = (...list: string[]): RegExp =>
  new RegExp(` (?:${list.join("|").replaceAll("~", ANY_END).replaceAll("…", UP_TO_THREE)})(?= )`, "g");

const AP = "(?:за)?ап+рув";
const THING =
  "(?:макет~|дизайн~|смет[ауые]|бюджет~|вариант~|верси[юяи]|текст~|план~|срок~|концепци~|прототип~|логотип~|объем~|тз|задани[ея]|спецификаци~|договор~|предложени[ея]|кп|релиз~|правк~|этап~|оценк~|стоимост~|цен[ыу]|запуск~|структур~|экран~|список|изменени[ея])";
const THING_EN =
  "(?:designs?|mock ?ups?|layouts?|estimates?|quotes?|quotation|budget|proposal|scope|plan|timeline|options?|version|copy|texts?|concepts?|prototype|wireframes?|spec|specification|brief|logo|release|launch|milestone|deliverables?|changes)";
const WHOSE_EN = "(?:(?:the|this|that|these|your|our|final|updated|new|revised|attached|latest|of|all|both|first|second) )*";
const WHOSE = "(?:(?:этот|эту|это|эти|новый|новую|наш~|ваш~|итогов~|финальн~|обновленн~|последн~|перв~|втор~|все|весь|всю|данн~) )*";
const PROCESS_EN =
  "(?! (?:flows?|pages?|process|screens?|buttons?|status|emails?|steps?|workflows?|forms?|system|rate|list|chain|matrix|stage|procedure|policy|settings?|feature|module|notifications?|rules?)(?= ))";
const APPROVAL_EN = `(?:approval|sign off|go ahead|green light)${PROCESS_EN}`;
const APPROVAL = `(?:согласовани[еяю]|утверждени[еяю]|одобрени[еяю]|${AP}а?|approve|approval|отмашк[иу]|зелен(?:ого света|ый свет))`;
const TO_APPROVE = `(?:согласовать|утвердить|одобрить|${AP}(?:нуть|ить))`;

/** Asks the other side to approve. Not after a negation. */
export const ASKS = phrases(
  "(?:please|kindly)…(?:approve|sign off)",
  "let (?:us|me) know (?:if|whether|when)…(?:approve|approved|sign off)",
  "(?:approve|sign off)…please",
  "(?:can|could|would|will) (?:you|your team|someone)…(?:approve|sign off)",
  "do you approve",
  `(?:need|needs|await~|waiting (?:for|on)|wait (?:for|on)|request~|require~|seek~|looking for|ask~ for|appreciate|give (?:us|me)|send (?:us|me)|can (?:we|i) (?:get|have))(?: (?:to get|to have|a|an|the|your|client|client s|final|formal|written|full|official|explicit))* ${APPROVAL_EN}`,
  `(?:sent|send|sending|attached|attaching|submitted|submitting|sharing|shared|ready|here)…for(?: your| final| client)* ${APPROVAL_EN}`,
  "(?:need|needs|await~|waiting for|like|get) your (?:ok|okay)",
  `(?<!(?:thanks|thank you|much|lot|again|grateful) )for your(?: final| formal)? ${APPROVAL_EN}`,
  `your(?: final| formal)? ${APPROVAL_EN} (?:is |still )*(?:needed|required|pending)`,
  "approval (?:is |still )*(?:needed|required|requested)",
  `(?:please|could you|can you|would you|kindly)(?: please| kindly)? confirm (?:that )?(?:you are (?:ok|okay|happy|fine) with )?${WHOSE_EN}${THING_EN}(?! (?:is|are|was|were|has|have|email|arrived|link|file|files|works?)(?= ))`,
  "are you (?:ok|okay|happy|fine)…(?:to proceed|with us proceeding|for us to (?:proceed|start|go ahead))",
  `согласуйте|согласуй|утвердите|утверди|одобрите|одобри|${AP}(?:ните|ни|ьте|ите)`,
  `(?:нужно|надо|необходимо|требуется|осталось|остается|просим|прошу|просьба|сможете|можете|могли бы|можно|хотим|хотели бы|хотелось бы|давайте|пора|важно|предлага~|успеете)…${TO_APPROVE}`,
  `${TO_APPROVE}(?: [^ ,.?]+){0,2} (?:нужно|надо|необходимо|сможете|осталось)`,
  `давайте…(?:согласуем|утвердим|${AP}(?:нем|им))`,
  `(?:жду|ждем|ждет|ждут|ожидаем|ожидаю|нужн[оаы]?|нужен|требуется|необходимо|просим|прошу)(?: (?:ваш~|твое~|от вас|еще|только|письменн~|официальн~|финальн~))* ${APPROVAL}`,
  `(?:ваше|ваш|твой|твое) (?:согласование|утверждение|одобрение|${AP}) (?:нужн~|требуется|необходим~)`,
  `(?:отправ~|направ~|присыла~|прислал~|скинул~|скидыва~|выслал~|высыла~|прилага~|переда~|выклад~|выложил~|ловите|держите|вам)…на (?:ваше )?(?:согласование|утверждение|одобрение|${AP})`,
  `(?:дайте|дадите|даете|ждем|жду)(?: нам| мне| ваше| вашу| ваш| свое| свой)* (?:добро|отмашк[уи]|зеленый свет|${AP}|approve|approval)`,
  `(?:ждем|жду|нужно|нужен) (?:ваше|ваш|твое|твой) (?:ок|окей)`,
  `(?<=[.] )на (?:согласование|утверждение|${AP})`,
  `(?:подтвердите|подтверди|(?:прошу|просим|нужно|надо|просьба|можете|сможете|необходимо) подтвердить|(?:жду|ждем) подтверждения) ${WHOSE}${THING}`,
  "подтвердите(?: ,)? (?:что )?(?:все|всё) (?:ок|верно|устраивает|подходит)",
  "подтвердите(?: ,)? что (?:вас )?(?:все|всё) (?:ок|верно|устраивает|подходит)",
);
/** Asks by saying what cannot go on without an approval, or in the politeness of a negation. */
export const PRESSES = phrases(
  `without your(?: final| formal)? ${APPROVAL_EN}`,
  "until you(?: have)? (?:approve|approved|sign off|signed off)",
  `без (?:вашего|твоего)(?: [^ ,.?]+)? (?:согласовани[яю]|утверждения|одобрения|${AP}а|подтверждения)`,
  `без (?:согласования|утверждения|одобрения|${AP}а)…до`,
  `без (?:согласования|утверждения|одобрения|${AP}а) до`,
  `пока(?: вы)? не (?:согласуете|утвердите|одобрите|${AP}(?:нете|ите))`,
  `не могли бы(?: вы)?…${TO_APPROVE}`,
);
/** Asks only with a question mark. */
export const ASKS_IF = phrases(
  `согласуете|утвердите|одобрите|${AP}нете|${AP}им|утверждаем|согласуем|утвердим`,
  "(?:can|may|shall|should) we…(?:proceed with|go ahead with|move forward with)",
  "(?:can|may|shall|should) we (?:proceed|go ahead|move forward)",
);
/** A short question of these is a request: "Approved?", "Макет согласован?" */
export const DONE_IF = phrases(
  `согласован[оаы]?|согласовали|утвержден[оаы]?|утвердили|одобрен[оаы]?|одобрили|${AP}|${AP}лено|${AP}(?:нули|или)|approved|approve|lgtm`,
);
/** A request when it is all the message says. */
export const ASKS_ALONE =
  /^(?: [.,])*(?: (?:please|could you|can you|kindly))* (?:confirm|подтвердите|подтверди)(?: please)?(?: [.,?])*\s*$/;
/** Who else may be meant: the client's own people, an app store, a bank. */
export const OTHERS = phrases(
  "юрист~|юротдел~|руковод~|директор~|начальств~|начальник~|бухгалтер~|инвестор~|партнер~|собственник~|учредител~|владельц~|шеф~|безопасник~|коллег~|гендир~|банк~|эпл~|гугл~|модерац~",
  "(?:from|by|with|to|for) (?:(?:our|my|the|their|his|her) )*(?:legal|lawyers?|board|management|boss|ceo|cfo|cto|director|finance|accounting|procurement|stakeholders?|investors?|headquarters|hq|partners|compliance|apple|google|app store|play store|facebook|meta|bank)",
  "(?:время|дату|встречу|созвон|звонок|слот)",
  "с (?!вами |вашей |вашим |тобой |нами )[^ ,.?]+",
);

/** Gives the approval, said by the client. Not after a negation, a condition or doubt. */
export const APPROVES = phrases(
  // Not before a noun, where it is an adjective.
  "approved(?= [,.]| (?:from|by|the|this|that|these|it|them|your|our|my|both|all|on|for|and|as is|today|yesterday|now|with|without|via|everything|ok|option|version)(?= ))",
  "(?:i|we)(?: hereby| fully| both| all)? approve(?! (?:invoices|payments|every|each|only)(?= ))",
  "(?:happy|glad|pleased) to (?:approve|sign off)",
  `you have (?:my|our)(?: full| final| formal)? ${APPROVAL_EN}`,
  "(?:you have|youve got|we give you|giving you) (?:the|our|my|a) green light",
  "(?:we|i|ive|weve|all|everyone|team|board|legal|management|boss|ceo|director)(?: have| has| all| is| are)* signed off",
  "(?:estimate|quote|proposal|offer|budget) (?:is |has been )?accepted",
  `(?:i|we)(?: hereby| gladly| happily)? accept ${WHOSE_EN}${THING_EN}`,
  `(?:i|we)(?: hereby| can)? confirm ${WHOSE_EN}${THING_EN}`,
  "lgtm",
  "looks (?:good|great|perfect|fine|excellent) (?:to (?:me|us)|from (?:my|our) side)",
  "green light from (?:me|us|my side|our side)",
  "(?:согласован[оаы]?|согласовал[аи]?|утвержден[оаы]?|утвердил[аи]?|одобрен[оаы]?|одобрил[аи]?)(?! (?:еще |пока )?(?:не|будет|будут)(?= ))",
  "(?:утверждаю|утверждаем)(?! ,? ?что)",
  "одобряю|одобряем",
  `${AP}(?:лю|им|лено|лен[аы]?|нул[аи]?|нуто|ил[аи]?|аем|аю)`,
  `(?:даю|даем|ставлю|ставим|ловите|держите|вам|мой|наш) (?:${AP}|approve|approval|добро|отмашку|зеленый свет)`,
  `(?:подтверждаю|подтверждаем) ${WHOSE}${THING}`,
  `(?:принимаю|принимаем) ${WHOSE}(?:смет[ауы]|оценк[ауи]|предложение|кп|вариант~|макет~|дизайн~|работ[уы]|этап~|концепци[юи])`,
  "(?:можно|можете|смело)…(?:приступать|(?:брать|отдавать|пускать|передавать) в (?:работу|печать|разработку|прод~))",
  "приступайте|(?:берите|отдавайте|пускайте|передавайте) в (?:работу|печать|разработку|прод~)",
);
/** Approvals only when nothing else is said in the sentence. */
export const APPROVES_ALONE = new RegExp(
  ` [.?] (?:(?:,|ок|окей|ok|okay|да|yes|yep|супер|отлично|хорошо|все|great|perfect|cool|с нашей стороны|с моей стороны|от меня|от нас|from my side|from our side|это|so|then|тогда|можно|можете|смело) )*(?:${AP}|approve|подтверждаю|подтверждаем|confirmed|i confirm|we confirm|signed off|добро|согласую|согласовываю|запускайте|публикуйте|выкатывайте|запускать|публиковать|выкатывать) (?:(?:,|от меня|от нас|с нашей стороны|с моей стороны|from my side|from our side|all|все) )*[.](?= )`,
);
/** "Go ahead" and its like: only these may stand before it in its clause, so that "how do I proceed" is none. */
export const GOES_AHEAD = phrases(
  "(?:go ahead|move forward|ship it)(?! (?:and|with (?:the )?(?:refund|return|cancellation|order))(?= ))",
  "go ahead and (?:publish|launch|ship|deploy|release|start|build|implement|develop|begin|proceed|push|print|merge|finali[sz]e)",
  "proceed(?! (?:to (?:the|checkout|check|payment|pay|log|sign)|and|with (?:the )?(?:refund|return|cancellation|order|payment))(?= ))",
);
export const LEADS_IN =
  /^(?: (?:ok|okay|yes|yeah|yep|great|perfect|good|fine|sure|so|then|please|just|lets|and|thanks|thank you|you can|you may|you could|feel free to|we can|we are|were|im|i am|happy|glad|ready|to|for|you|us|looks|all|everything|we would like to|wed like to|wed love to|would like to|we want to|all good|it|its|is|this|design|team|guys))* $/;

/** Asks for more than was agreed, said by the client. Not after a negation. */
const MORE = "(?:еще|также|дополнительно|заодно|вдобавок)";
const WANT = "(?:хот~|нужн~|нужен|надо|можно|можете|сможете|прошу|просим|давайте|необходимо|требуется|могли бы|получится)";
const ADD = "(?:добав~|реализ~|внедри~|подключ~|прикрут~|разработа~|дорис~)(?! ,? ?что)";
const PART =
  "(?:страниц~|раздел~|экран~|модул~|функци~|фич~|язык~|отчет~|форм[ауы]|блок~|кнопк~|баннер~|интеграци~|лендинг~|верси[юия]|вкладк~|пол[еяей]|фильтр~|опци~|возможност~|работ[ыу]?|правк~|доработ~|макет~)";
const PART_EN =
  "(?:features?|functionality|pages?|screens?|sections?|modules?|languages?|integrations?|reports?|fields?|buttons?|forms?|filters?|banners?|widgets?|tabs?|blocks?|requirements?|work|deliverables?)";
export const WIDENS = phrases(
  "(?<!\\. )(?:out of|outside|outside of|beyond)(?: (?:the|our|your|agreed|original|initial|current|contract|project))* scope",
  "outside(?: of)? (?:the|our) (?:contract|agreement|estimate)",
  "(?:a|an|another|new|one more|small|following|our|have|raise|submit|file|open|formal) change requests?",
  "(?:scope change|change (?:of|in|to)(?: the)? scope|(?:extend|expand|increase|widen)(?: the)?(?: project| agreed)? scope)",
  `(?:on top of|in addition to)(?: (?:the|our|what|we|was|were|is))* (?:scope|contract|agreed|estimate|agreement)`,
  "(?:can|could|would|will) you(?: [^ ,.?]+){0,2} also(?: [^ ,.?]+)? (?:add|implement|build|include|develop|integrate|design|create|translate)(?! (?:me|us|him|her|them|my|our)(?= ))",
  "(?:can|could|would|will) you(?: [^ ,.?]+){0,2} (?:add|implement|build|include) also",
  "(?:can|could|would|will) you(?: [^ ,.?]+){0,2} (?:add|implement|build|include|develop|integrate|design|create|translate)…(?:as well|too|on top)",
  "(?:we|i|wed|id)(?: (?:would|do|really))* also (?:like|love|want|wanted|need)(?: you)? to (?:add|implement|build|include|develop|integrate)",
  "(?:like|want|need|love) to also (?:add|implement|build|include|develop|integrate)",
  `(?:need|want|like|love)(?: to (?:add|have|build|include|order))? (?:an additional|additional|an extra|extra|another|one more|some additional|some extra|two more|a few more)(?: [^ ,.?]+){0,2} ${PART_EN}`,
  `(?:can you|could you|would you|will you|please)…(?:add|build|include|implement|create|make|design) (?:an additional|additional|an extra|extra|another|one more|some additional|some extra|two more|a few more)(?: [^ ,.?]+){0,2} ${PART_EN}`,
  "(?:have|has|got|there are|some|few|following|additional|came up with)(?: [^ ,.?]+)? new requirements?",
  "(?:know|understand|reali[sz]e|aware)…(?:not|isnt|wasnt|wont be) (?:in|part of|covered by|included in)…(?:scope|contract|agreement|estimate|brief|sow)",
  "(?:понима~|зна~|вижу)(?: ,)?(?: что)?…не (?:входит|входило|входят|было)…(?:договор[еу]?|смет[уе]|тз|скоуп[е]?|объем[е]?|контракт[е]?)",
  "(?:вне|за рамками|за рамки|сверх|поверх)(?: (?:рамок|наш~|согласованн~|первоначальн~|исходн~|текущ~|основн~))* (?:скоуп[ау]?|объема|договора|сметы|тз|контракта|плана|задания|проекта)",
  `${MORE}…${WANT}…${ADD}`,
  `${WANT}…${MORE}…${ADD}`,
  `${WANT}…${ADD}…${MORE}`,
  `${ADD} ${MORE}`,
  `${MORE}(?: [^ ,.?]+)? ${ADD}`,
  "(?:хот~|нужно|надо|можно|просим|прошу|можете|сможете)(?: бы)? дополнительно",
  `дополнительно(?: (?:нам|еще|бы|очень))* (?:нужн[оаы]?|нужен|надо|хотим|хотели бы|хотелось бы|просим|прошу|требуется|необходимо)`,
  `(?:нужн~|нужен|надо|хот~|прос~|прош~|добав~|сдела~|требу~|необходим~)(?: [^ ,.?]+){0,2} (?:дополнительн~|еще (?:один|одн[ауой]+|два|две|три|пару|несколько))(?: [^ ,.?]+)? ${PART}`,
  `(?:нужн~|нужен|надо|хот~|прос~|прош~|добав~|требу~|необходим~|есть|возникл~|появил~|небольш~|маленьк~|мелк~|дополнительн~|еще|новая|новые|запрос на|заявк~ на|срочн~)(?: (?:одна|одну|пара|пару|несколько|такая|такую|вот|бы|еще))* доработ(?:к~|ок)`,
  "(?:еще|дополнительно) доработать",
  "(?<=[.] )(?:доработк[аи]|change requests?)(?= ,)",
  "(?:наш|новый|еще один|есть|отправл~|направл~|присыла~|оформ~|хотим|у нас)(?: [^ ,.?]+){0,2} запрос(?:ы)? на изменени[ея]",
  "(?:расширить|расширим|увеличить|изменить|поменять) (?:объем|скоуп|тз|функционал)",
  "(?:новые|новое|дополнительные|дополнительное) требовани[ея]",
  "(?:хот~|нужн~|закаж~|заказать|прос~|оцен~|посчит~|сколько)(?: [^ ,.?]+){0,2} доп ?работ~",
);
