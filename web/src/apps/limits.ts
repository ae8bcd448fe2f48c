/** Characters that the name of an app may have. */
export const APP_NAME_LIMIT = 100;
