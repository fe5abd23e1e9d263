/** First start, sign-in, settings of the account, and the audit log. */
package io.resticfleet.server.page.account;
