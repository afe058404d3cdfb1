import type { Route } from "../contract/route.ts";

export type RouteMatch =
  | { readonly found: true; readonly route: Route }
  | { readonly found: false; readonly model: string };

/**
 * The route of one request: what its `model` names, or, where the app gave a chain of its own, the
 * candidates of each name in turn under the first one's settings.
 */
export function matchRoute(
  routeFor: (model: string) => Route | null,
  model: string,
  chain: readonly string[] | null,
): RouteMatch {
  const routes: Route[] = [];
  for (const name of chain ?? [model]) {
    const route = routeFor(name);
    if (route === null) return { found: false, model: name };
    routes.push(route);
  }
  const [first] = routes;
  if (first === undefined) return { found: false, model };
  if (routes.length === 1) return { found: true, route: first };
  const candidates = routes.flatMap((route) => route.candidates);
  const unique = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  return { found: true, route: { ...first, candidates: [...unique.values()] } };
}
