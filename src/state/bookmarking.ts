/** Bookmarks the place that is shown. */
import type { ParseClient } from '../rpc/parse';
import type { Spot } from './history.svelte';
import type { Workbench } from './workbench.svelte';

/** `CONV_2D 3`, the name of a tensor, or what the model and its subgraph are called. */
async function nameOf(
  { workspace }: Workbench,
  { modelId, subgraph, selection }: Spot,
  parse: Pick<ParseClient, 'operator' | 'tensor'>,
): Promise<string> {
  if (selection?.kind === 'operator') {
    const { kind } = await parse.operator(modelId, subgraph, selection.index);
    return `${kind} ${selection.index}`;
  }
  if (selection) {
    const { name } = await parse.tensor(modelId, subgraph, selection.index);
    return name.trim() || `tensor ${selection.index}`;
  }
  const model = workspace.find(modelId);
  const named = model?.summary.subgraphs[subgraph]?.name?.trim();
  const part = subgraph === 0 ? '' : ` / ${named || `subgraph ${subgraph}`}`;
  return `${model?.title ?? ''}${part}`;
}

/** Adds a bookmark with a name made from what is selected, or tells that there is one. */
export async function bookmarkPlace(
  workbench: Workbench,
  parse: Pick<ParseClient, 'operator' | 'tensor'>,
): Promise<void> {
  const { active, subgraph, selection, notices } = workbench;
  const { bookmarks } = workbench.workspace;
  if (!active) return;
  const spot = { modelId: active.id, subgraph, selection };
  const known = bookmarks.at(spot);
  if (known) {
    notices.announce(`${known.name} is bookmarked already.`);
    return;
  }
  try {
    const name = await nameOf(workbench, spot, parse);
    // Closed while its name was being read.
    if (!workbench.workspace.find(spot.modelId)) return;
    bookmarks.add(spot, name);
    notices.announce(`Bookmarked ${name}.`);
  } catch (error) {
    if (workbench.workspace.find(spot.modelId)) notices.fail('The place was not bookmarked.', error);
  }
}
