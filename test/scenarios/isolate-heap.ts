/** Asks a running workerd, by its inspector, what its isolate holds after a collection; MiB. */
export async function isolateHeap(inspector: string, url: string): Promise<number> {
  const socket = new WebSocket(`ws://${inspector}/main`);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const heap = new Promise<number>((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      const { id, result } = JSON.parse(String(data));
      if (id === 2) resolve(result.usedSize);
    });
  });
  socket.send(JSON.stringify({ id: 1, method: "HeapProfiler.collectGarbage" }));
  // An isolate collects when it next runs.
  await (await fetch(`${url}/healthz`)).text();
  socket.send(JSON.stringify({ id: 2, method: "Runtime.getHeapUsage" }));
  const bytes = await heap;
  socket.close();
  return Math.round((bytes / 1024 / 1024) * 10) / 10;
}
