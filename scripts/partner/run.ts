import type { Context } from './context.ts';
import { addCredential, createPartner } from './create.ts';
import { remove } from './delete.ts';
import { changeAccess } from './disabling.ts';
import { listPartners } from './list.ts';
import { readCommand, readOptions } from './options.ts';
import { rotate } from './rotate.ts';
import { taskOf } from './task.ts';
import type { Outcome } from './view.ts';

/**
 * Does what a command line asks for.
 *
 * @param args begin with the command.
 * @param contextOf gives the local database, or the deployed one.
 * @throws Failure when it is not done.
 */
export async function run(
  args: readonly string[],
  contextOf: (remote: boolean) => Context,
): Promise<Outcome> {
  const written = readOptions(readCommand(args), args.slice(1));
  const context = contextOf(written.remote);
  const task = taskOf(written, context.now);
  switch (task.does) {
    case 'create':
      return createPartner(task.name, task.scopes, context);
    case 'add':
      return addCredential(task.partner, task.wish, context);
    case 'list':
      return listPartners(task.partner, context);
    case 'delete':
      return remove(task.target, context);
    case 'rotate':
      return rotate(task.target, task.overlap, context);
    default:
      return changeAccess(task.does, task.target, context);
  }
}
