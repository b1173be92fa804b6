import { expect, test } from "vitest";
import { ownWords } from "#core/events/own-words.ts";

const own = (text: string) =>
  ownWords(text)
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .join(" | ");

test.each([
  ["plain text with 2 < 3 and 5 > 4", "plain text with 2 < 3 and 5 > 4"],
  ["<p>One</p><p>two&nbsp;&amp; three<br>four</p>", "One | two & three | four"],
  ["<style>.approved{}</style><div>Hi</div><script>go()</script>", "Hi"],
  ["Yes<blockquote>old<blockquote>older</blockquote>old</blockquote>and no", "Yes | and no"],
  ['<div>Yes</div><div class="gmail_quote">On Mon Irina wrote: please</div>', "Yes"],
  ["Yes\r\n> please approve\r\n  > twice\r\nno", "Yes | no"],
  ["Yes\n\nOn Mon, 12 May 2025 at 10:00, Irina <i@studio.test> wrote:\nplease", "Yes"],
  ["Yes\n\nOn Mon, 12 May 2025 at 10:00, Irina Sokolova\n<i@studio.test> wrote:\nplease", "Yes"],
  ["Да\n12 мая 2025 г., 10:00 пользователь Ирина <i@studio.test> написал:\nсогласуйте", "Да"],
  ["Да\nпн, 12 мая 2025 г. в 10:00, Ирина <i@studio.test>:\nсогласуйте", "Да"],
  ["Да\n-------- Исходное сообщение --------\nсогласуйте", "Да"],
  ["Да\n**От:** Ирина\n**Кому:** Анна\nсогласуйте", "Да"],
  ["Yes\n-----Original Message-----\nplease", "Yes"],
  ["Yes\nBegin forwarded message:\nplease", "Yes"],
  ["Yes\n-- \nAnna\nHead of approvals", "Yes"],
  ["On Monday we wrote: nothing", "On Monday we wrote: nothing"],
  ["Ирина пишет: всё готово", "Ирина пишет: всё готово"],
])("of %j the sender wrote %j", (text, expected) => {
  expect(own(text)).toBe(expected);
});
