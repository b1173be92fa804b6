import { EN } from "#test/simulators/chatwoot/english.ts";
import { RU } from "#test/simulators/chatwoot/russian.ts";

export const PHRASES = { en: EN, ru: RU } as const;
export const EMOJI = ["🙂", "🚀", "🙏🏽", "👩‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "☕️", "🇰🇿", "❤️‍🔥", "🤷🏻‍♀️"] as const;
export const FILES = [
  "estimate-v3.pdf",
  "smeta_2.xlsx",
  "screen-final.png",
  "Договор №17.docx",
  "photo.jpg",
  "voice.ogg",
  "plan.pdf",
  "баг.png",
] as const;
