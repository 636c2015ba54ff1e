import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IMAGES, type ImageRecipe } from '../images';
import { VERSIONS } from '../versions';
import { requireFreeDisk } from './disk';
import { goBinary } from './go-binaries';
import { step } from './log';
import { CACHED } from './paths';
import { testAuthority } from './pki';
import { run } from './run';

const CA_BUNDLE = 'etc/ssl/certs/ca-certificates.crt';

/** Builds the images that are missing in the cache, and returns the archive of each. */
export async function buildImages(): Promise<string[]> {
  const authority = await testAuthority();
  const archives: string[] = [];
  for (const [name, recipe] of Object.entries<ImageRecipe>(IMAGES)) {
    const archive = join(CACHED.images, `${name}-${keyOf(recipe, authority.certificate)}.tar`);
    if (!existsSync(archive)) {
      await requireFreeDisk(CACHED.work, 3, 'building images');
      await step(`building image ${recipe.reference}`, () => build(recipe, authority.certificate, archive));
    }
    archives.push(archive);
  }
  return archives;
}

function keyOf(recipe: ImageRecipe, authority: string): string {
  const binaries = Object.values(recipe.binaries ?? {}).map(goBinary);
  const made = JSON.stringify([recipe, VERSIONS.debian, binaries, authority]);
  return createHash('sha256').update(made).digest('hex').slice(0, 12);
}

async function build(recipe: ImageRecipe, authority: string, archive: string): Promise<void> {
  const work = join(CACHED.work, 'image');
  await rm(work, { recursive: true, force: true });
  const root = join(work, 'root');
  await mkdir(root, { recursive: true });
  await chmod(root, 0o755);
  if (recipe.debian === undefined) {
    await bareRoot(recipe, authority, root);
  } else {
    await debianRoot(recipe, recipe.debian, authority, work);
  }
  for (const [path, binary] of Object.entries(recipe.binaries ?? {})) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(goBinary(binary), join(root, path));
    await chmod(join(root, path), 0o755);
  }
  await pack(recipe, root, work);
  await mkdir(CACHED.images, { recursive: true });
  await rename(join(work, 'archive.tar'), archive);
  await rm(work, { recursive: true, force: true });
}

/** As `FROM scratch`, or as Alpine with busybox: certificates, a temporary folder, and no package manager. */
async function bareRoot(recipe: ImageRecipe, authority: string, root: string): Promise<void> {
  if (recipe.unpacked !== undefined) {
    await unpack(recipe.unpacked, root);
  }
  for (const folder of ['bin', 'tmp', 'etc', dirname(CA_BUNDLE)]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await chmod(join(root, 'tmp'), 0o1777);
  await writeFile(join(root, CA_BUNDLE), authority);
  await writeFile(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  );
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nnobody:x:65534:\n');
  if (recipe.busybox !== undefined) {
    await copyFile('/bin/busybox', join(root, 'bin/busybox'));
    for (const applet of recipe.busybox) {
      await symlink('busybox', join(root, 'bin', applet));
    }
  }
}

/** Packages and the libraries that they need, without installing anything; the links that a merged /usr needs are made by hand. */
async function unpack(packages: readonly string[], root: string): Promise<void> {
  await rm(root, { recursive: true });
  const variant = ['--variant=extract', `--include=${packages.join(',')}`];
  await run(['mmdebstrap', '--quiet', '--mode=root', '--format=directory', ...variant, VERSIONS.debian, root], {
    timeoutSeconds: 300,
  });
  for (const folder of ['var', 'etc', 'dev', 'usr/share']) {
    await rm(join(root, folder), { recursive: true, force: true });
  }
  for (const folder of ['lib', 'lib64']) {
    await symlink(`usr/${folder}`, join(root, folder));
  }
  await chmod(root, 0o755);
}

async function debianRoot(
  recipe: ImageRecipe,
  packages: readonly string[],
  authority: string,
  work: string,
): Promise<void> {
  const root = join(work, 'root');
  const hooks = (recipe.setUp ?? []).map((command) => `chroot "$1" ${command}`);
  await writeFile(join(work, 'test-ca.crt'), authority);
  hooks.push(`cp '${work}/test-ca.crt' "$1/usr/local/share/ca-certificates/"`, 'chroot "$1" update-ca-certificates');
  if (recipe.python !== undefined) {
    hooks.push(...pythonHooks(recipe.python));
  }
  await rm(root, { recursive: true });
  await run(
    [
      'mmdebstrap',
      '--quiet',
      '--mode=root',
      '--format=directory',
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      '--aptopt=Acquire::Languages "none"',
      ...['doc', 'man', 'locale', 'info'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
      // Its post-installation script would otherwise start a cluster of its own.
      '--essential-hook=mkdir -p "$1/etc/postgresql-common" && echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.conf"',
      ...hooks.map((hook) => `--customize-hook=${hook}`),
      VERSIONS.debian,
      root,
    ],
    { timeoutSeconds: 900 },
  );
}

/** Installs packages with the image's own Python, but with the machine's way to the package index: its certificates and settings. */
function pythonHooks(packages: readonly string[]): string[] {
  const names = packages.map((name) => `'${name}'`).join(' ');
  return [
    'cp /etc/ssl/certs/ca-certificates.crt "$1/tmp/machine-ca.crt"',
    '[ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$1/etc/pip.conf"',
    'chroot "$1" python3 -m venv --system-site-packages /venv',
    `chroot "$1" env PIP_CERT=/tmp/machine-ca.crt SSL_CERT_FILE=/tmp/machine-ca.crt /venv/bin/pip install --quiet --no-cache-dir --only-binary :all: ${names}`,
    'rm -f "$1/tmp/machine-ca.crt" "$1/etc/pip.conf"',
  ];
}

/** Packs a root folder as a docker archive with one layer. */
async function pack(recipe: ImageRecipe, root: string, work: string): Promise<void> {
  const layer = join(work, 'layer.tar');
  await run(['tar', '-C', root, '--numeric-owner', '--exclude=./dev/*', '--exclude=./proc/*', '-cf', layer, '.']);
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: recipe.config,
    rootfs: { type: 'layers', diff_ids: [`sha256:${await sha256(layer)}`] },
    history: [{ created_by: 'cdk8s-dr proving ground' }],
  });
  const manifest = [{ Config: 'config.json', RepoTags: [recipe.reference], Layers: ['layer.tar'] }];
  await writeFile(join(work, 'config.json'), config);
  await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
  await run(['tar', '-C', work, '-cf', join(work, 'archive.tar'), 'manifest.json', 'config.json', 'layer.tar']);
}

function sha256(file: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    createReadStream(file)
      .on('data', (chunk) => hash.update(chunk))
      .on('error', reject)
      .on('end', () => resolve(hash.digest('hex')));
  });
}
