/** A picture of a page. */
export interface Picture {
  /** Name of its file, without anything that a URL or a file system minds. */
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}
