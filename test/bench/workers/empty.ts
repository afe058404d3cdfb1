/** What start-up is measured against: a Worker that does nothing. */
export default {
  fetch(): Response {
    return new Response("ok");
  },
};
