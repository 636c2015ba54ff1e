import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The compiler emits only JavaScript; the scripts that constructs load at synth belong into the package too. */
for (const entry of readdirSync('lib', { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && /\.(sh|jq|awk|sql)$/.test(entry.name)) {
    const source = join(entry.parentPath, entry.name);
    cpSync(source, join('build', source));
  }
}
