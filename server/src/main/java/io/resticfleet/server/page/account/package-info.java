/** First start, sign-in, settings, and the audit log. */
package io.resticfleet.server.page.account;
