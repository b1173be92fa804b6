import { expect, test } from "vitest";
import { akin } from "#core/memory/kin.ts";

test.each([
  // Stems, as the dictionary cuts them.
  ["купл", "покупк", false],
  ["подписа", "подпис", true],
  ["усыновлен", "усынов", true],
  ["рисован", "нарисова", true],
  ["договор", "договорен", true],
  ["оплат", "оплачива", false],
  ["срок", "сроч", false],
  ["письм", "письмен", true],
  ["публикац", "опублику", true],
  ["переписк", "подписк", false],
  ["консультирован", "консультац", false],
  ["стать", "статистическ", false],
  ["communic", "communiti", false],
  ["n:марин", "n:марина", false],
])("%s and %s are of one root: %s", (one, other, expected) => {
  expect(akin(one, other)).toBe(expected);
  expect(akin(other, one)).toBe(expected);
});
