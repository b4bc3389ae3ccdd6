export { pauseForHost } from '#platform';
