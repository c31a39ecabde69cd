import { accept, askForPauses, failAtRandom, hang } from './behaviours.ts';
import { Receiver } from './receiver.ts';

/** The receivers of the check, by their names. */
export type Receivers = Readonly<
  Record<'healthy' | 'flaky' | 'hanging' | 'busy' | 'killed', Receiver>
>;

/** Starts the receivers. */
export async function startReceivers(): Promise<Receivers> {
  const receivers: Receivers = {
    healthy: new Receiver('healthy', accept),
    flaky: new Receiver('flaky', failAtRandom),
    hanging: new Receiver('hanging', hang),
    busy: new Receiver('busy', askForPauses),
    killed: new Receiver('killed', accept),
  };
  for (const receiver of Object.values(receivers)) {
    await receiver.start();
  }
  return receivers;
}

/** Ends the receivers. */
export async function endReceivers(receivers: Receivers): Promise<void> {
  await Promise.all(Object.values(receivers).map((receiver) => receiver.kill()));
}
