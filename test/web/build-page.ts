import { buildPage } from '../helpers/page.js';

/** Once before all tests: the page as it is served, after the kernels. */
export const setup = buildPage;
