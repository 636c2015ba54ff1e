import { down, status, up } from './cluster';
import { kubectl } from './control-plane';
import { buildGoBinaries, GO_MODULES } from './go-binaries';
import { attempt } from './run';

const USAGE = `usage: cli.ts up | down | status | build [module...] | kubectl ARGUMENT...`;

async function main([command, ...args]: string[]): Promise<void> {
  switch (command) {
    case 'up':
      return up();
    case 'down':
      return down();
    case 'status':
      return status();
    case 'build':
      return buildGoBinaries(args.length > 0 ? GO_MODULES.filter((name) => args.includes(name)) : GO_MODULES);
    case 'kubectl': {
      const outcome = await attempt(await kubectl(args));
      process.stdout.write(outcome.out);
      process.stderr.write(outcome.err);
      process.exitCode = outcome.code;
      return;
    }
    default:
      throw new Error(USAGE);
  }
}

main(process.argv.slice(2)).then(
  // Programs that were started go on; their handles must not keep this one.
  () => process.exit(),
  (error: Error) => {
    process.stderr.write(`error: ${error.message}\n`);
    process.exit(1);
  },
);
