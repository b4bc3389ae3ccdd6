export { hostSha256 } from '#platform';
