declare const brand: unique symbol

/** An integer that indexes the rows of one table. The brand stops ids of two tables from mixing. */
export type Id<Name extends string> = number & { readonly [brand]: Name }

/** No row. Columns of ids hold it where nothing is meant. */
export const NONE = -1
