// All that a static host needs is one folder of the package.
import { cpSync } from 'node:fs';

cpSync(new URL('browser/', import.meta.resolve('sparsetag')), new URL('sparsetag/', import.meta.url), { recursive: true });
