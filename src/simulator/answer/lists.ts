const collections: readonly {
  readonly named: RegExp;
  readonly items: readonly string[];
  /** A closed collection is listed whole when no number is asked for. */
  readonly closed: boolean;
}[] = [
  {
    named: /\bdays of the week\b|\bweekdays\b/i,
    items: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    closed: true,
  },
  {
    named: /\bmonths\b/i,
    items: [
      "January",
      "February",
      "March",
      "April",
      "May",
      "June",
      "July",
      "August",
      "September",
      "October",
      "November",
      "December",
    ],
    closed: true,
  },
  { named: /\bseasons\b/i, items: ["spring", "summer", "autumn", "winter"], closed: true },
  {
    named: /\bplanets\b/i,
    items: ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"],
    closed: true,
  },
  {
    named: /\bcontinents\b/i,
    items: [
      "Africa",
      "Antarctica",
      "Asia",
      "Australia",
      "Europe",
      "North America",
      "South America",
    ],
    closed: true,
  },
  { named: /\bvowels\b/i, items: ["a", "e", "i", "o", "u"], closed: true },
  {
    named: /\bprogramming languages\b/i,
    items: ["Python", "JavaScript", "TypeScript", "Java", "C", "Go", "Rust", "Ruby"],
    closed: false,
  },
  {
    named: /\blanguages\b/i,
    items: ["English", "Spanish", "Mandarin", "Arabic", "French", "Hindi", "German", "Swahili"],
    closed: false,
  },
  {
    named: /\bfruits?\b/i,
    items: ["apple", "banana", "cherry", "mango", "orange", "pear", "grape", "kiwi", "plum", "fig"],
    closed: false,
  },
  {
    named: /\bvegetables\b/i,
    items: ["carrot", "potato", "spinach", "broccoli", "onion", "pea", "leek", "cabbage"],
    closed: false,
  },
  {
    named: /\bcolou?rs\b/i,
    items: ["red", "orange", "yellow", "green", "blue", "violet", "black", "white", "brown"],
    closed: false,
  },
  {
    named: /\banimals\b/i,
    items: ["cat", "dog", "horse", "elephant", "otter", "owl", "whale", "bee", "frog", "lion"],
    closed: false,
  },
  {
    named: /\bcountries\b/i,
    items: ["Brazil", "Canada", "Egypt", "France", "India", "Japan", "Kenya", "Mexico", "Norway"],
    closed: false,
  },
  {
    named: /\bprime numbers\b|\bprimes\b/i,
    items: ["2", "3", "5", "7", "11", "13", "17", "19", "23", "29"],
    closed: false,
  },
];

const numberWords = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const asksForList = /\b(?:list|name|give|tell|show|suggest|enumerate|what are|which are)\b/i;
const asksForSome = /\b(?:list|give me|suggest|name)\s+(?:me\s+)?(\d+|\p{L}+)\s+([^.!?\n]{2,80})/iu;
const mostItems = 100;

/** A numbered list where the sentence asks for one; null where it does not. */
export function listFor(sentence: string): string | null {
  if (!asksForList.test(sentence)) return null;
  const asked = countIn(sentence);
  const collection = collections.find(({ named }) => named.test(sentence));
  if (collection !== undefined) {
    const count = asked ?? (collection.closed ? collection.items.length : 3);
    return numbered(collection.items.slice(0, count));
  }
  const [, , things] = asksForSome.exec(sentence) ?? [];
  if (asked === null || things === undefined) return null;
  return numbered(Array.from({ length: asked }, (_, at) => `${things.trim()}: example ${at + 1}`));
}

function numbered(items: readonly string[]): string {
  return items.map((item, at) => `${at + 1}. ${item}`).join("\n");
}

function countIn(sentence: string): number | null {
  const digits = /\b(\d{1,3})\b/.exec(sentence)?.[1];
  if (digits !== undefined) return Math.min(mostItems, Math.max(1, Number(digits)));
  const at = numberWords.findIndex((word) => new RegExp(`\\b${word}\\b`, "i").test(sentence));
  return at === -1 ? null : at + 1;
}

const mostCounted = 1000;

/** The numbers that `count (from a) to b` asks for; at most a thousand of them. */
export function countingFor(sentence: string): string | null {
  const match = /\bcount (?:from (-?\d{1,9}) )?(?:up |down )?to (-?\d{1,9})/i.exec(sentence);
  if (match?.[2] === undefined) return null;
  const to = Number(match[2]);
  const from = match[1] === undefined ? 1 : Number(match[1]);
  const step = to < from ? -1 : 1;
  const length = Math.min(mostCounted, Math.abs(to - from) + 1);
  return Array.from({ length }, (_, at) => from + at * step).join(", ");
}
