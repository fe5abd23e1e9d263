/** Shared parts of all pages: layout, toasts, error pages and redirects. */
package io.resticfleet.server.page.frame;
