/** The value of a flag, as `--port 9000` or `--port=9000`; undefined without it. */
export function flagValue(
  args: readonly string[],
  ...flags: readonly string[]
): string | undefined {
  for (const [at, arg] of args.entries()) {
    const [name, inline] = splitOnce(arg, "=");
    if (flags.includes(name)) return inline ?? args[at + 1];
  }
  return undefined;
}

/** The variables that `--var NAME:value …` sets; wrangler takes several values behind one flag. */
export function givenVars(args: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  let inVar = false;
  for (const arg of args) {
    const [name, inline] = splitOnce(arg, "=");
    const isFlag = arg.startsWith("-");
    const value = isFlag ? (name === "--var" ? inline : undefined) : inVar ? arg : undefined;
    inVar = isFlag ? name === "--var" && inline === undefined : inVar;
    if (value === undefined) continue;
    const [variable, content] = splitOnce(value, ":");
    if (content !== undefined) given.set(variable, content);
  }
  return given;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
