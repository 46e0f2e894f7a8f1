/** No row. Columns of ids hold it where nothing is meant. */
export const NONE = -1
