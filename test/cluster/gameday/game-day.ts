import type { DatabasePlan } from '../../../lib';
import { draw } from '../../support/draw';
import { say } from '../machine/log';
import { until } from '../machine/run';
import { baseBackup } from '../support/archive';
import { healthy, loadSampleData } from '../support/database';
import { kubectl } from '../support/kubectl';
import { removeNamespace } from '../support/provide';
import { cronJobs, databaseOf, install, type Site, suspend } from '../support/site';
import { Store } from '../support/store';
import { Disaster, disasterOf, giveUp, strike } from './disasters';
import { createHeartbeats, Load, recovered } from './load';
import { printedRestore } from './printed-restore';
import type { Result } from './result';
import { resultOf } from './result';
import { Shell } from './shell';
import { gameSite } from './site';

/** What games are played with. */
export interface Rules {
  readonly seed: number;
  /** Objective of the database in seconds, from which the plan derives the archive timeout. */
  readonly rpo: number;
}

/** A disaster strikes in the first so many archive timeouts after a base backup, so that it meets a segment at any age. */
const TIMEOUTS = 2;

/** A database that is lost and recovered, again and again; every game begins with what the one before has left. */
export class GameDays {
  /** Number of the game to come, from 1. */
  private game = 1;
  private generation = 1;

  /** Installs the site, and waits until it could lose its Cluster: it has a base backup, and somebody writes to it. */
  public static async begin(rules: Rules): Promise<GameDays> {
    const site = gameSite(rules.rpo, 1);
    const database = databaseOf(site);
    await removeNamespace(site.plan.namespace);
    const store = await Store.open(site.plan.storage);
    await store.removeAll(database.path);
    await install(site);
    await suspend(cronJobs(site), true);
    await healthy(database);
    await loadSampleData(database);
    await createHeartbeats(database);
    const load = await Load.start(store.toolbox, database, 1);
    await baseBackup(database, store);
    return new GameDays(rules, await Shell.open(), store, site, load);
  }

  private constructor(
    private readonly rules: Rules,
    private readonly shell: Shell,
    private readonly store: Store,
    private site: Site,
    private load: Load,
  ) {}

  /** Plays one game. */
  public async play(): Promise<Result> {
    const { seed, rpo } = this.rules;
    const { game, site, load } = this;
    const database = databaseOf(site);
    const disaster = disasterOf(game, draw(seed, 0, 'disaster'));
    const moment = draw(seed, game, 'moment') * TIMEOUTS * database.archive.archiveTimeout;
    say(`game ${game}: ${disaster} in ${moment.toFixed(1)} s`);
    await pause(moment);
    if (!load.writes) {
      throw new Error('the application lost its connection before any disaster');
    }

    const struck = Date.now();
    await strike(disaster, database);
    if (disaster === Disaster.WIPED) {
      await giveUp(database);
    }
    const printed = await printedRestore(this.shell.folder, site, database.name);
    await until('a namespace without anything of the Cluster', 120, () =>
      this.shell.paste(printed.before.at(-1) ?? ''),
    );
    load.stop();

    const applied = Date.now();
    await this.shell.paste(printed.create, printed.manifests);
    this.load = await this.firstWrite(database);
    const written = Date.now();
    const held = await recovered(database, game);
    await this.shell.paste(printed.wait);
    const [validate = '', ...after] = printed.after;
    const checks = await this.shell.paste(validate);
    const validated = Date.now();
    for (const block of after) {
      await this.shell.paste(block);
    }
    await healthy(database);

    this.game += 1;
    this.generation += 1;
    this.site = gameSite(rpo, this.generation);
    await sync(this.site);
    return resultOf({ game, disaster, moment, site, load, held, checks, struck, applied, written, validated });
  }

  /** Removes all that the games have made. */
  public async end(): Promise<void> {
    this.load.stop();
    this.shell.close();
    await removeNamespace(this.site.plan.namespace);
    await this.store.removeAll(databaseOf(this.site).path);
  }

  /** The application tries until the Service takes a write; each attempt asks for the password of that moment. */
  private async firstWrite(database: DatabasePlan): Promise<Load> {
    let load: Load | undefined;
    await until(
      'a write through the Service',
      900,
      async () => {
        try {
          load = await Load.start(this.store.toolbox, database, this.game + 1);
          return '';
        } catch (error) {
          return (error as Error).message;
        }
      },
      500,
    );
    return load as Load;
  }
}

/** What a GitOps controller does with the manifests of the next generation; the recovered Cluster becomes an ordinary one. */
async function sync(site: Site): Promise<void> {
  await kubectl(['apply', '-f', '-'], { input: [...site.files.values()].join('---\n') });
  await suspend(cronJobs(site), true);
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
