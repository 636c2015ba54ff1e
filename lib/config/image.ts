/** A container image at a pinned tag or digest. */
export class ImageRef {
  /** Parses `registry/repository:tag` or `registry/repository:tag@sha256:...`; a bad reference is reported by {@link problem}. */
  public static of(reference: string): ImageRef {
    return new ImageRef(reference);
  }

  private constructor(
    /** The reference as it appears in manifests. */
    public readonly reference: string,
  ) {}

  /** Why this reference cannot be used, or an empty string. A moving tag would restore with other tools than it backed up with. */
  public problem(): string {
    const match =
      /^[a-z0-9][a-z0-9._/-]*(?::\d+\/[a-z0-9._/-]+)?(?::([\w][\w.-]{0,127}))?(@sha256:[0-9a-f]{64})?$/.exec(
        this.reference,
      );
    if (match === null) {
      return 'is not an image reference';
    }
    const [, tag, digest] = match;
    if (tag === 'latest' || (tag === undefined && digest === undefined)) {
      return 'names no fixed version';
    }
    return '';
  }
}
