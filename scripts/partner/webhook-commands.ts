import type { Command } from 'commander';
import { type Act, addCommand, missing } from './add-command.ts';
import { changeEndpoint, type EndpointTarget, listEndpoints } from './endpoints.ts';
import { allowHost, denyHost, listHosts } from './hosts.ts';
import * as options from './options.ts';

const SELECTION = ['--endpoint <ENDPOINT_ID>', '--partner <NAME>'];

/** Adds the commands for the webhook endpoints of partners. */
export function addEndpointCommands(group: Command, act: Act): void {
  const takes = [options.partner, options.endpoint];
  const change = (name: 'disable' | 'enable' | 'delete', description: string) =>
    addCommand(group, name, SELECTION, takes)
      .description(description)
      .action(
        act<EndpointTarget>((values, context, command) =>
          values.partner === undefined && values.endpoint === undefined
            ? missing(command, '--endpoint, or --partner if the partner has only one')
            : changeEndpoint(name, values, context),
        ),
      );
  addCommand(group, 'list', ['[--partner <NAME>]', '[--endpoint <ENDPOINT_ID>]'], takes)
    .description('Lists the webhook endpoints of all partners, or of one.')
    .action(act<EndpointTarget>(listEndpoints));
  change('disable', 'Disables a webhook endpoint, which its partner cannot undo.');
  change('enable', 'Enables a disabled webhook endpoint, whoever or whatever disabled it.');
  change('delete', 'Deletes a webhook endpoint permanently.');
}

/** Adds the commands for the hosts to which webhooks are blocked. */
export function addHostCommands(group: Command, act: Act): void {
  const change = (name: string, perform: typeof denyHost, description: string) =>
    addCommand(group, name, ['<HOST>'], [])
      .addArgument(options.host)
      .description(description)
      .action((host: string, values: object, command: Command) =>
        act((_values, context) => perform(host, context))(values, command),
      );
  change('deny', denyHost, 'Blocks webhooks to a host and to all hosts below it.');
  change('allow', allowHost, 'Lets a denied host receive webhooks again.');
  addCommand(group, 'list', [''], [])
    .description('Lists the denied hosts.')
    .action(act((_values, context) => listHosts(context)));
}
