/** Where several have to wait for each other. */

/** What all of `count` call and wait for; `act` is called once, when the last of them has come. */
export function barrier(
  count: number,
  act: () => Promise<unknown> = () => Promise.resolve(),
): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let come = 0;
  return async () => {
    if (++come === count) {
      await act();
      resolve();
    }
    await promise;
  };
}
