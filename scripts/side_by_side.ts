/** Work that is mostly waiting. */

/** What `use` makes of each item, in their order. So many are under way at a time, begun one after the other. */
export async function mapSideBySide<Item, Made>(
  items: readonly Item[],
  width: number,
  use: (item: Item) => Promise<Made>,
): Promise<Made[]> {
  const made: Made[] = [];
  const waiting = items.entries();
  const work = async (): Promise<void> => {
    // All of them take from the same iterator.
    for (const [i, item] of waiting) made[i] = await use(item);
  };
  await Promise.all(Array.from({ length: width }, work));
  return made;
}
