/** The last value of a flag, as `--port 9000` or `--port=9000`; undefined without it. */
export function flagValue(args: readonly string[], flag: string): string | undefined {
  return flagValues(args, flag).at(-1);
}

/** Every value of a flag that may be given more than once, or with several values behind it. */
export function flagValues(args: readonly string[], flag: string): readonly string[] {
  const values: string[] = [];
  let reading = false;
  for (const arg of args) {
    if (!arg.startsWith("-")) {
      if (reading) values.push(arg);
      continue;
    }
    const [name, inline] = splitOnce(arg, "=");
    reading = name === flag && inline === undefined;
    if (name === flag && inline !== undefined) values.push(inline);
  }
  return values;
}

/** The variables that `--var NAME:value …` sets. */
export function givenVars(args: readonly string[]): ReadonlyMap<string, string> {
  const pairs = flagValues(args, "--var").flatMap((given) => {
    const [name, value] = splitOnce(given, ":");
    return value === undefined ? [] : [[name, value] as const];
  });
  return new Map(pairs);
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
