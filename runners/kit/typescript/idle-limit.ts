/**
 * A limit on silence: an HTTP response whose body fails when no byte arrives for a while.
 *
 * The `openai` package limits the time to the headers only, and hides from its caller bytes that are not yet an event,
 * so the limit stands between it and the network.
 */

/** The same response, with a body that ends in an error, and its connection closed, after `limitMs` without a byte. */
export function limitIdleTime(response: Response, limitMs: number): Response {
  if (response.body === null) return response;
  return new Response(limitBody(response.body, limitMs), response);
}

function limitBody(body: ReadableStream<Uint8Array>, limitMs: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        timer = setTimeout(() => {
          const silence = new Error(`no byte from the model for ${limitMs} ms`);
          controller.error(silence);
          // The body may have failed at the same moment; that it is over is all we want.
          reader.cancel(silence).catch(() => undefined);
        }, limitMs);
      },
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            timer?.refresh();
            controller.enqueue(value);
            return;
          }
          clearTimeout(timer);
          controller.close();
        } catch (error) {
          clearTimeout(timer);
          throw error;
        }
      },
      cancel(reason) {
        clearTimeout(timer);
        return reader.cancel(reason);
      },
    },
    // Nothing is read ahead: the reader of the stream, not this wrapper, decides how fast bytes leave the socket.
    { highWaterMark: 0 },
  );
}
