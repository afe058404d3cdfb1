/** What Lifeboat is measured against: the least that a Worker in front of a provider can do. */
export default {
  fetch(request: Request, env: { readonly UPSTREAM: string }): Promise<Response> {
    const { pathname } = new URL(request.url);
    return fetch(env.UPSTREAM + pathname, {
      method: request.method,
      headers: { "content-type": "application/json" },
      body: request.body,
    });
  },
};
