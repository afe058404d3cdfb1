/** How names say of which day a model is: `-0709`, `-2024-08-06`, `-08-2024`, `-05-06`, `@20250514`, `-001`. */
const dated = /[-@](\d{4}-\d{2}-\d{2}|\d{2}-\d{4}|\d{2}-\d{2}|\d{8}|\d{6}|\d{4}|0\d{2})$/u;

interface NameParts {
  readonly base: string;
  /** Empty where the name leaves it open. */
  readonly day: string;
  readonly variant: string;
}

/**
 * Whether a model that was asked for by one name may call itself by the other: one of them says the
 * day, the variant (`:free`) or the maker, and the other leaves it open. Two days are two models.
 */
export function isSameModel(asked: string, answered: string): boolean {
  const [a, b] = [partsOf(asked), partsOf(answered)];
  return a.base === b.base && agree(a.day, b.day) && agree(a.variant, b.variant);
}

/** Whether the answer's name is that of the same model, but leaves out the variant (`:free`) that was asked for. */
export function dropsVariant(asked: string, answered: string): boolean {
  const said = partsOf(asked).variant !== "" && partsOf(answered).variant === "";
  return said && isSameModel(asked, answered);
}

function agree(a: string, b: string): boolean {
  return a === "" || b === "" || a === b;
}

function partsOf(name: string): NameParts {
  const own = name.toLowerCase().split("/").at(-1) ?? "";
  const [plain = "", variant = ""] = own.split(":");
  const undated = plain.replace(dated, "");
  const day = plain.slice(undated.length + 1);
  return { base: undated.replace(/-latest$/u, ""), day, variant };
}
