const LETTERS: Record<string, string> = {
  а: "a",
  б: "b",
  в: "v",
  г: "g",
  д: "d",
  е: "e",
  ж: "zh",
  з: "z",
  и: "i",
  й: "i",
  к: "k",
  л: "l",
  м: "m",
  н: "n",
  о: "o",
  п: "p",
  р: "r",
  с: "s",
  т: "t",
  у: "u",
  ф: "f",
  х: "h",
  ц: "ts",
  ч: "ch",
  ш: "sh",
  щ: "sh",
  ы: "i",
  э: "e",
  ю: "u",
  я: "a",
};
const CYRILLIC = /[а-яё]/i;
const NICKNAME = 3;

/** Whether a word of a question, in whatever case it stands, names somebody: Джона, Jon and John do so for Джон; Mel does for Melanie. */
export function names(word: string, name: string): boolean {
  const said = word.toLowerCase().replaceAll("ё", "е");
  const known = name.toLowerCase().replaceAll("ё", "е");
  if (said === known) return true;
  if (CYRILLIC.test(said) === CYRILLIC.test(known)) {
    if (said.length >= NICKNAME && known.startsWith(said)) return true;
    // A Russian name changes its last letter, and gains at most two: Марина, Мариной; Джон, Джоном.
    const stem = CYRILLIC.test(known) && known.length >= 4 ? known.replace(/[аеиойуьяю]$/, "") : known;
    return stem.length >= 3 && CYRILLIC.test(known) && said.startsWith(stem) && said.length <= known.length + 2;
  }
  const sounds = consonants(known);
  const heard = consonants(said);
  // An ending may have put one more consonant behind the name.
  return sounds.length >= 2 && (heard === sounds || (sounds.length >= 3 && heard.startsWith(sounds) && heard.length === sounds.length + 1));
}

/** The consonants of a name as they sound in both scripts: Caroline and Кэролайн are one, and so are John, Jon and Джон. */
export function consonants(name: string): string {
  const latin = [...name.toLowerCase().normalize("NFKD")].map((letter) => LETTERS[letter] ?? letter).join("");
  return latin
    .replaceAll(/dzh|g/g, "j")
    .replaceAll("ph", "f")
    .replaceAll(/c(?!h)|ck|q/g, "k")
    .replaceAll("w", "v")
    .replaceAll("x", "ks")
    .replaceAll(/[^a-z]|[aeiouyh]/g, "")
    .replaceAll(/(.)\1+/g, "$1");
}
