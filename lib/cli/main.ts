#!/usr/bin/env node
import { RestoreError } from '../recovery';
import { restoreCommand } from './restore-command';
import { USAGE } from './restore-options';

const [command = '', ...args] = process.argv.slice(2);
try {
  if (command === 'restore' && !args.includes('--help')) {
    const { out, err } = restoreCommand(args, new Date());
    process.stderr.write(err);
    process.stdout.write(out);
  } else {
    const asked = ['', 'help', '--help', 'restore'].includes(command);
    (asked ? process.stdout : process.stderr).write(
      asked ? USAGE : `error: there is no command ${command}\n\n${USAGE}`,
    );
    process.exitCode = asked ? 0 : 2;
  }
} catch (error) {
  if (!(error instanceof RestoreError)) {
    throw error;
  }
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 1;
}
