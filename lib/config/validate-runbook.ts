import { RFC_1123_LABEL } from './names';
import type { Problems } from './problem';
import type { RunbookConfig } from './runbook';
import { secondsOf } from './units';
import { requireName } from './validate-values';

const PATH = 'runbook';
const DAY = 86400;

/** Checks what the runbook is told. */
export function validateRunbook(runbook: RunbookConfig, problems: Problems): void {
  const { namespace, contacts = [], validationInterval, trainingInterval, failoverInterval } = runbook;
  if (namespace !== undefined) {
    requireName(namespace, `${PATH}.namespace`, RFC_1123_LABEL, 63, problems);
  }
  contacts.forEach((contact, index) => {
    if (contact.trim() === '' || /[\r\n]/.test(contact)) {
      problems.add('contact-invalid', `${PATH}.contacts[${index}]`, contact, 'must be one line', 'use Name: telephone');
    }
  });
  for (const [name, interval] of Object.entries({ validationInterval, trainingInterval, failoverInterval })) {
    if (interval !== undefined && secondsOf(interval) < DAY) {
      problems.add(
        'interval-too-short',
        `${PATH}.${name}`,
        `${secondsOf(interval)} s`,
        'must be at least a day: people do it',
        'use Duration.days(30)',
      );
    }
  }
}
