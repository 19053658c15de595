export interface ScoredImage {
  readonly score: number;
  readonly label: 'good' | 'defective';
  /** The defect's name (`crack`); not used for good images. */
  readonly defectClass: string;
  /** The physical part: images of one are not independent. Default: a part of its own. */
  readonly group?: string;
}
